// Triage by keyboard alone: what came in is found, read beside the list, taken, answered, moved on and changed
// together with others, without a mouse; and a new report is announced without anything moving.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, flaws, quiet, report as send, shoot, start, tabTo } from './harness.mjs';

let server;
before(async () => { server = await start({ demo: true }); });

const report = async (description) => (await send(server, description)).reference;

const focused = (page) => page.evaluate(() => document.activeElement?.closest('tr[data-report]')?.dataset.report ?? '');
const beside = (page) => page.evaluate(() => document.querySelector('#report')?.dataset.reference ?? '');

test('somebody triages by keyboard alone', async () => {
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/reports?status=new' });
  page.on('dialog', () => assert.fail('no dialog is expected'));
  // j and k walk the list, and stop at its ends.
  await page.keyboard.press('j');
  const first = await focused(page);
  assert.match(first, /^R-/);
  await page.keyboard.press('k');
  assert.equal(await focused(page), first);
  await page.keyboard.press('j');
  const second = await focused(page);
  assert.notEqual(second, first);
  // Enter opens the report beside the list, which stays; a takes it.
  await page.keyboard.press('Enter');
  await page.waitForFunction((name) => document.querySelector('#report')?.dataset.reference === name, second);
  assert.equal(new URL(page.url()).searchParams.get('open'), second);
  await page.keyboard.press('a');
  await page.waitForSelector('#report [role=status]');
  assert.match(await page.locator('#report').innerText(), /test-support/);
  // s goes to the status; the keyboard chooses and saves; the row stays where it is.
  const before = await page.locator('tr[data-report]').evaluateAll((rows) => rows.map((row) => row.dataset.report));
  await page.keyboard.press('s');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'status');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#report .status-in_progress'));
  const after = await page.locator('tr[data-report]').evaluateAll((rows) => rows.map((row) => row.dataset.report));
  assert.deepEqual(after, before, 'the list moved while somebody read');
  assert.ok(await page.locator(`tr[data-report="${second}"].gone`).count(), 'a row that no longer fits is marked');
  // r answers; a canned answer is put in; Escape leads back to the list.
  await page.keyboard.press('r');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'answer');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  assert.ok((await page.inputValue('#answer')).length > 10, 'the canned answer was inserted');
  await page.keyboard.type(' Thank you!');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /Thank you!/.test(document.querySelector('#report .timeline')?.innerText ?? ''));
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), second);
  // With the pane open, j shows the next one in it.
  await page.keyboard.press('j');
  const third = await focused(page);
  await page.waitForFunction((name) => document.querySelector('#report')?.dataset.reference === name, third);
  await accessible(page);
  await fits(page);
  await shoot(page, 'triage-pane');
  // x selects; several are changed together, confirmed and taken back.
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  assert.equal(await page.locator('[data-chosen]').innerText(), '2');
  // What comes beside the list takes its row's place anew, and with it the focus that is there.
  await page.waitForFunction((name) => document.querySelector('#report')?.dataset.reference === name, await focused(page));
  await tabTo(page, '#bulk-box > summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '#b-severity');
  await page.keyboard.type('High');
  await tabTo(page, '#bulk button[type=submit]');
  await Promise.all([page.waitForURL(/\/admin\/bulk\/\d+$/), page.keyboard.press('Enter')]);
  assert.match(await page.locator('h1').innerText(), /Change 2 reports\?/);
  await accessible(page);
  await tabTo(page, 'button[value=confirm]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(await page.locator('h1').innerText(), /2 reports are done/);
  await accessible(page);
  await tabTo(page, 'button[value=undo]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.match(await page.locator('.figures').innerText(), /Changed\s+2/);
  quiet(page);
  await page.context().close();
});

test('search, the list of keys, and keys that can be turned off', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', path: '/admin/reports' });
  await page.keyboard.press('?');
  assert.ok(await page.locator('#shortcuts').evaluate((box) => box.open));
  assert.match(await page.locator('#shortcuts').innerText(), /下一条/);
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-q');
  // Typing is typing.
  await page.keyboard.type('jxa');
  assert.equal(await page.inputValue('#f-q'), 'jxa');
  await page.fill('#f-q', 'invalid_grant');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.equal(new URL(page.url()).searchParams.get('q'), 'invalid_grant');
  assert.ok(await page.locator('tr[data-report]').count() > 0);
  await page.keyboard.press('?');
  await page.uncheck('[data-keys]');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  assert.equal(await focused(page), '');
  await page.check('[data-keys]');
  quiet(page);
  await page.context().close();
});

const place = (page) => page.locator('tr[data-report]').evaluateAll((rows) => rows.map((row) => [row.dataset.report, Math.round(row.getBoundingClientRect().top)]).filter(([, top]) => top > 0 && top < innerHeight));
// Rows are not whole pixels high, and pages are scrolled by whole ones.
const unmoved = async (page, before) => {
  const after = new Map(await place(page));
  for (const [name, top] of before) assert.ok(Math.abs(after.get(name) - top) <= 1, `${name} moved from ${top} to ${after.get(name)}`);
};

test('a new report is announced and nothing moves; it joins the list when one asks for it', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', path: '/admin/reports?sort=newest' });
  await page.locator('tr[data-report] .to-pane').nth(2).click();
  await page.waitForSelector('#report');
  await page.locator('tr[data-report] input[name=report]').nth(4).check();
  await page.evaluate(() => { document.body.dataset.loaded = 'once'; });
  const before = await place(page), opened = await beside(page);
  await report('键盘测试：登录后白屏');
  await page.waitForSelector('.news a:not([hidden])');
  assert.match(await page.locator('.news').innerText(), /1 条新反馈.*键盘测试：登录后白屏/s);
  assert.match(await page.title(), /^\(1\)/);
  await unmoved(page, before);
  await shoot(page, 'triage-news');
  await page.click('.news a');
  const came = page.locator('tr[data-report]', { hasText: '键盘测试：登录后白屏' });
  await came.waitFor();
  assert.match(await came.innerText(), /刚收到/);
  assert.equal(await focused(page), await came.getAttribute('data-report'));
  assert.ok(await page.locator('.news a').isHidden());
  // What one was at is as it was: the page was not loaded again.
  assert.equal(await page.evaluate(() => document.body.dataset.loaded), 'once');
  assert.equal(await beside(page), opened);
  assert.equal(await page.locator('[data-chosen]').innerText(), '1');
  assert.doesNotMatch(await page.title(), /^\(/);
  // What floats over the list while one scrolls or ticks lies over half a box at its edge, wherever that is just now.
  await page.locator('tr[data-report] input:checked').uncheck();
  await page.evaluate(() => scrollTo(0, 0));
  await accessible(page);
  await shoot(page, 'triage-news-shown');
  // It is a row as any other.
  await came.locator('.to-pane').focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('#report .prose, #report')?.innerText.includes('键盘测试：登录后白屏'));
  quiet(page);
  await page.context().close();
});

test('what comes in out of sight joins the list by itself, above and below', async () => {
  const above = await server.world({ lang: 'en', as: 'support', path: '/admin/reports?sort=newest' });
  const below = await server.world({ lang: 'en', as: 'support', path: '/admin/reports?sort=oldest&q=outofsight' });
  // The list that has nothing yet begins when one asks for it.
  assert.equal(await below.locator('tr[data-report]').count(), 0);
  await above.locator('tr[data-report]').nth(20).scrollIntoViewIfNeeded();
  await above.evaluate(() => scrollTo({ top: document.querySelectorAll('tr[data-report]')[10].getBoundingClientRect().top + scrollY, behavior: 'instant' }));
  const before = await place(above);
  assert.ok(before.length > 2);
  await report('outofsight one');
  await above.locator('tr[data-report]', { hasText: 'outofsight one' }).waitFor({ state: 'attached' });
  await unmoved(above, before);
  // The bar leads to it.
  await above.locator('.news a:not([hidden])').click();
  assert.ok(await above.locator('tr[data-report]', { hasText: 'outofsight one' }).evaluate((row) => row.getBoundingClientRect().top >= 0));
  await below.locator('.news a:not([hidden])').waitFor({ timeout: 20_000 });
  await below.keyboard.press('n');
  await below.locator('tr[data-report]', { hasText: 'outofsight one' }).waitFor();
  assert.equal(await below.locator('.empty').count(), 0);
  // A list that ends within sight: what comes at its end moves nothing, but it is seen when one asks.
  await report('outofsight two');
  await below.locator('.news a:not([hidden])').waitFor({ timeout: 20_000 });
  assert.equal(await below.locator('tr[data-report]').count(), 1);
  await below.keyboard.press('n');
  await below.locator('tr[data-report]', { hasText: 'outofsight two' }).waitFor();
  assert.deepEqual(await below.locator('tr[data-report] .clip').allInnerTexts(), ['outofsight one', 'outofsight two']);
  quiet(above);
  quiet(below);
  await above.context().close();
  await below.context().close();
});

test('by when a report is owed something is in sight on a desktop, without turning the table', async () => {
  for (const lang of ['zh-CN', 'en']) {
    for (const path of ['/admin/', '/admin/reports', '/admin/reports?sort=newest']) {
      const page = await server.world({ lang, as: 'administrator', path });
      const table = await page.locator('table.queue').evaluate((table) => [table.offsetWidth, table.parentElement.clientWidth]);
      assert.ok(table[0] <= table[1], `${path} ${lang}: the table is ${table[0]} wide in ${table[1]}`);
      assert.ok(await page.locator('td.col-due time').first().isVisible());
      await page.context().close();
    }
  }
});

test('two people at once: the later one is shown the conflict beside the list', async () => {
  const name = await report('两人同时处理');
  const [one, two] = await Promise.all(['support', 'operator'].map((as) => server.world({ lang: 'en', as, path: `/admin/reports?open=${name}` })));
  const resolve = (page) => page.locator('#report .quick button[value=acknowledged]').click();
  await resolve(one);
  await one.waitForFunction(() => document.querySelector('#report [role=status]'));
  await resolve(two);
  await two.waitForFunction(() => /was changed while you were typing/.test(document.querySelector('#report [role=alert]')?.innerText ?? ''));
  assert.equal(await beside(two), name);
  await accessible(two);
  await Promise.all([one, two].map((page) => page.context().close()));
});

test('without script the pane, sorting and acts on many work too', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', script: false, path: '/admin/reports' });
  await Promise.all([page.waitForNavigation(), page.click('tr[data-report] .to-pane >> nth=0')]);
  assert.ok(await beside(page));
  assert.deepEqual(await flaws(await page.content(), 'queue with pane'), []);
  await Promise.all([page.waitForNavigation(), page.click('.chips a[href*="sort=newest"]')]);
  assert.equal(new URL(page.url()).searchParams.get('sort'), 'newest');
  await page.check('tr[data-report] input >> nth=0');
  await page.click('#bulk-box > summary');
  await page.selectOption('#b-status', 'acknowledged');
  await Promise.all([page.waitForNavigation(), page.click('#bulk button[type=submit]')]);
  await Promise.all([page.waitForNavigation(), page.click('button[value=confirm]')]);
  assert.match(await page.locator('h1').innerText(), /1 条反馈已处理完毕/);
  await page.context().close();
});
