// How long triage takes with thousands of reports in one window, in a browser, with a database of its own.
//
// RUN   INTERLUDE_TEST_BINARY=target/release/interlude \
//         node tests/browser/measure-triage.mjs REPORTS.csv WORD [IMPORT OPTION]...
//
//       REPORTS.csv   what `interlude import reports` takes with those options, e.g. `--mapping FILE`
//       WORD          a word that some of them have, to search for
//
// Prints milliseconds: the median and the longest of each act. A measurement, not a test: nothing fails because it is slow.

import assert from 'node:assert/strict';
import { start } from './harness.mjs';

const [file, word, ...options] = process.argv.slice(2);
assert.ok(file && word, 'which reports, and which word?');
const server = await start({ demo: true });
const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
const slug = items.find((w) => w.state === 'in_progress').slug;
console.log(await server.run(['import', 'reports', file, ...options, '--set', `window=${slug}`, '--skip-bad']));

const page = await server.world({ lang: 'zh-CN', as: 'support' });
page.setDefaultTimeout(600_000);
const queue = `/admin/reports?window=${slug}`;
const rows = [];

async function measure(what, times, act) {
  const took = [];
  for (let at = 0; at < times; at += 1) {
    const ms = await act(at);
    if (ms !== undefined) took.push(ms);
  }
  took.sort((a, b) => a - b);
  rows.push([what, took[Math.floor(took.length / 2)].toFixed(0), took.at(-1).toFixed(0), took.length]);
  console.log(rows.at(-1).join('\t'));
}

/** Until the page is there and drawn. */
async function open(path) {
  const before = performance.now();
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200);
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  return performance.now() - before;
}
/** Until what a key or click asks for can be seen. */
async function until(act, seen, ...given) {
  const before = performance.now();
  await act();
  await page.waitForFunction(seen, ...given);
  return performance.now() - before;
}

await open(queue);
console.log(await page.locator('caption').first().innerText());
await measure('queue, most urgent first', 20, () => open(queue));
await measure('queue, newest first', 20, () => open(`${queue}&sort=newest`));
await measure('queue, due first', 20, () => open(`${queue}&sort=due`));
await measure('queue, one status and impact', 20, () => open(`${queue}&status=new&impact=blocked`));
await measure(`search for ${word}`, 20, () => open(`${queue}&q=${encodeURIComponent(word)}`));
await measure('overview', 20, () => open('/admin/'));
await open(queue);
await measure('the next page of the queue', 20, async () => {
  const next = await page.locator('a[rel=next]').getAttribute('href');
  return open(next);
});
await open(queue);
await measure('j, to the next row', 30, async () => {
  const now = () => document.activeElement?.closest('tr[data-report]')?.dataset.report ?? '';
  const was = await page.evaluate(now);
  return until(() => page.keyboard.press('j'), (old) => {
    const is = document.activeElement?.closest('tr[data-report]')?.dataset.report ?? '';
    return is && is !== old;
  }, was);
});
await open(queue);
await page.keyboard.press('j');
await page.keyboard.press('Enter');
await page.waitForFunction(() => document.querySelector('#report')?.dataset.reference);
await measure('j with the pane open, until the report is beside', 20, async () => {
  const was = await page.evaluate(() => document.querySelector('#report').dataset.reference);
  return until(() => page.keyboard.press('j'), (old) => document.querySelector('#report').dataset.reference !== old, was);
});
await measure('a, take it', 1, () => until(() => page.keyboard.press('a'), () => document.querySelector('#report [role=status]')));
await measure('a status chosen and saved', 15, async () => {
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.querySelector('#report')?.dataset.reference === document.activeElement?.closest('tr[data-report]')?.dataset.report);
  if (!await page.locator('#status').count()) return undefined;
  const options = await page.locator('#status option').evaluateAll((all) => all.map((o) => o.value));
  if (!options.includes('acknowledged')) return undefined;
  await page.selectOption('#status', 'acknowledged');
  const act = () => page.locator('form:has(#status) button[type=submit]').first().click();
  const took = await until(act, () => document.querySelector('#report .status-acknowledged'));
  await page.keyboard.press('Escape');
  return took;
});
await open(`${queue}&status=new`);
await page.click('#bulk-box > summary');
await page.check('#bulk input[name=scope][value=all]');
await page.selectOption('#b-status', 'acknowledged');
await measure('an act on all that are new: the preview', 1, () => until(() => page.click('#bulk button[type=submit]'), () => document.querySelector('button[value=confirm]')));
console.log(await page.locator('main').innerText());
const begun = performance.now();
await page.click('button[value=confirm]');
const other = await server.world({ lang: 'zh-CN', as: 'support' });
const meanwhile = [];
while (!/处理完毕|已完成/.test(await page.locator('h1').innerText())) {
  const at = performance.now();
  await other.goto(queue);
  meanwhile.push(performance.now() - at);
  await page.reload();
}
console.log(`all done after\t${((performance.now() - begun) / 1000).toFixed(1)} s: ${await page.locator('h1').innerText()}`);
meanwhile.sort((a, b) => a - b);
console.log(`the queue meanwhile\t${meanwhile[Math.floor(meanwhile.length / 2)]?.toFixed(0)}\t${meanwhile.at(-1)?.toFixed(0)}\t${meanwhile.length}`);
process.exit(0);
