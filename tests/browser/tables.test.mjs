// Tables of staff pages: sorted by a press on a heading, by keyboard too, and saved as they are seen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { accessible, quiet, start } from './harness.mjs';

const server = await start({ demo: true });

test('a table is sorted, told to a screen reader, and saved in that order', async () => {
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/surveys' });
  const table = page.locator('table').first();
  const column = (n) => table.locator(`tbody tr > :nth-child(${n})`).allInnerTexts();
  const complete = table.locator('thead th', { hasText: 'Complete' });
  const at = await complete.evaluate((th) => th.cellIndex + 1);
  const numbers = async () => (await column(at)).map((said) => Number(said.replace(/\D/g, '')));
  await complete.locator('button').click();
  assert.equal(await complete.getAttribute('aria-sort'), 'ascending');
  const rising = await numbers();
  assert.ok(rising.length > 2);
  assert.deepEqual(rising, [...rising].sort((a, b) => a - b));
  await complete.locator('button').focus();
  await page.keyboard.press('Enter');
  assert.equal(await complete.getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await numbers(), [...rising].reverse());
  await table.locator('thead th').first().locator('button').click();
  assert.equal(await complete.getAttribute('aria-sort'), null);
  const titles = await column(1);
  assert.deepEqual(titles, [...titles].sort(new Intl.Collator('en', { numeric: true }).compare));
  await accessible(page);

  const [saved] = await Promise.all([page.waitForEvent('download'), page.locator('.table-tools button').first().click()]);
  assert.equal(saved.suggestedFilename(), 'Surveys.csv');
  const lines = readFileSync(await saved.path(), 'utf8').split('\r\n');
  assert.ok(lines[0].startsWith('\ufeffWindow,State,'));
  assert.deepEqual(lines.slice(1, 1 + titles.length).map((line) => line.split(',')[0].replaceAll('"', '')), titles.map((t) => t.split(',')[0]));
  quiet(page);
});

test('of a list that goes on the rows of this page are sorted, and it is said', async () => {
  // Thirty rows more, so that the log has a second page.
  for (let n = 0; n < 30; n += 1) await server.run(['token', 'create', '--role', 'viewer', '--name', `table ${n}`]);
  const page = await server.world({ lang: 'en', as: 'administrator', path: '/admin/audit' });
  const heading = page.locator('thead th').nth(2);
  assert.equal(await page.locator('.pages [rel=next]').count(), 1);
  assert.match(await heading.locator('button').getAttribute('title'), /this page/);
  await heading.locator('button').click();
  const acts = await page.locator('tbody tr > :nth-child(3)').allInnerTexts();
  assert.ok(acts.length > 10);
  assert.deepEqual(acts, [...acts].sort(new Intl.Collator('en', { numeric: true }).compare));
  await accessible(page);
  quiet(page);
});

test('tables with fields, and those that the server sorts, are left alone', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'administrator', path: '/admin/triage' });
  assert.equal(await page.locator('.sort, .table-tools').count(), 0);
  await page.goto('/admin/reports');
  assert.equal(await page.locator('.sort, .table-tools').count(), 0);
});
