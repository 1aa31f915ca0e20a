// Takes the pictures of the READMEs anew, from the demonstration, into docs/screenshots/.
//
// RUN   node tests/browser/pictures.mjs        (see harness.mjs for what it needs)

import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './harness.mjs';

const folder = join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'docs/screenshots');
mkdirSync(folder, { recursive: true });

const server = await start({ demo: true });
const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
const running = items.find((w) => w.state === 'in_progress').slug;
const [latest, before] = items.filter((w) => w.state === 'completed').map((w) => w.slug);

/** A picture of a page: `height` is how much of it. */
async function take(name, { path, height, act, media, ...world }) {
  const page = await server.world(world);
  if (height) await page.setViewportSize({ width: page.viewportSize().width, height });
  await page.goto(path);
  if (media) await page.emulateMedia(media);
  if (act) await act(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
  console.log(name);
}

// As wide as a sheet, with its margin.
async function paper(page) {
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.evaluate(() => { document.body.style.padding = '40px'; });
}

async function report(page) {
  const zh = await page.evaluate(() => document.documentElement.lang.startsWith('zh'));
  await page.fill('#description', zh ? '网银付款提交后一直转圈，页面没有提示。' : 'The payment page keeps spinning after I press send, and says nothing.');
  await page.check('input[name=impact][value=blocked]');
}

for (const [lang, own] of [['zh-CN', 'zh'], ['en', 'en']]) {
  await take(`notice-${own}`, { lang, path: `/windows/${running}`, height: 1000 });
  await take(`report-${own}-phone`, { lang, width: 'phone', path: `/windows/${running}/report`, height: 900, act: report });
  await take(`receipt-${own}-phone`, { lang, width: 'phone', path: `/windows/${running}/report`, height: 900, act: async (page) => {
    await report(page);
    await Promise.all([page.waitForURL(/\/receipts\//), page.click('form[data-offline] button[type=submit]')]);
  } });
  await take(`survey-${own}-phone`, { lang, width: 'phone', path: `/windows/${latest}/survey`, height: 900 });
  await take(`queue-${own}`, { lang, as: 'support', path: '/admin/reports', height: 1000, act: async (page) => {
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#report');
  } });
  await take(`figures-${own}`, { lang, as: 'support', path: `/admin/insights/${latest}`, height: 1180 });
  await take(`compare-${own}`, { lang, as: 'support', path: `/admin/insights?windows=${before}&windows=${latest}`, height: 1000 });
  await take(`review-${own}-print`, { lang, as: 'support', path: `/admin/insights/${latest}/review`, height: 1180, media: { media: 'print' }, act: paper });
}
await take('figures-en-dark', { lang: 'en', theme: 'dark', as: 'support', path: `/admin/insights/${latest}`, height: 1180 });
await take('figures-zh-phone', { lang: 'zh-CN', width: 'phone', as: 'support', path: `/admin/insights/${latest}`, height: 1400 });
process.exit(0);
