// Tables of staff pages: sorted by a press on a heading, by keyboard too, and saved as they are seen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { accessible, quiet, start } from './harness.mjs';

const server = await start({ demo: true });

// Does what leads to another page, and waits until all of that is there: rows are read as they are, not waited for.
const leads = (page, act) => Promise.all([page.waitForNavigation(), act()]);

test('a list is sorted, narrowed and saved by its address, by keyboard too and without script', async () => {
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/surveys', script: false });
  const table = page.locator('table').first();
  const column = (n) => table.locator(`tbody tr > :nth-child(${n})`).allInnerTexts();
  const complete = table.locator('thead th', { hasText: 'Complete' });
  const at = 1 + (await table.locator('thead th').allInnerTexts()).findIndex((said) => said.trim() === 'Complete');
  const numbers = async () => (await column(at)).map((said) => Number(said.replace(/\D/g, '')));
  // What is counted begins with the most.
  await leads(page, () => complete.locator('a').click());
  assert.equal(await complete.getAttribute('aria-sort'), 'descending');
  const falling = await numbers();
  assert.ok(falling.length > 2);
  assert.deepEqual(falling, [...falling].sort((a, b) => b - a));
  await complete.locator('a').focus();
  await leads(page, () => page.keyboard.press('Enter'));
  assert.match(page.url(), /sort=complete/);
  assert.equal(await complete.getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await numbers(), [...falling].reverse());
  await page.locator('.filter-box summary').first().click();
  await page.fill('#t-q', 'e');
  await page.selectOption('#t-state', 'closed');
  await leads(page, () => page.keyboard.press('Enter'));
  for (const said of [/state=closed/, /q=e/, /sort=complete/]) assert.match(page.url(), said);
  await leads(page, () => page.locator('.filter-box button').first().click());
  for (const said of [/state=closed/, /q=e/, /sort=complete/]) assert.match(page.url(), said);
  const titles = await column(1);
  const [saved] = await Promise.all([page.waitForEvent('download'), page.locator('.pages a', { hasText: 'CSV' }).click()]);
  assert.equal(saved.suggestedFilename(), 'surveys.csv');
  const lines = readFileSync(await saved.path(), 'utf8').trimEnd().split('\r\n');
  assert.ok(lines[0].startsWith('\ufeffWindow,Start,State,'));
  assert.deepEqual(lines.slice(1).map((line) => line.split(',')[0].replaceAll('"', '')), titles.map((t) => t.split(',')[0]));
  quiet(page);
});

test('a small table of figures is sorted, told to a screen reader, and saved in that order', async () => {
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/insights' });
  const table = page.locator('table').last();
  const column = (n) => table.locator(`tbody tr > :nth-child(${n})`).allInnerTexts();
  const counts = table.locator('thead th').nth(1);
  await counts.locator('button').click();
  assert.equal(await counts.getAttribute('aria-sort'), 'ascending');
  const rising = (await column(2)).map(Number);
  assert.ok(rising.length > 1);
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  await counts.locator('button').focus();
  await page.keyboard.press('Enter');
  assert.equal(await counts.getAttribute('aria-sort'), 'descending');
  await accessible(page);
  const [saved] = await Promise.all([page.waitForEvent('download'), page.locator('.table-tools button').last().click()]);
  assert.equal(saved.suggestedFilename(), 'Figures.csv');
  const lines = readFileSync(await saved.path(), 'utf8').trimEnd().split('\r\n');
  assert.deepEqual(lines.slice(1).map((line) => Number(line.split(',')[1])), [...rising].reverse());
  quiet(page);
});

test('the audit log is sorted as a whole by its headings, page after page, without script', async () => {
  // Sixty rows more, so that the log has a second page.
  for (let n = 0; n < 30; n += 1) await server.run(['token', 'create', '--role', 'viewer', '--name', `table ${n}`]);
  const page = await server.world({ lang: 'en', as: 'administrator', path: '/admin/audit', script: false });
  await leads(page, () => page.locator('thead th', { hasText: 'What' }).locator('a').click());
  assert.match(page.url(), /sort=what/);
  const acts = [];
  for (;;) {
    assert.equal(await page.locator('thead th', { hasText: 'What' }).getAttribute('aria-sort'), 'ascending');
    acts.push(...await page.locator('tbody tr > :nth-child(3)').allInnerTexts());
    const next = page.locator('.pages [rel=next]');
    if (!await next.count()) break;
    await leads(page, () => next.click());
  }
  assert.ok(acts.length > 50);
  assert.deepEqual(acts, [...acts].sort(new Intl.Collator('en', { numeric: true }).compare));
  quiet(page);
});

test('what people wrote, and how they can be reached, is saved by the server alone', async () => {
  const page = await server.world({ lang: 'en', as: 'administrator', path: '/admin/' });
  for (const path of ['/admin/', '/admin/reports', '/admin/people', '/admin/surveys', '/admin/audit', '/admin/surveys/yunfan-finance-core-system-upgrade/invitations', '/admin/surveys/yunfan-finance-core-system-upgrade/responses']) {
    await page.goto(path);
    assert.ok(await page.locator('tbody tr').count(), path);
    assert.equal(await page.locator('.table-tools').count(), 0, path);
    await accessible(page);
  }
  quiet(page);
});

test('tables with fields, and those that the server sorts, are left alone', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'administrator', path: '/admin/triage' });
  assert.equal(await page.locator('.sort, .table-tools').count(), 0);
  await page.goto('/admin/reports');
  assert.equal(await page.locator('.sort, .table-tools').count(), 0);
});

test('what is saved is guarded as exports are, and one row is saved too', async () => {
  // The same texts that the exports' own test has, so that the two rules stay one.
  const rule = readFileSync(fileURLToPath(new URL('../../src/export/guard.rs', import.meta.url)), 'utf8');
  const [guarded, plain] = [...rule.matchAll(/for text in (\[[^\]]*\])/g)].slice(0, 2).map(([, list]) => JSON.parse(list));
  assert.ok(guarded.includes('＝1') && plain.includes("'quoted'"));
  // Tabs and line ends are one blank by the time they are shown.
  const texts = [...guarded, ...guarded.map((t) => `'${t}`), ...plain].filter((t) => t && !/[\t\r\n]/.test(t));
  const page = await server.world({ lang: 'en', as: 'support' });
  let rows = texts.map((t) => `<tr><td>${t}</td><td class="n">-3</td></tr>`).join('');
  await page.route('**/admin/surveys', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace(/<section class="table-scroll"[^]*?<\/section>/, () => `<section class="table-scroll"><table><thead><tr><th>Text</th><th class="n">Number</th></tr></thead><tbody>${rows}</tbody></table></section>`);
    await route.fulfill({ response: answer, body });
  });
  const saved = async () => {
    await page.goto('/admin/surveys');
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.table-tools button').first().click()]);
    return readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n').slice(1);
  };
  const begins = new Set([...guarded, ...guarded.map((t) => `'${t}`)]);
  assert.deepEqual(await saved(), texts.map((t) => `${begins.has(t) ? "'" : ''}${t},-3`));
  rows = '<tr><td>alone</td><td class="n">1</td></tr>';
  assert.deepEqual(await saved(), ['alone,1']);
  assert.equal(await page.locator('table').first().locator('.sort').count(), 0, 'a single row is not sorted');
  quiet(page);
});

test('a press on print opens one dialog', async () => {
  const page = await server.world({ lang: 'en', as: 'support' });
  await page.addInitScript(() => { let n = 0; window.print = () => { n += 1; document.documentElement.dataset.printed = n; }; });
  const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
  await page.goto(`/admin/insights/${items.find((w) => w.state === 'completed').slug}/review`);
  await page.click('[data-print]');
  assert.equal(await page.locator('html').getAttribute('data-printed'), '1');
});
