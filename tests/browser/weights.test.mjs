// What a phone has to fetch until a public page is there: page, style and scripts, packed as they come; and all scripts,
// those included that come later.

import assert from 'node:assert/strict';
import { get } from 'node:http';
import test, { before } from 'node:test';
import { start } from './harness.mjs';

const PAGE = 25 * 1024, SCRIPTS = 15 * 1024, EMBED = 5 * 1024;
const server = await start({ demo: true });
let windows;
const slug = (state) => windows.find((w) => w.state === state).slug;

before(async () => { windows = (await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json()).items; });

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
  ['help', () => '/help'],
  ['offline', () => '/offline'],
]) {
  for (const lang of ['zh-CN', 'en']) {
    test(`${name} (${lang}) weighs little`, async () => {
      const page = await server.world({ lang });
      const seen = new Set();
      page.on('request', (r) => { const { pathname } = new URL(r.url()); if (/\.(css|js)$/.test(pathname) && pathname !== '/sw.js') seen.add(pathname); });
      // Scripts fetch scripts: all that the page asked for counts.
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined }));
      await page.goto(path(), { waitUntil: 'load' });
      const first = new Set(seen);
      // What keeps a report comes when the page is there and idle.
      if (await page.locator('form[data-offline]').count()) await page.waitForFunction(() => self.outbox);
      await page.context().close();
      const files = await Promise.all([...seen].map(async (file) => [file, await bytes(file, lang)]));
      const scripts = files.filter(([file]) => file.endsWith('.js')).reduce((sum, [, size]) => sum + size, 0);
      const html = await bytes(path(), lang);
      const all = html + files.filter(([file]) => first.has(file)).reduce((sum, [, size]) => sum + size, 0);
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
