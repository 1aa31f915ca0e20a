// Type: quotes are those of the language, whatever fonts a machine has.

import assert from 'node:assert/strict';
import test from 'node:test';
import { start } from './harness.mjs';

const server = await start({ demo: true });

/** How wide this is in the type of the page's text, in ems. */
const ems = (page, text) => page.evaluate((said) => {
  const span = document.createElement('span');
  span.textContent = said;
  document.querySelector('main p').append(span);
  const wide = span.getBoundingClientRect().width / parseFloat(getComputedStyle(span).fontSize);
  span.remove();
  return wide;
}, text);

test('quotes are narrow in English and as wide as a character in Chinese', async () => {
  for (const path of ['/', '/help', '/receipts']) {
    const en = await server.world({ lang: 'en', path });
    for (const mark of ['“', '”', '’']) assert.ok(await ems(en, `a${mark}a`) - await ems(en, 'aa') < 0.6, `${mark} on ${path}`);
    await en.context().close();
    const zh = await server.world({ lang: 'zh-CN', path });
    // Two beside each other, so that nothing is taken away between them and a character.
    assert.ok(Math.abs(await ems(zh, '中“”中') - 4) < 0.1, `on ${path}`);
    await zh.context().close();
  }
});
