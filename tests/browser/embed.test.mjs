// Our banner and forms inside a page of another site, whose Content-Security-Policy is strict.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import { accessible, fits, shoot, start } from './harness.mjs';

const server = await start({ demo: true });
// Another, for windows of our own.
const calm = await start();
const hosts = [];
let listed, stranger, component;

/** Another site: a page with a form that fails, and our script. */
async function site(of = server, key = () => component) {
  const host = createServer((request, answer) => {
    const { searchParams } = new URL(request.url, 'http://localhost');
    const lang = searchParams.get('lang') ?? 'zh-CN';
    answer.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src ${of.origin}; connect-src ${of.origin}; frame-src ${of.origin}; img-src ${of.origin}`,
    });
    answer.end(`<!DOCTYPE html><html lang="${lang}"><head><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
      <body><main><h1>Log-in failed</h1><p><img src="${of.origin}/badge.svg?lang=${lang}" alt="badge"></p><p><a href="#" data-interlude-report="${key()}">Tell us</a></p></main>
      <script src="${of.origin}/embed.js" data-component="${key()}" data-lang="${lang}"></script></body></html>`);
  });
  await new Promise((done) => { host.listen(0, '127.0.0.1', done); });
  hosts.push(host);
  // By name: to the browser another site than our server's address, not only another origin.
  return `http://localhost:${host.address().port}`;
}

before(async () => {
  const { items } = await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json();
  component = items.find((w) => w.state === 'in_progress').components.find((c) => c.impact !== 'none').key;
  [listed, stranger] = [await site(), await site()];
  const page = await server.world({ as: 'administrator', path: '/admin/settings' });
  await page.fill('#embed_origins', 'nonsense');
  await Promise.all([page.waitForNavigation(), page.click('form[action="/admin/settings"] button[type=submit]')]);
  assert.equal(await page.inputValue('#embed_origins'), 'nonsense');
  assert.equal(await page.locator('#embed_origins-error').count(), 1);
  await accessible(page);
  await page.fill('#embed_origins', `${listed}/\n`);
  await Promise.all([page.waitForNavigation(), page.click('form[action="/admin/settings"] button[type=submit]')]);
  assert.equal(await page.inputValue('#embed_origins'), listed);
  await page.context().close();
});

after(() => { for (const host of hosts) host.close(); });

// The script that hears Escape comes after the text: until then the key is nobody's.
const loaded = (frame) => frame.locator('html').evaluate(() => document.readyState === 'complete' || new Promise((done) => { addEventListener('load', done); }));
// The key takes away the frame in which it is pressed: nobody may be left to say that it was let go again.
const escape = async (page, from) => {
  await from.focus();
  page.keyboard.press('Escape').catch(() => {});
  await page.locator('dialog').waitFor({ state: 'detached' });
};

for (const lang of ['zh-CN', 'en']) {
  test(`somebody whose log-in failed reports it without leaving the page (${lang})`, async () => {
    const page = await server.world({ lang: lang === 'en' ? 'zh-CN' : 'en', width: 'phone' });
    await page.goto(`${listed}/?lang=${lang}`);
    const bar = page.locator('section.bar.running');
    await bar.waitFor();
    assert.match(await bar.textContent(), lang === 'en' ? /[a-z]{3}/ : /[\u4e00-\u9fff]{3}/);
    await accessible(page);
    await fits(page);
    await shoot(page, `embed-banner-${lang}`);
    const opener = bar.locator('button.first');
    await opener.click();
    const frame = page.frameLocator('iframe');
    assert.equal(await frame.locator('select[name=component]').inputValue(), component, 'the failing function is chosen');
    assert.equal(await frame.locator('html').getAttribute('lang'), lang);
    // Escape closes, from inside the frame too, and the focus goes back to where it came from.
    await loaded(frame);
    await escape(page, frame.locator('#description'));
    assert.ok(await opener.evaluate((b) => b.getRootNode().activeElement === b));

    await opener.click();
    await frame.locator('form button[type=submit]').click();
    await frame.locator('.error-summary').waitFor();
    await frame.locator('#description').fill(`Embedded ${lang}`);
    await frame.locator('input[name=impact][value=blocked]').check();
    await shoot(page, `embed-dialog-${lang}`);
    await frame.locator('form button[type=submit]').click();
    const code = (await frame.locator('#code').textContent()).trim();
    assert.match(code, /^R-[2-9A-Z]{6,}(-[0-9A-Z]{4}){4}$/);
    assert.equal(await frame.locator('html').getAttribute('lang'), lang);
    await shoot(page, `embed-received-${lang}`);
    const lines = (await server.run(['export', 'reports', '--format', 'jsonl'])).trim().split('\n').map((l) => JSON.parse(l));
    const mine = lines.filter((r) => r.description === `Embedded ${lang}`);
    assert.deepEqual(mine.map((r) => [r.source, r.component, r.language]), [['embed', component, lang]]);
    await page.locator('dialog button').first().click();
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal((await page.context().cookies(server.origin)).filter((c) => c.name !== 'interlude_language').length, 0);

    // The host's own button opens the same.
    await page.click('[data-interlude-report]');
    await frame.locator('#description').waitFor();
    await page.context().close();
  });
}

test('the banner tells of a window to come, and of one that is over it opens the survey', async () => {
  const host = await site(calm, () => 'login');
  const admin = await calm.world({ as: 'administrator', path: '/admin/settings' });
  await admin.fill('#embed_origins', host);
  await Promise.all([admin.waitForNavigation(), admin.click('form[action="/admin/settings"] button[type=submit]')]);
  await admin.context().close();
  const token = /il_\S+|[\w-]{24,}/.exec(await calm.run(['token', 'create', '--name', 'embed', '--role', 'operator']))[0];
  const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
  const window = {
    slug: 'core', state: 'scheduled', title: { 'zh-CN': '核心升级', en: 'Core upgrade' }, time_zone: 'Asia/Shanghai',
    scheduled_start: hours(2), scheduled_end: hours(5), components: [],
  };
  const made = await fetch(`${calm.origin}/api/v1/windows`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'a-window-to-come-for-the-banner' }, body: JSON.stringify(window) });
  assert.equal(made.status, 201, await made.text());
  const look = async (lang, state) => {
    const page = await calm.world({ lang: lang === 'en' ? 'zh-CN' : 'en', width: 'phone' });
    await page.goto(`${host}/?lang=${lang}`);
    const bar = page.locator(`section.bar.${state}`);
    await bar.waitFor();
    assert.match(await bar.textContent(), lang === 'en' ? /Core upgrade/ : /核心升级/);
    await accessible(page);
    await fits(page);
    await shoot(page, `embed-${state}-${lang}`);
    return { page, bar };
  };
  for (const lang of ['zh-CN', 'en']) {
    const { page, bar } = await look(lang, 'coming');
    assert.match(await bar.textContent(), /\d:\d\d/, 'it says when');
    assert.equal(await bar.locator('button').count(), 1, 'a report, and no survey yet');
    assert.match(await bar.locator('a').getAttribute('href'), /\/windows\/core\?/);
    await page.context().close();
  }

  await calm.run(['window', 'start', 'core']);
  await calm.run(['window', 'complete', 'core']);
  for (const [n, lang] of ['zh-CN', 'en'].entries()) {
    const { page, bar } = await look(lang, 'done');
    const opener = bar.locator('button.first');
    await opener.click();
    const frame = page.frameLocator('iframe');
    await frame.locator('input[name=csat][value="4"]').check({ force: true });
    assert.equal(await frame.locator('html').getAttribute('lang'), lang);
    await shoot(page, `embed-survey-${lang}`);
    await frame.locator('button[value=send]').click();
    await frame.locator('[data-draft-clear^="survey-"]').waitFor();
    await shoot(page, `embed-survey-thanks-${lang}`);
    await loaded(frame);
    await escape(page, frame.locator('h1'));
    assert.ok(await opener.evaluate((b) => b.getRootNode().activeElement === b));
    const answers = (await calm.run(['export', 'survey-responses', '--format', 'jsonl'])).trim().split('\n');
    assert.equal(answers.length, n + 1);
    await page.context().close();
  }
});

test('a site that is not listed gets neither banner nor frame', async () => {
  const page = await server.world({ lang: 'en' });
  // An answer that the browser keeps from the page counts as none.
  const answered = Promise.race(['requestfailed', 'requestfinished'].map((end) => page.waitForEvent(end, (r) => r.url().includes('/embed.json'))));
  await page.goto(stranger);
  await answered;
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 0)); }));
  assert.equal(await page.locator('section.bar').count(), 0);
  const framed = await page.evaluate((src) => new Promise((done) => {
    const frame = Object.assign(document.createElement('iframe'), { src });
    frame.onload = () => done(true);
    document.body.append(frame);
  }), `${server.origin}/embed/report`);
  assert.ok(framed);
  const inner = page.frames().find((f) => f !== page.mainFrame());
  assert.ok(!(await inner.content()).includes('idempotency_key'), 'the form is framed by a stranger');
  await page.context().close();
});
