// No network: notices and forms that were seen are there, reports wait on the device and arrive once,
// with the times of their writing, whatever happens to the server meanwhile.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, shoot, start, until } from './harness.mjs';

const server = await start({ demo: true });
let running;

before(async () => {
  const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
  running = items.find((w) => w.state === 'in_progress').slug;
});

/** Every report whose description begins so, as support exports them. */
async function arrived(beginning) {
  const lines = (await server.run(['export', 'reports', '--format', 'jsonl'])).trim().split('\n');
  return lines.map((line) => JSON.parse(line)).filter((report) => report.description.startsWith(beginning));
}

/** The reports that wait on this device. */
const waiting = (page) => page.evaluate(() => self.outbox.all());

/** Opens the page, once: what is kept of a first visit is all that many have. */
async function kept(page, path) {
  await page.goto(path);
  await has(page, path);
}

/**
 * Waits until the device keeps this page, and there is a worker to show it: some are kept while it is being installed,
 * and a network that goes meanwhile leaves it without the others.
 */
const has = (page, path) => until(page, async (p) => Boolean(navigator.serviceWorker.controller && await (await caches.open('pages')).match(p)), path);

async function write(page, description, impact = 'blocked') {
  await page.fill('#description', description);
  await page.check(`input[name=impact][value=${impact}]`);
  await page.click('form[data-offline] button[type=submit]');
}

const drafts = (page) => page.locator('.waiting li');

for (const lang of ['zh-CN', 'en']) {
  test(`three reports are written offline, one is changed, one deleted, two arrive (${lang})`, async () => {
    const say = lang === 'en' ? `Offline ${lang}: ` : `离线 ${lang}：`;
    const form = `/windows/${running}/report`, notice = `/windows/${running}`;
    const page = await server.world({ lang, width: 'phone' });
    const context = page.context();
    const begun = Date.now();
    await kept(page, notice);
    // The form was never opened; the notice leads to it.
    await has(page, form);
    // Whatever a browser's emulation holds back from a service worker, a dead server does.
    await context.setOffline(true);
    await server.crash();

    // The notice is the one that was seen, and says since when.
    await page.goto(notice);
    assert.equal(await page.locator('.banner-kept time').count(), 1);
    const since = Date.parse(await page.locator('.banner-kept time').getAttribute('datetime'));
    assert.ok(since >= begun && since <= Date.now(), `${begun} ${since}`);
    await fits(page);
    await shoot(page, `offline-notice-${lang}`);

    await page.goto(form);
    await page.locator('.banner-kept').waitFor();
    // Nothing written yet: the browser says what is missing and nothing is kept.
    assert.deepEqual(await waiting(page), []);
    await page.click('form[data-offline] button[type=submit]');
    await page.waitForFunction(() => document.activeElement.matches('form[data-offline] :invalid'));
    assert.deepEqual(await waiting(page), []);
    assert.equal(await drafts(page).count(), 0);
    for (const [n, what] of ['one', 'two', 'three'].entries()) {
      await write(page, say + what, n === 1 ? 'slowed' : 'blocked');
      await drafts(page).nth(n).waitFor();
      assert.equal(await page.inputValue('#description'), '', 'the form is free for the next report');
    }
    await accessible(page);
    await fits(page);
    await shoot(page, `offline-waiting-${lang}`);
    const written = await waiting(page);
    assert.equal(new Set(written.map((d) => d.key)).size, 3, 'each report has a key of its own');

    // One is changed, after a reload; when it was written stays.
    await page.reload();
    await drafts(page).nth(1).locator('[data-edit]').click();
    assert.equal(await page.inputValue('#description'), `${say}two`);
    assert.ok(await page.isChecked('input[name=impact][value=slowed]'));
    await page.fill('#description', `${say}two, changed`);
    await page.click('form[data-offline] button[type=submit]');
    await page.locator('.waiting li', { hasText: 'two, changed' }).waitFor();
    // One is deleted, taken back, and deleted.
    await drafts(page).nth(2).locator('[data-delete]').click();
    await page.locator('[data-undo]:visible').click();
    await drafts(page).nth(2).locator('[data-delete]:visible').click();
    await until(page, async () => (await self.outbox.all()).length === 2);

    // The network is back, but nobody is there: nothing is lost and nothing arrives.
    await context.setOffline(false);
    await page.click('[data-send]');
    await until(page, async () => (await self.outbox.all()).every((d) => d.state === 'waiting' && !d.receipt) && (await self.outbox.all()).some((d) => d.tries));
    await page.reload();
    await page.locator('.banner-kept').waitFor();
    // Before the server is there: the page may send by itself as soon as it is.
    assert.equal((await arrived(say)).length, 0);
    await server.begin();

    // The server is there again: both are sent by themselves and shown with their receipts.
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await until(page, async () => (await self.outbox.all()).every((d) => d.state === 'sent'));
    const links = page.locator('.waiting [data-receipt]:visible');
    await links.nth(1).waitFor();
    // There is a connection, and the page says so, old as it is.
    assert.ok(await page.locator('.banner-kept [data-back]').isVisible());
    assert.ok(!await page.locator('.banner-kept [data-away]').isVisible());
    await shoot(page, `offline-sent-${lang}`);
    await accessible(page);
    const reports = (await arrived(say)).sort((a, b) => (a.written_at < b.written_at ? -1 : 1));
    assert.deepEqual(reports.map((r) => r.description), [`${say}one`, `${say}two, changed`]);
    const times = written.sort((a, b) => (a.written < b.written ? -1 : 1)).map((d) => d.written);
    for (const [n, report] of reports.entries()) {
      assert.equal(Date.parse(report.written_at), Date.parse(times[n]));
      assert.equal(Date.parse(report.occurred_at), Date.parse(times[n]), 'it occurred when it was written');
      assert.ok(Date.parse(report.received_at) > Date.parse(times[n]));
      assert.equal(report.language, lang);
    }

    // Sent once more, from the page and from another at once, they are still two.
    await page.evaluate(async (old) => {
      for (const d of old.slice(0, 1)) await self.outbox.put(d);
    }, written);
    const other = await context.newPage();
    await other.goto(form);
    await Promise.all([page, other].map((p) => p.evaluate(() => self.outbox.sendAll(true))));
    await until(page, async () => (await self.outbox.all()).every((d) => d.state === 'sent'));
    assert.equal((await arrived(say)).length, 2);

    // A receipt opens its report, and the device forgets it on request; receipts were never kept.
    const receipt = await links.first().getAttribute('href');
    await other.goto(receipt);
    assert.ok((await other.textContent('main')).includes(say));
    const paths = await page.evaluate(async () => {
      const all = [];
      for (const name of await caches.keys()) all.push(...(await (await caches.open(name)).keys()).map((r) => new URL(r.url).pathname));
      return all;
    });
    assert.ok(paths.includes(notice) && paths.includes(form));
    assert.deepEqual(paths.filter((p) => /receipts|admin|login|api|surveys/.test(p)), []);
    assert.ok(!(await page.evaluate(async (p) => (await (await caches.open('pages')).match(p)).text(), form)).match(/idempotency_key" value="[^"]/), 'a key is kept with the form');
    await page.goto('/offline');
    await page.locator('[data-pages] li').first().waitFor();
    await page.click('details:has([data-forget]) > summary');
    // The worker looks for what it keeps of a page that comes, and would make the place for it anew. That is over when
    // it has done what it is told after it.
    await page.evaluate(() => navigator.serviceWorker.controller.postMessage('/help'));
    await has(page, '/help');
    await page.click('[data-forget]');
    await until(page, async () => !(await self.outbox.all()).length && !(await caches.has('pages')) && !localStorage.length);
    await accessible(page);
    await context.close();
  });

  test(`a browser that keeps little still keeps the report, and says how (${lang})`, async () => {
    const say = `Chat ${lang}: `;
    const page = await server.world({ lang, width: 'phone' });
    // As in the browsers of chat apps: no service worker, no IndexedDB.
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined });
      Object.defineProperty(window, 'indexedDB', { get: () => undefined });
    });
    await page.goto(`/windows/${running}/report`);
    // What keeps it comes at the first touch, while there is a network.
    await page.locator('#description').focus();
    await page.waitForFunction(() => self.outbox && document.querySelector('script[src="/assets/drafts.js"]'));
    await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/assets/drafts.js`).length);
    await page.context().setOffline(true);
    await write(page, `${say}one`);
    await drafts(page).first().waitFor();
    assert.ok(await page.locator('[data-where=browser]').isVisible());
    assert.ok(await page.evaluate((s) => localStorage.getItem('interlude.reports').includes(s), say));
    await accessible(page);
    await page.context().setOffline(false);
    await page.locator('.waiting [data-receipt]:visible').waitFor();
    assert.equal((await arrived(say)).length, 1);
    await page.context().close();
  });

  test(`an open notice follows what happens, and says so (${lang})`, async () => {
    const page = await server.world({ lang });
    // What happens before the stream is there is not told by it.
    const stream = page.waitForResponse(`${server.origin}/events`);
    await page.goto(`/windows/${running}`);
    assert.equal((await stream).status(), 200);
    const state = page.locator('[data-live-status]');
    await page.waitForFunction(() => document.querySelector('[data-live-status]').textContent);
    const focus = page.locator('.notice-head .button').first();
    await focus.focus();
    const said = `Live ${lang} news`;
    await server.run(['window', 'update', running, '--stage', 'implementation', '--body', said]);
    await page.locator('.timeline .latest', { hasText: `Live ${lang}` }).waitFor();
    await page.waitForFunction((s) => document.querySelector('[data-live-status]').textContent.includes(s), `Live ${lang}`);
    assert.ok(await focus.evaluate((e) => e === document.activeElement), 'the focus is where it was');
    await accessible(page);
    await shoot(page, `live-${lang}`);
    assert.ok(await state.isVisible());
    await page.context().close();
  });
}

for (const lang of ['zh-CN', 'en']) {
  test(`one visit to a notice is enough to write a report without a network (${lang})`, async () => {
    const say = `Once ${lang}: `, notice = `/windows/${running}`;
    const page = await server.world({ lang, width: 'phone', path: notice });
    await has(page, notice);
    await has(page, `${notice}/report`);
    await page.context().setOffline(true);
    await server.crash();
    await page.reload();
    await page.locator('.banner-kept').waitFor();
    await Promise.all([page.waitForURL(/\/report$/), page.click('.notice-head a[href$="/report"]')]);
    assert.ok((await page.locator('.crumbs').textContent()).trim(), 'it is the form of this notice');
    await write(page, `${say}one`);
    await drafts(page).first().waitFor();
    await accessible(page);
    await fits(page);
    await server.begin();
    await page.context().setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.locator('.waiting [data-receipt]:visible').waitFor();
    assert.equal((await arrived(say)).length, 1);
    await page.context().close();
  });
}

test('what is changed while it is sent is not put back', async () => {
  const page = await server.world({ lang: 'en', path: '/report' });
  // Loaded at the first touch of the form.
  await page.focus('#description');
  await page.waitForFunction(() => self.outbox);
  const told = await page.evaluate(async () => {
    const { outbox } = self, base = { action: '/report', page: '/report', state: 'waiting' };
    const draft = (id, text) => ({ ...base, id, key: outbox.key(), written: `2026-11-27T00:00:0${id}Z`, fields: [['description', text]], title: text });
    const all = async () => Object.fromEntries((await outbox.all()).map((d) => [d.id, d]));
    const change = async (id, text) => outbox.put({ ...(await all())[id], fields: [['description', text]], title: text });
    for (const id of ['1', '2', '3']) await outbox.put(draft(id, `as written ${id}`));
    const sent = [], net = window.fetch;
    // While the first is on its way it is changed, and so is the second; the third does not get through and is changed.
    window.fetch = async (path, { body }) => {
      const text = new URLSearchParams(body).get('description');
      sent.push(text);
      if (sent.length === 1) { await change('1', 'changed 1'); await change('2', 'changed 2'); }
      if (sent.length === 3) { await change('3', 'changed 3'); throw new TypeError('nobody there'); }
      return new Response(JSON.stringify({ receipt: `/receipts/${sent.length}`, reference: 'R-1' }), { status: 201 });
    };
    await outbox.sendAll(true);
    window.fetch = net;
    const now = await all();
    await outbox.clear();
    return { sent, now };
  });
  assert.deepEqual(told.sent, ['as written 1', 'changed 2', 'as written 3']);
  assert.deepEqual(Object.values(told.now).map((d) => [d.state, Boolean(d.was)]), [['sent', true], ['sent', false], ['waiting', false]]);
  assert.deepEqual(told.now[3].fields, [['description', 'changed 3']]);
  assert.ok(told.now[3].tried.includes('as+written+3'), 'what may have arrived is remembered');
  await page.context().close();
});

test('a form that was never kept is the general one', async () => {
  const page = await server.world({ lang: 'en', path: '/help' });
  await has(page, '/report');
  await page.context().setOffline(true);
  await server.crash();
  await page.goto('/windows/never-seen/report');
  await page.locator('form[action="/report"] #description').waitFor();
  await page.goto('/windows/never-seen');
  assert.equal(await page.locator('form[data-offline]').count(), 0);
  await page.locator('[data-pages]').waitFor();
  await server.begin();
  await page.context().close();
});

test('a report that is sent at once, without a touch of the form, arrives once', async () => {
  const page = await server.world({ lang: 'en', path: `/windows/${running}/report` });
  await page.waitForFunction(() => navigator.serviceWorker);
  // What keeps reports is not there yet.
  assert.equal(await page.evaluate(() => self.outbox), undefined);
  await page.evaluate(() => {
    document.querySelector('#description').value = 'Early: one';
    document.querySelector('#impact').checked = true;
    document.querySelector('form[data-offline]').requestSubmit();
  });
  await page.waitForURL(/\/receipts\//);
  assert.equal((await arrived('Early: ')).length, 1);
  await page.context().close();
});

test('nothing of staff is kept', async () => {
  const page = await server.world({ as: 'administrator' });
  await kept(page, '/');
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  for (const path of ['/admin/', '/admin/reports', '/admin/settings']) await page.goto(path);
  await page.goto('/');
  const paths = await page.evaluate(async () => (await (await caches.open('pages')).keys()).map((r) => new URL(r.url).pathname));
  assert.deepEqual(paths.filter((p) => p.startsWith('/admin')), []);
  await page.context().setOffline(true);
  await assert.rejects(page.goto('/admin/'));
  await page.context().close();
});

test('the queue says that reports came in, and nothing on it moves', async () => {
  const page = await server.world({ as: 'support', path: '/admin/reports' });
  const listed = () => page.locator('main a[href^="/admin/reports/R-"]').allTextContents();
  const before = await listed();
  assert.ok(before.length);
  await page.waitForFunction(() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('/assets/staff.js')));
  const say = 'While the queue is open';
  const told = page.locator('.news a:not([hidden])');
  // Sent again until the stream is heard: it may not be open yet when the page is.
  for (let n = 0; n < 20 && !(await told.count()); n += 1) {
    const answer = await fetch(`${server.origin}/api/v1/reports`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': `while-the-queue-is-open-${n}` }, body: JSON.stringify({ impact: 'blocked', description: say }) });
    assert.equal(answer.status, 201);
    await told.waitFor({ timeout: 1_500 }).catch(() => {});
  }
  // What joins out of sight leaves the others as they are.
  assert.deepEqual((await listed()).filter((name) => before.includes(name)), before);
  await accessible(page);
  await told.click();
  await page.locator('tr[data-report]', { hasText: say }).first().waitFor();
  await page.context().close();
});

test('a report with a picture waits although the browser has thrown its cache away', async () => {
  const page = await server.world({ lang: 'en', width: 'phone' });
  // Opened once: that is all that was ever seen of this server.
  await page.goto('/report');
  await has(page, '/report');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.clearBrowserCache');
  await page.context().setOffline(true);
  await server.crash();
  await page.goto('/report');
  await page.locator('.banner-kept').waitFor();
  // It is shown when the script listens to it.
  await page.locator('#shots').waitFor();
  const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await page.setInputFiles('#shots', [{ name: 'seen.png', mimeType: 'image/png', buffer: Buffer.from(dot, 'base64') }]);
  await page.locator('.shots li').waitFor();
  await write(page, 'Picture: offline');
  await drafts(page).first().waitFor();
  await server.begin();
  await page.context().setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  const receipt = page.locator('.waiting [data-receipt]:visible');
  await receipt.waitFor();
  await receipt.click();
  // The receipt sends what waited for it, and shows it.
  await page.locator('.shots img[src*="/images/"]').waitFor();
  assert.equal((await arrived('Picture: offline')).length, 1);
  await page.context().close();
});

test('the operator\'s logo and colour are kept as well', async () => {
  const admin = await server.world({ lang: 'en', as: 'administrator', path: '/admin/appearance' });
  await admin.fill('[name=accent]', '#0f6e84');
  await Promise.all([admin.waitForURL(/done=saved/), admin.click('form:has([name=accent]) button[type=submit]')]);
  const page = await server.world({ lang: 'en' });
  await page.goto('/report');
  await page.evaluate(() => navigator.serviceWorker.ready);
  assert.ok(await page.evaluate(async () => Boolean(await caches.match('/brand.css'))));
  await page.context().close();
  await admin.fill('[name=accent]', '');
  await Promise.all([admin.waitForURL(/done=saved/), admin.click('form:has([name=accent]) button[type=submit]')]);
});

for (const script of [true, false]) {
  test(`a shared device forgets who answered the survey (${script ? 'with' : 'without'} script)`, async () => {
    const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
    const survey = `/windows/${items.find((w) => w.state === 'completed').slug}/survey`;
    const page = await server.world({ lang: 'en', width: 'phone', script, path: survey });
    await page.locator('input[name=csat][value="2"]').check({ force: true });
    await Promise.all([page.waitForURL(/\/thanks/), page.click('main form button[value=send]')]);
    await page.goto(survey);
    assert.match(page.url(), /\/surveys\/responses\//);
    await page.goto('/offline');
    await page.click('details:has([data-forget]) > summary');
    const forget = page.locator('[data-forget]');
    if (script) {
      await page.waitForFunction(() => self.outbox && document.querySelector('[data-pages] li'));
      // Without a network the server cannot take its part back, and that is said.
      await page.context().setOffline(true);
      await forget.click();
      await page.locator('[data-forgotten]', { hasText: 'once more when you are online' }).waitFor();
      await page.context().setOffline(false);
    }
    await forget.click();
    await page.locator('[data-forgotten]', { hasText: 'Everything is deleted' }).waitFor();
    if (script) await accessible(page);
    await page.goto(survey);
    assert.equal(new URL(page.url()).pathname, survey);
    assert.equal(await page.locator('input[name=csat]:checked').count(), 0);
    await page.context().close();
  });
}

test('"this morning" is offered once it is one, by the reader\'s own clock', async () => {
  for (const [zone, at, offered] of [
    ['America/Los_Angeles', '2026-11-22T12:00:00Z', false],
    ['America/Los_Angeles', '2026-11-22T16:05:00Z', true],
    ['Pacific/Auckland', '2026-11-22T12:00:00Z', false],
    ['Asia/Shanghai', '2026-11-22T12:00:00Z', true],
  ]) {
    const page = await server.world({ lang: 'en', zone });
    await page.clock.setFixedTime(new Date(at));
    await page.goto('/report');
    const morning = page.locator('label:has([name=occurred][value=morning])');
    assert.equal(await morning.isVisible(), offered, `${zone} at ${at}`);
    await page.context().close();
  }
  const plain = await server.world({ lang: 'en', script: false, path: '/report' });
  assert.ok(await plain.locator('label:has([name=occurred][value=morning])').isVisible());
});
