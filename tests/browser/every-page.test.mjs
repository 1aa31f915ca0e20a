// Every page there is, in both languages, on a phone and on a desktop, with script and without, full and on a server
// where there is nothing yet: it answers 200 in the right language with one heading, fits, is accessible in the light
// and in the dark and valid, and keeps to its own origin. What is shown when something goes wrong, and the pages that
// a link in a message leads to, are in states.test.mjs.
//
// Pages are the rows of `pages` below, plus whatever those link to: a new page is found by the link that leads to it.
// Add a row where no link leads to a page, or where a page must never vanish from here.
//
// A picture of every page in both languages and widths is saved as output/pages/<language>/<width>/<page>.png.

import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { output, overflow, shoot, start, widths, wrong } from './harness.mjs';

// {window}: one window for each of these states that the demonstration data has. long: a page so long that axe takes
// minutes over it and no picture holds it, so it is looked at in one language and theme a width, and its beginning
// is pictured.
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
  { path: '/api/docs', long: true },
  { path: '/embed/report' },
  { path: '/embed/windows/{window}/report', states: ['in_progress'] },
  { path: '/embed/windows/{window}/survey', states: ['completed'] },
  { path: '/login' },
  { path: '/admin/', as: 'administrator' },
  { path: '/admin/windows', as: 'administrator' },
  { path: '/admin/surveys', as: 'administrator' },
  { path: '/admin/surveys/templates', as: 'administrator' },
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
  { path: '/admin/style', as: 'administrator' },
];

// Links that lead to no page of ours: machine interfaces, files, and acts.
const notPages = /^\/(api(?!\/docs)|events|assets|static|metrics|healthz|readyz)(\/|$)|\/(logout|export)$|\.[a-z0-9]{2,5}$/i;

const server = await start({ demo: true });
const empty = await start();
const found = await everyPage(server);
const bare = await everyPage(empty);
const pictured = [];

// Two at a time: one page is laid out while the server writes another.
describe('every page', { concurrency: 2 }, () => {
  for (const { path, as, long } of found) {
    const name = `${path}${as ? ` as ${as}` : ''}`;
    for (const lang of ['zh-CN', 'en']) {
      test(`${name}: ${lang}, phone`, () => check({ path, as, long, lang, width: 'phone', script: true }));
      test(`${name}: ${lang}, desktop`, () => check({ path, as, long, lang, width: 'desktop', script: true }));
      test(`${name}: ${lang}, phone, without script`, () => check({ path, as, long, lang, width: 'phone', script: false }));
    }
  }
});

// What others of the staff see of the pages of staff is less, and arranged anew by what is missing.
describe('every page of staff, as those see it who may do less', { concurrency: 2 }, () => {
  for (const { path } of found.filter(({ as, long }) => as && !long)) {
    test(`${path} as viewer and support`, async () => {
      for (const [as, lang, width] of [['viewer', 'zh-CN', 'desktop'], ['support', 'en', 'phone']]) {
        const page = await server.world({ as });
        const status = (await page.request.get(path)).status();
        await page.context().close();
        // Whose page it is not, tests/stories/routes says.
        if (status === 200) await check({ path, as, lang, width, script: true, brief: true });
        else assert.equal(status, 403, `${path} as ${as}`);
      }
    });
  }
});

// Widths take turns with languages here: what an empty page says is short.
describe('every page where there is nothing yet', { concurrency: 2 }, () => {
  // What has no data behind it is the same on both.
  for (const { path, as } of bare.filter(({ long }) => !long)) {
    for (const [lang, width] of [['zh-CN', 'phone'], ['en', 'desktop']]) {
      test(`empty ${path}${as ? ` as ${as}` : ''}: ${lang}, ${width}`, () => check({ on: empty, path, as, lang, width, script: true }));
    }
  }
});

test('there is a picture of every page in both languages and widths', () => {
  assert.ok(found.some(({ path }) => path === '/admin/style'));
  const missing = found.flatMap(({ path, as }) => ['zh-CN', 'en'].flatMap((lang) => ['phone', 'desktop'].map((width) => picture({ path, as, lang, width }))))
    .map(({ folder, name }) => join(output, folder, `${name}.png`))
    .filter((file) => !pictured.includes(file) || !existsSync(file) || statSync(file).size < 2_000);
  assert.deepEqual(missing, []);
});

// Where the picture of a page goes.
function picture({ path, as, lang, width }) {
  const name = path.split('/').filter(Boolean).join('.') || 'start';
  return { folder: `pages/${lang}/${width}`, name: as && as !== 'administrator' ? `${name}-${as}` : name };
}

async function check({ on = server, path, as, long, lang, width, script, brief = false }) {
  // The browser asks for the other language: ?lang= has to win.
  const page = await on.world({ lang: lang === 'en' ? 'zh-CN' : 'en', width, script, as });
  const name = `${path} ${lang} ${width}${as ? ` ${as}` : ''}${script ? '' : ' no-script'}${on === empty ? ' empty' : ''}`;
  const answer = await page.goto(`${path}?lang=${lang}`);
  const problems = [];
  const arrived = new URL(page.url()).pathname;
  if (arrived !== path) problems.push(`led to ${arrived}`);
  if (script && on === server && !brief) {
    const { folder, name: file } = picture({ path, as, lang, width });
    pictured.push(await shoot(page, file, { folder, scale: 'css', fullPage: !long }));
  }
  problems.push(...await wrong(page, answer, {
    lang,
    script: script && !(long && (lang === 'en') === (width === 'phone')),
    // A dark page differs from a light one in its colours; whether all rules still hold is asked once a language.
    dark: brief ? 'none' : width === 'phone' && !long ? 'all' : 'contrast',
    // The same bytes come whatever the width, so they are read once a language.
    markup: width === 'desktop' || on === empty || brief,
  }));
  if (script && width === 'desktop') {
    // What 400 % zoom leaves of a desktop (WCAG 2.2, 1.4.10).
    await page.setViewportSize({ width: 320, height: 256 });
    problems.push(...(await overflow(page)).map((line) => `at 400 %: ${line}`));
    await page.setViewportSize(widths.desktop.viewport);
  }
  if (problems.length) await shoot(page, `failed${name.replaceAll('/', '.')}`);
  await page.context().close();
  if (problems.length) assert.fail(`${name}:\n  ${problems.join('\n  ')}`);
}

// The rows of `pages`, and one page of each shape that they, or pages found from them, link to.
async function everyPage(server) {
  const windows = await slugs(server);
  const rows = pages.flatMap(({ path, states, as, long }) => {
    if (!states) return [{ path, as, long }];
    return states.filter((state) => windows.has(state)).map((state) => ({ path: path.replace('{window}', windows.get(state)), as }));
  });
  assert.ok(!windows.size || ['scheduled', 'in_progress', 'completed'].every((state) => windows.has(state)),
    `the demonstration data should have a coming, a running and a past window; it has ${[...windows.keys()].join(', ') || 'none'}`);
  assert.equal(windows.size > 0, server !== empty);
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
async function slugs(server) {
  const answer = await fetch(`${server.origin}/api/v1/windows?limit=200`);
  assert.equal(answer.status, 200, 'GET /api/v1/windows');
  const { items } = await answer.json();
  const states = new Map(items.map(({ slug, state }) => [state, slug]).reverse());
  states.all = items.map(({ slug }) => slug);
  return states;
}
