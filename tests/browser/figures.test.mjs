// Figures as an operations lead uses them: the story of a window, two windows side by side, an
// improvement, the review on one sheet, and what can be taken away.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { before } from 'node:test';
import { accessible, fits, quiet, shoot, start } from './harness.mjs';

let server;
let past;
before(async () => {
  server = await start({ demo: true });
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/insights' });
  past = await page.getAttribute('tbody th a[href*="core-system-upgrade"], tbody th a >> nth=2', 'href');
  await page.context().close();
});

for (const lang of ['zh-CN', 'en']) {
  for (const width of ['desktop', 'phone']) {
    for (const theme of ['light', 'dark']) {
      test(`the pages of figures read well (${lang}, ${width}, ${theme})`, async () => {
        const page = await server.world({ lang, width, theme, as: 'support', path: past });
        assert.equal(page.arrival.status(), 200);
        for (const path of [past, '/admin/insights', `${past}/comments`, `${past}/review`, '/admin/improvements', `/admin/improvements/new?source=figure:csat&window=${past.split('/').pop()}`]) {
          await page.goto(path);
          await fits(page);
          await accessible(page);
        }
        await page.goto(past);
        await shoot(page, `figures-${lang}-${width}-${theme}`);
        quiet(page);
        await page.context().close();
      });
    }
  }
}

test('two windows are chosen and compared, without script', async () => {
  const page = await server.world({ lang: 'en', as: 'support', script: false, path: '/admin/insights' });
  await page.selectOption('#base', { index: 3 });
  await page.selectOption('#window', { index: 1 });
  await page.click('form[action="/admin/insights"] button');
  await page.waitForURL(/windows=/);
  assert.match(await page.textContent('main'), /Holm 1979/);
  assert.match(await page.textContent('main'), /Better|Cannot tell/);
  await fits(page);
  quiet(page);
  // axe is a script itself, so it looks at the same page with scripts on.
  const { pathname, search } = new URL(page.url());
  await accessible(await server.world({ lang: 'en', as: 'support', path: pathname + search }));
});

test('an improvement is made from a figure and shows up with the window', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', path: past });
  await page.click('a[href*="source=figure:csat"]');
  await page.fill('#title', '维护公告里写清楚移动端要重新登录');
  await page.click('form.panel button[type=submit]');
  await page.waitForURL(/done=added/);
  assert.match(await page.textContent('main'), /改进项已保存/);
  await page.goto(past);
  assert.match(await page.textContent('main'), /移动端要重新登录/);
  quiet(page);
});

test('pictures and the evidence are taken away', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', path: past });
  const take = async (selector) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };
  const svg = await take('a[href$="/plots/reports.svg"]');
  assert.match(svg.name, /-reports\.svg$/);
  // It stands alone: opened by itself it is a picture with words, and asks for nothing else.
  const alone = await page.context().newPage();
  await alone.setContent(svg.bytes.toString('utf8'));
  assert.match(await alone.textContent('svg title'), /反馈随时间变化/);
  assert.doesNotMatch(svg.bytes.toString('utf8'), /href=|@import|url\(/);
  const csv = await take('a[href$="/plots/answers.csv"]');
  assert.match(csv.bytes.toString('utf8'), /^\uFEFFmeasure,answer,count,value,low,high\r\n/);
  const zip = await take('a[href*="evidence.zip"]');
  assert.match(zip.name, /^evidence-\d{8}-.*\.zip$/);
  assert.equal(zip.bytes.subarray(0, 4).toString('latin1'), 'PK\u0003\u0004');
  quiet(page);
});

for (const lang of ['zh-CN', 'en']) {
  test(`the review is one sheet of A4 (${lang})`, async () => {
    const page = await server.world({ lang, as: 'support', path: `${past}/review` });
    const pdf = (await page.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: true })).toString('latin1');
    const pages = [...pdf.matchAll(/\/Type\s*\/Page\b(?!s)/g)].length;
    assert.equal(pages, 1, `${pages} pages`);
    quiet(page);
  });
}
