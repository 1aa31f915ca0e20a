// Every page there is, in both languages, on a phone and on a desktop, with script and without:
// it answers 200 in the right language with one heading, fits, is accessible and valid, and keeps to its own origin.
//
// Pages are the rows of `pages` below, plus whatever those link to: a new page is found by the link that leads to it.
// Add a row where no link leads to a page, or where a page must never vanish from here.
//
// INTERLUDE_TEST_SHOTS=1 saves a picture of every page; a page that fails is always pictured. All under output/.

import assert from 'node:assert/strict';
import test from 'node:test';
import { barriers, complaints, flaws, overflow, shoot, start, widths } from './harness.mjs';

// {window}: one window for each of these states that the demonstration data has.
const pages = [
  { path: '/' },
  { path: '/windows/{window}', states: ['scheduled', 'in_progress', 'verifying', 'completed', 'cancelled'] },
  { path: '/windows/{window}/report', states: ['in_progress'] },
  { path: '/windows/{window}/survey', states: ['completed'] },
  { path: '/report' },
  { path: '/receipts' },
  { path: '/history' },
  { path: '/help' },
  { path: '/offline' },
  { path: '/embed/windows/{window}/report', states: ['in_progress'] },
  { path: '/embed/windows/{window}/survey', states: ['completed'] },
  { path: '/login' },
  { path: '/admin/', as: 'administrator' },
  { path: '/admin/windows', as: 'administrator' },
  { path: '/admin/surveys', as: 'administrator' },
  { path: '/admin/surveys/{window}', states: ['completed'], as: 'administrator' },
  { path: '/admin/reports', as: 'administrator' },
  { path: '/admin/account', as: 'administrator' },
  { path: '/admin/account/second-factor', as: 'administrator' },
  { path: '/admin/people', as: 'administrator' },
  { path: '/admin/settings', as: 'administrator' },
  { path: '/admin/audit', as: 'administrator' },
  { path: '/admin/known-issues', as: 'administrator' },
  { path: '/admin/alarms', as: 'administrator' },
  { path: '/admin/answers', as: 'administrator' },
  { path: '/admin/bulk', as: 'administrator' },
  { path: '/admin/filters', as: 'administrator' },
  { path: '/admin/triage', as: 'administrator' },
];

// Links that lead to no page of ours: machine interfaces, files, and acts.
const notPages = /^\/(api|events|assets|static|metrics|healthz|readyz)(\/|$)|\/(logout|export)$|\.[a-z0-9]{2,5}$/i;

const server = await start({ demo: true });
const found = await everyPage();

for (const { path, as } of found) {
  const name = `${path}${as ? ` as ${as}` : ''}`;
  for (const lang of ['zh-CN', 'en']) {
    test(`${name}: ${lang}, phone`, () => check({ path, as, lang, width: 'phone', script: true }));
    test(`${name}: ${lang}, desktop`, () => check({ path, as, lang, width: 'desktop', script: true }));
    test(`${name}: ${lang}, phone, without script`, () => check({ path, as, lang, width: 'phone', script: false }));
  }
}

async function check({ path, as, lang, width, script }) {
  // The browser asks for the other language: ?lang= has to win.
  const page = await server.world({ lang: lang === 'en' ? 'zh-CN' : 'en', width, script, as });
  const name = `${path} ${lang} ${width}${as ? ` ${as}` : ''}${script ? '' : ' no-script'}`;
  const problems = [];
  const answer = await page.goto(`${path}?lang=${lang}`);
  const arrived = new URL(page.url()).pathname;
  if (answer.status() !== 200) problems.push(`status ${answer.status()}`);
  if (arrived !== path) problems.push(`led to ${arrived}`);
  const is = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title.trim(),
    headings: [...document.querySelectorAll('h1')].map((h1) => h1.innerText.trim()),
    text: document.body.innerText.trim().length,
  }));
  if (is.lang !== lang) problems.push(`<html lang="${is.lang}">`);
  if (!is.title) problems.push('no title');
  if (is.headings.length !== 1 || !is.headings[0]) problems.push(`not exactly one h1 with text: ${JSON.stringify(is.headings)}`);
  if (is.text < 20) problems.push('hardly any text to be seen');
  problems.push(...await overflow(page));
  if (script) {
    problems.push(...await barriers(page));
    await page.emulateMedia({ colorScheme: 'dark' });
    problems.push(...(await barriers(page, { rules: ['color-contrast'] })).map((line) => `dark: ${line}`));
    await page.emulateMedia({ colorScheme: 'light' });
  }
  if (script && width === 'desktop') {
    // What 400 % zoom leaves of a desktop (WCAG 2.2, 1.4.10).
    await page.setViewportSize({ width: 320, height: 256 });
    problems.push(...(await overflow(page)).map((line) => `at 400 %: ${line}`));
    await page.setViewportSize(widths.desktop.viewport);
  }
  // The same bytes come whatever the width, so they are read once a language.
  if (width === 'desktop') problems.push(...await flaws(await answer.text(), name));
  problems.push(...complaints(page));
  if (problems.length || process.env.INTERLUDE_TEST_SHOTS) await shoot(page, `every-page${name.replaceAll('/', '.')}`);
  await page.context().close();
  if (problems.length) assert.fail(`${name}:\n  ${problems.join('\n  ')}`);
}

// The rows of `pages`, and one page of each shape that they, or pages found from them, link to.
async function everyPage() {
  const windows = await slugs();
  const rows = pages.flatMap(({ path, states, as }) => {
    if (!states) return [{ path, as }];
    return states.filter((state) => windows.has(state)).map((state) => ({ path: path.replace('{window}', windows.get(state)), as }));
  });
  assert.ok(['scheduled', 'in_progress', 'completed'].every((state) => windows.has(state)),
    `the demonstration data should have a coming, a running and a past window; it has ${[...windows.keys()].join(', ') || 'none'}`);
  const readers = { nobody: await server.world(), administrator: await server.world({ as: 'administrator' }) };
  const known = new Set(rows.map(({ path, as }) => shape(path, as)));
  for (let at = 0; at < rows.length && rows.length < 200; at += 1) {
    const { path, as } = rows[at];
    const answer = await readers[as ?? 'nobody'].request.get(path);
    if (answer.status() !== 200 || !answer.headers()['content-type']?.startsWith('text/html')) continue; // its own test says so
    for (const [, href] of (await answer.text()).matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      let url;
      try { url = new URL(href.replaceAll('&amp;', '&'), server.origin + path); } catch { continue; }
      if (url.origin !== server.origin || notPages.test(url.pathname)) continue;
      const next = { path: url.pathname, as: url.pathname.startsWith('/admin') ? as ?? 'administrator' : undefined };
      if (known.has(shape(next.path, next.as))) continue;
      known.add(shape(next.path, next.as));
      const type = (await readers[next.as ?? 'nobody'].request.get(next.path)).headers()['content-type'] ?? '';
      if (type.startsWith('text/html')) rows.push(next);
    }
  }
  for (const page of Object.values(readers)) await page.context().close();
  return rows;

  // Pages that differ only in which window, report or person they show have one shape.
  function shape(path, as) {
    const slugsOf = new Set(windows.all);
    return `${as ?? ''} ${path.split('/').map((part) => (slugsOf.has(part) || /\d|[A-Z]/.test(part) ? '{}' : part)).join('/').replace(/\/$/, '')}`;
  }
}

// State → slug of one window in it, as the API lists them.
async function slugs() {
  const answer = await fetch(`${server.origin}/api/v1/windows?limit=200`);
  assert.equal(answer.status, 200, 'GET /api/v1/windows');
  const { items } = await answer.json();
  const states = new Map(items.map(({ slug, state }) => [state, slug]).reverse());
  states.all = items.map(({ slug }) => slug);
  return states;
}
