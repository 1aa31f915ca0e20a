// What every-page.test.mjs does not come to by a link: the pages that a secret in a message leads to, what is said
// when something is wrong, and how representative pages look to those who ask for more contrast or bring colours of
// their own. Each in both languages; a page is wrong in the same ways as there.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { barriers, overflow, shoot, start, wrong } from './harness.mjs';

const server = await start({ demo: true });
const windows = (await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json()).items;
const slug = (state, n = 0) => windows.filter((w) => w.state === state)[n].slug;
// Widths take turns with languages: what is said is short.
const looks = [{ lang: 'zh-CN', width: 'phone' }, { lang: 'en', width: 'desktop' }];

async function fine(page, answer, name, options) {
  const problems = await wrong(page, answer, options);
  await shoot(page, name, { folder: `states/${options.lang}`, scale: 'css' });
  await page.context().close();
  if (problems.length) assert.fail(`${name} ${options.lang}:\n  ${problems.join('\n  ')}`);
}

/** Sends the form around `button` as it stands, past what the browser itself would refuse, folded away or not. */
async function send(page, button) {
  const sending = page.locator(button).first().evaluate((b) => { b.form.noValidate = true; b.form.requestSubmit(b); });
  const [answer] = await Promise.all([page.waitForNavigation(), sending]);
  return answer;
}

/** Sends the form around `button` with nothing in it. */
async function sendEmpty(page, button) {
  await page.locator(button).first().evaluate((b) => {
    for (const field of b.form.elements) {
      if (field.matches('textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=submit], [readonly])')) field.value = '';
      if (field.matches('[type=radio], [type=checkbox]')) field.checked = false;
    }
  });
  return send(page, button);
}

// ---------------------------------------------------------------- what a secret leads to

const empty = await start();
const setup = new URL((await empty.said(/set up:\s+(\S+)/))[1]).pathname;

describe('before there is anybody', () => {
  for (const { lang, width } of looks) {
    test(`the set-up (${lang})`, async () => {
      const page = await empty.world({ lang, width });
      await fine(page, await page.goto(setup), 'set-up', { lang });
    });
    test(`a set-up that lacks something (${lang})`, async () => {
      const page = await empty.world({ lang, width, path: setup });
      await fine(page, await sendEmpty(page, 'main form button[type=submit]'), 'set-up-wrong', { lang, status: 422 });
    });
  }
});

// The six digits that an authenticator shows now (RFC 6238).
function digits(secret) {
  const bits = [...secret.toUpperCase().replace(/[^A-Z2-7]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

describe('what a secret leads to', () => {
  for (const { lang, width } of looks) {
    test(`an invitation (${lang})`, async () => {
      const staff = await server.world({ lang: 'en', as: 'administrator', path: '/admin/people' });
      const form = 'form[action="/admin/invitations"]';
      await staff.fill(`${form} input[type=text]:not([readonly])`, `new-${lang.toLowerCase()}`);
      await Promise.all([staff.waitForNavigation(), staff.click(`${form} button[type=submit]`)]);
      const link = /\/invitations\/[\w-]+/.exec(await staff.content())[0];
      await staff.context().close();
      const page = await server.world({ lang, width });
      await fine(page, await page.goto(link), 'invitation', { lang });
      const short = await server.world({ lang, width, path: link });
      await fine(short, await sendEmpty(short, 'main form button[type=submit]'), 'invitation-wrong', { lang, status: 422 });
    });

    test(`the second factor that is set up and asked for (${lang})`, async () => {
      const role = lang === 'en' ? 'operator' : 'support';
      const page = await server.world({ lang, width, as: role, path: '/admin/account/second-factor' });
      await Promise.all([page.waitForNavigation(), page.click('form[action="/admin/account/second-factor"] button')]);
      const secret = await page.textContent('.secret-text');
      assert.deepEqual(await barriers(page), []);
      assert.deepEqual(await overflow(page), []);
      await page.fill('#code', digits(secret));
      await Promise.all([page.waitForNavigation(), page.click('form[action$="/confirm"] button')]);
      assert.deepEqual(await barriers(page), []);
      await page.context().close();
      const { name, password } = await server.staff(role);
      const again = await server.world({ lang, width, path: '/login' });
      await again.fill('input[name=name]', name);
      await again.fill('input[name=password]', password);
      const [asked] = await Promise.all([again.waitForNavigation(), again.press('input[name=password]', 'Enter')]);
      assert.equal(new URL(again.url()).pathname, '/login/code');
      const problems = await wrong(again, asked, { lang });
      assert.deepEqual(problems, []);
      await again.fill('#code', '000000');
      await fine(again, await send(again, 'main form button[type=submit]'), 'login-code', { lang, status: 422 });
    });

    test(`a survey that is not open yet, and one that is closed (${lang})`, async () => {
      const early = await server.world({ lang, width });
      await fine(early, await early.goto(`/windows/${slug('scheduled')}/survey`), 'survey-early', { lang });
      const closed = slug('completed', 2);
      const staff = await server.world({ lang: 'en', as: 'administrator', path: `/admin/surveys/${closed}` });
      const close = staff.locator('button[name=act][value=close]');
      if (await close.count()) await Promise.all([staff.waitForNavigation(), close.click()]);
      await staff.context().close();
      const late = await server.world({ lang, width });
      await fine(late, await late.goto(`/windows/${closed}/survey`), 'survey-closed', { lang });
    });
  }
});

// ---------------------------------------------------------------- what is said when something is wrong

// Addresses at which nothing is shown but what is wrong.
const refusals = [
  ['not-found', '/nothing-here', 404],
  ['window-not-found', '/windows/gone', 404],
  ['receipt-not-found', '/receipts/r-7kq4m2-averysecretlink', 404],
  ['invitation-not-found', '/invitations/7-averysecretinvitation', 404],
  ['set-up-not-found', '/setup/averysecretsetup', 404],
  ['report-not-found', '/admin/reports/R-ZZZZZZ', 404, 'administrator'],
  ['forbidden', '/admin/people', 403, 'viewer'],
  ['wrong-method', '/logout', 405],
];

// Forms that are sent with nothing in them, or with something that nobody knows.
const forms = [
  ['report', '/report', 'form[action] button[type=submit]'],
  ['receipts', '/receipts', 'main form button[type=submit]'],
  ['login', '/login', 'main form button[type=submit]'],
  ['survey', () => `/windows/${slug('completed')}/survey`, 'main form button[value=send]'],
  ['window', '/admin/windows/new', 'main form button[type=submit]', 'administrator'],
  ['component', '/admin/components', 'main form[method=post] button[type=submit]', 'administrator'],
  ['report-by-phone', '/admin/reports/new', 'main form button[type=submit]', 'administrator'],
  ['known-issue', '/admin/known-issues/new', 'main form button[type=submit]', 'administrator'],
  ['improvement', '/admin/improvements/new', 'main form button[type=submit]', 'administrator'],
  ['person', '/admin/people', 'form[method=post][action="/admin/people"] button[type=submit]', 'administrator'],
  ['token', '/admin/tokens', 'form[method=post][action="/admin/tokens"] button[type=submit]', 'administrator'],
  ['settings', '/admin/settings', 'form[action="/admin/settings"] button[type=submit]', 'administrator'],
];

describe('what is said when something is wrong', { concurrency: 2 }, () => {
  for (const { lang, width } of looks) {
    for (const [name, path, status, as] of refusals) {
      test(`${name} (${lang})`, async () => {
        const page = await server.world({ lang, width, as });
        await fine(page, await page.goto(path), name, { lang, status });
      });
    }
    for (const [name, path, button, as] of forms) {
      test(`the form of ${name} with mistakes (${lang})`, async () => {
        const page = await server.world({ lang, width, as, path: typeof path === 'string' ? path : path() });
        await fine(page, await sendEmpty(page, button), `form-${name}`, { lang, status: 422 });
      });
    }
  }
});

const limited = await start({ demo: true, env: { INTERLUDE_RATE_LIMITS: 'on' } });

describe('what is said when the server cannot', () => {
  for (const { lang, width } of looks) {
    test(`too many tries (${lang})`, async () => {
      const page = await limited.world({ lang, width, path: '/receipts' });
      await page.fill('#code', 'R-222222-2222-2222-2222-2222');
      // Ten at once, and one more every six seconds: until the next one is some seconds away.
      for (let left = 0, n = 0; left < 5; n += 1) {
        assert.ok(n < 300, 'it is never too many');
        const answer = await page.request.post('/receipts', { form: { code: 'R-222222-2222-2222-2222-2222' } });
        left = answer.status() === 429 ? Number(answer.headers()['retry-after']) : 0;
        if (answer.status() === 429 && left < 5) await sleep(100);
      }
      await fine(page, await send(page, 'main form button[type=submit]'), 'too-many', { lang, status: 429 });
    });

    test(`no database (${lang})`, async () => {
      const form = await limited.world({ lang, width, path: '/report' });
      const page = await limited.world({ lang, width });
      const [file, away] = ['interlude.db', 'away.db'].map((name) => join(limited.dataDir, name));
      renameSync(file, away);
      try {
        // Sent past the page's script, which would keep it on the device: what was typed comes back.
        await form.fill('#description', 'typed at 02:30');
        await form.check('input[name=impact][value=blocked]');
        const sending = form.locator('form[action]:has(#description)').evaluate((f) => { HTMLFormElement.prototype.submit.call(f); });
        const [answer] = await Promise.all([form.waitForNavigation(), sending]);
        assert.equal(await form.inputValue('#description'), 'typed at 02:30');
        await fine(form, answer, 'form-unavailable', { lang, status: 503 });
        await fine(page, await page.goto('/known-issues/1/me-too'), 'unavailable', { lang, status: 503 });
      } finally {
        renameSync(away, file);
      }
      for (const until = Date.now() + 60_000; (await fetch(`${limited.origin}/readyz`)).status !== 200;) assert.ok(Date.now() < until, 'it does not recover');
    });
  }
});

// ---------------------------------------------------------------- more contrast, and colours of one's own

const representative = [
  ['/'],
  [`/windows/${slug('in_progress')}`],
  [`/windows/${slug('in_progress')}/report`],
  [`/windows/${slug('completed')}/survey`],
  ['/history'],
  ['/login'],
  ['/admin/', 'administrator'],
  [`/admin/windows/${slug('in_progress')}`, 'administrator'],
  ['/admin/reports?impact=data_loss', 'administrator'],
  ['/admin/insights', 'administrator'],
  ['/admin/settings', 'administrator'],
  ['/admin/style', 'administrator'],
];

const medias = [
  [{ contrast: 'more' }, '(prefers-contrast: more)'],
  [{ contrast: 'more', colorScheme: 'dark' }, '(prefers-contrast: more) and (prefers-color-scheme: dark)'],
  [{ contrast: 'no-preference', forcedColors: 'active', colorScheme: 'light' }, '(forced-colors: active)'],
];

describe('more contrast, and colours of one\'s own', { concurrency: 2 }, () => {
  for (const [n, [path, as]] of representative.entries()) {
    // Languages and widths take turns.
    const { lang, width } = looks[n % 2];
    test(`${path} (${lang}, ${width})`, async () => {
      const page = await server.world({ lang, width, as, path });
      const problems = [];
      for (const [media, query] of medias) {
        await page.emulateMedia(media);
        assert.ok(await page.evaluate((q) => matchMedia(q).matches, query), `the browser does not emulate ${query}`);
        problems.push(...[...await barriers(page), ...await overflow(page)].map((line) => `${query}: ${line}`));
        await shoot(page, `${path.split('?')[0].slice(1).replaceAll('/', '.') || 'start'}-${Object.keys(media).join('-')}`, { folder: 'contrast', scale: 'css' });
      }
      await page.context().close();
      if (problems.length) assert.fail(`${path}:\n  ${problems.join('\n  ')}`);
    });
  }
});
