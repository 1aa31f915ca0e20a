// What a reporter does beside the two answers: pictures chosen, pasted and dropped in the form or added on
// the receipt, with and without script; the time by quick choices; taking the receipt along; erasing it.

import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import test, { before } from 'node:test';
import { accessible, fits, quiet, shoot, start, valid } from './harness.mjs';

let server;
before(async () => { server = await start({ demo: true }); });

// zlib.crc32 is younger than some Nodes.
const sum = zlib.crc32 ?? ((bytes) => {
  let c = ~0;
  for (const b of bytes) { c ^= b; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1; }
  return ~c >>> 0;
});

/** A picture of one colour as a file. */
const picture = (name, [r, g, b], width = 80, height = 60) => {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(sum(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.concat(Array.from({ length: width }, () => Buffer.from([r, g, b])))]);
  const rows = zlib.deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const buffer = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
  return { name, mimeType: 'image/png', buffer };
};

const press = async (page, name) => { await Promise.all([page.waitForNavigation(), page.click(name)]); };

const report = async (page, said) => {
  await page.fill('#description', said);
  await page.check('input[name=impact][value=blocked]');
  await press(page, 'form[action] button[type=submit]');
  assert.match(page.url(), /\/receipts\/r-/);
};

/** Gives a file to the page as a paste or a drop does. */
const give = (page, kind, where, file) => page.evaluate(([kind, where, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
  const target = document.querySelector(where);
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}, [kind, where, file.name, [...file.buffer]]);

for (const lang of ['zh-CN', 'en']) {
  test(`pictures without script go onto the receipt (${lang})`, async () => {
    const page = await server.world({ lang, width: 'phone', script: false, path: '/report' });
    assert.equal(await page.locator('#shots').isVisible(), false);
    await report(page, 'no script');
    await page.setInputFiles('#image', [picture('a.png', [200, 30, 30]), picture('b.png', [30, 120, 30])]);
    await press(page, 'form[enctype] button');
    assert.equal(await page.locator('.shots img').count(), 2);
    await fits(page);
    await page.setInputFiles('#image', [{ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }]);
    await press(page, 'form[enctype] button');
    assert.equal(await page.locator('#image-error').count(), 1);
    assert.equal(await page.locator('.error-summary a[href="#image"]').count(), 1);
    await press(page, '.shots li:first-child button');
    assert.equal(await page.locator('.shots img').count(), 1);
    quiet(page);
  });

  test(`pictures wait in the form and are sent with the report (${lang})`, async () => {
    const page = await server.world({ lang, width: 'phone', path: '/report' });
    await page.fill('#description', 'kept');
    // It is shown when the script listens to it.
    await page.waitForSelector('#shots', { state: 'visible' });
    await page.setInputFiles('#shots', [picture('a.png', [200, 30, 30])]);
    await page.waitForSelector('.shots li');
    await page.reload();
    await page.waitForSelector('.shots li');
    assert.equal(await page.inputValue('#description'), 'kept');
    await give(page, 'paste', '#description', picture('b.png', [30, 30, 200]));
    await page.waitForSelector('.shots li:nth-child(2)');
    await give(page, 'drop', '[data-shots]', picture('c.png', [30, 200, 30]));
    await page.waitForSelector('.shots li:nth-child(3)');
    assert.equal(await page.locator('#shots').isVisible(), false, 'three are all that go');
    await page.click('.shots li:first-child button');
    await page.waitForFunction(() => document.querySelectorAll('.shots li').length === 2);
    await accessible(page);
    await fits(page);
    await shoot(page, `form-shots-${lang}`);
    await report(page, 'with pictures');
    await page.waitForFunction(() => document.querySelectorAll('.shots img').length === 2);
    await accessible(page);
    await fits(page);
    await shoot(page, `receipt-shots-${lang}`);

    // Sent, they are no longer kept on the device.
    const again = await page.context().newPage();
    await again.goto(`${server.origin}/report`);
    await again.waitForSelector('#shots', { state: 'visible' });
    assert.equal(await again.locator('.shots li').count(), 0);
    assert.equal(await again.evaluate(() => new Promise((done, fail) => {
      const ask = indexedDB.open('interlude-shots', 1);
      ask.onerror = fail;
      ask.onsuccess = () => { ask.result.transaction('shots').objectStore('shots').count().onsuccess = ({ target }) => { ask.result.close(); done(target.result); }; };
    })), 0);
    await again.close();

    // On the receipt one more is pasted.
    await give(page, 'paste', 'body', picture('d.png', [90, 90, 20]));
    await page.waitForFunction(() => document.querySelectorAll('.shots img').length === 3);
    assert.equal(await page.locator('input#image').count(), 0);
    quiet(page);
  });

  test(`the exact time is asked for only by those who want to give it (${lang})`, async () => {
    const page = await server.world({ lang, width: 'phone', path: '/report' });
    assert.equal(await page.locator('#occurred_at').isVisible(), false);
    await page.check('input[name=occurred][value=exact]');
    assert.equal(await page.locator('#occurred_at').isVisible(), true);
    assert.equal(await page.inputValue('#zone'), 'Asia/Shanghai');
    await accessible(page);
    await fits(page);
    await page.fill('#description', 'when?');
    await page.check('input[name=impact][value=slowed]');
    await press(page, 'form[action] button[type=submit]');
    assert.equal(await page.locator('#occurred_at-error').isVisible(), true);
    quiet(page);
  });

  test(`a receipt is taken along and erased (${lang})`, async () => {
    const page = await server.world({ lang, width: 'desktop', path: '/report' });
    await report(page, 'to be erased');
    await page.click('details:has(.qr) summary');
    assert.equal(await page.locator('.qr svg').isVisible(), true);
    await page.click('details:has(#confirm) summary');
    await shoot(page, `receipt-open-${lang}`);
    await accessible(page);
    await valid(await (await page.request.get(page.url())).text(), 'receipt');
    await press(page, 'form[action$="/erase"] button');
    assert.equal(await page.locator('#confirm-error').count(), 1);
    await page.fill('#confirm', /[RM]-[0-9A-Z]+/.exec(await page.locator('label[for=confirm]').textContent())[0]);
    await press(page, 'form[action$="/erase"] button');
    assert.match(page.url(), /\/receipts\?erased=1$/);
    quiet(page);
  });
}

test('a picture that cannot be sent stays on the device and is sent later', async () => {
  const page = await server.world({ lang: 'en', width: 'phone', path: '/report' });
  await report(page, 'a poor network');
  await page.route('**/api/v1/receipts/*/images', (route) => route.abort());
  // The script listens once the device's own storage is open, and then empties the field.
  const taken = () => page.evaluate(() => !document.querySelector('#image')?.files.length);
  for (let again = 0; again < 50; again += 1) {
    await page.setInputFiles('#image', []);
    await page.setInputFiles('#image', [picture('a.png', [10, 10, 10])]);
    await page.waitForTimeout(200);
    if (await taken()) break;
  }
  await page.waitForSelector('.shots-state button');
  await page.unroute('**/api/v1/receipts/*/images');
  await page.goto(page.url().split('?')[0]);
  await page.waitForFunction(() => document.querySelectorAll('.shots img').length === 1);
});
