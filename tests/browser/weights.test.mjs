// What a phone has to fetch for a public page: page, style and scripts, packed as they come, those included that come
// later, when somebody writes, on a server whose operator has set a colour and a footer.

import assert from 'node:assert/strict';
import { get } from 'node:http';
import test, { before } from 'node:test';
import { start } from './harness.mjs';

const PAGE = 25_000, SCRIPTS = 15_000, EMBED = 5_000;
const server = await start({ demo: true });
let windows;
const slug = (state) => windows.find((w) => w.state === state).slug;

let answered, receipt;

before(async () => {
  const admin = await server.world({ lang: 'en', as: 'administrator', path: '/admin/appearance' });
  await admin.fill('[name=accent]', '#0f6e84');
  const links = ['[Imprint](https://example.com/imprint)', '[Privacy](https://example.com/privacy)'].join(' · ');
  for (const footer of await admin.locator('textarea[name^="footer"]').all()) await footer.fill(links);
  await Promise.all([admin.waitForURL(/done=saved/), admin.click('form:has([name=accent]) button[type=submit]')]);
  assert.match(await (await fetch(`${server.origin}/report`)).text(), /brand\.css[^]*example\.com\/imprint[^]*example\.com\/privacy/);
  await admin.context().close();
  windows = (await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json()).items;
  // A report and an answer of our own, for the pages that follow them.
  const page = await server.world({ lang: 'en', script: false, path: `/windows/${slug('in_progress')}/report` });
  await page.fill('#description', 'Nothing loads');
  await page.check('input[name=impact][value=blocked]');
  await Promise.all([page.waitForURL(/\/receipts\//), page.click('main form button[type=submit]')]);
  receipt = new URL(page.url()).pathname;
  await page.goto(`/windows/${slug('completed')}/survey`);
  await page.locator('input[name=csat][value="2"]').check({ force: true });
  await Promise.all([page.waitForURL(/\/thanks/), page.click('main form button[value=send]')]);
  answered = new URL(page.url()).pathname.replace(/\/thanks$/, '');
  await page.context().close();
});

/** Bytes on the wire, without the head of the answer. */
function bytes(path, lang, encoding = 'gzip') {
  return new Promise((done, fail) => {
    get(server.origin + path, { headers: { 'accept-encoding': encoding, 'accept-language': lang, accept: 'text/html' } }, (answer) => {
      let size = 0;
      answer.on('data', (piece) => { size += piece.length; });
      answer.on('end', () => done(answer.statusCode === 200 ? size : fail(new Error(`${path}: ${answer.statusCode}`))));
    }).on('error', fail);
  });
}

for (const [name, path] of [
  ['start', () => '/'],
  ['notice of a running window', () => `/windows/${slug('in_progress')}`],
  ['notice of a past window', () => `/windows/${slug('completed')}`],
  ['report form', () => `/windows/${slug('in_progress')}/report`],
  ['survey', () => `/windows/${slug('completed')}/survey`],
  ['survey, when it is sent', () => `${answered}/thanks`],
  ['survey, to be changed', () => answered],
  ['receipt', () => receipt],
  ['receipts', () => '/receipts'],
  ['history', () => '/history'],
  ['help', () => '/help'],
  ['offline', () => '/offline'],
]) {
  for (const lang of ['zh-CN', 'en']) {
    test(`${name} (${lang}) weighs little`, async () => {
      const page = await server.world({ lang });
      const seen = new Set();
      page.on('request', (r) => { const { pathname } = new URL(r.url()); if (!/\.(png|svg|webmanifest)$/.test(pathname) && r.resourceType() !== 'document' && r.resourceType() !== 'eventsource') seen.add(pathname); });
      // Without a service worker, whose copies for later are no part of a page.
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }));
      await page.goto(path(), { waitUntil: 'load' });
      // What keeps a report comes when somebody begins to write one, and is counted too.
      if (await page.locator('form[data-offline]').count()) {
        await page.locator('#description').focus();
        await page.waitForFunction(() => self.outbox);
      }
      await page.evaluate(() => new Promise((done) => { requestIdleCallback(() => setTimeout(done, 300)); }));
      await page.context().close();
      const files = await Promise.all([...seen].map(async (file) => [file, await bytes(file, lang)]));
      const scripts = files.filter(([file]) => file.endsWith('.js')).reduce((sum, [, size]) => sum + size, 0);
      const html = await bytes(path(), lang);
      const all = html + files.reduce((sum, [, size]) => sum + size, 0);
      const said = `${all} bytes: page ${html}, ${files.map((f) => f.join(' ')).join(', ')}`;
      console.log(`${name} ${lang}: ${said}`);
      assert.ok(all < PAGE, said);
      assert.ok(scripts < SCRIPTS, said);
    });
  }
}

test('the script for other sites weighs little, packed or not', async () => {
  assert.ok(await bytes('/embed.js', 'en', 'identity') < EMBED);
  assert.ok(await bytes('/embed.js', 'en') < EMBED);
});
