// Plain http under a name, as in a network of one's own: an origin that browsers do not trust, so that they send no
// Sec-Fetch-Site, and where a form comes from is told by its Origin alone. Nobody may be taken for another site.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { start } from './harness.mjs';

let server, fresh;
before(async () => {
  server = await start({ demo: true, host: 'interlude.test' });
  fresh = await start({ host: 'interlude.test' });
});

const press = (page, name) => Promise.all([page.waitForNavigation(), page.click(name)]);

/** What the browser says with every form that it sends. */
const told = (page) => {
  const forms = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') forms.push(request.allHeaders());
  });
  return () => Promise.all(forms);
};

const taken = async (forms, many) => {
  const sent = await forms();
  assert.equal(sent.length, many);
  for (const headers of sent) {
    assert.equal(headers['sec-fetch-site'], undefined, 'this origin is trusted, so the test shows nothing');
    assert.equal(headers.origin, server.origin);
  }
};

for (const script of [true, false]) {
  const how = script ? 'with script' : 'without script';

  test(`somebody logs in and out again (${how})`, async () => {
    const { name, password } = await server.staff('support');
    const page = await server.world({ lang: 'en', script, path: '/login' });
    const forms = told(page);
    await page.fill('input[name=name]', name);
    await page.fill('input[name=password]', password);
    await press(page, 'main button[type=submit]');
    assert.equal(new URL(page.url()).pathname, '/admin/');
    await page.goto('/admin/account');
    await press(page, 'form[action="/logout"] button');
    assert.doesNotMatch(page.url(), /logout|admin/);
    await taken(forms, 2);
  });

  test(`a reporter writes on the receipt (${how})`, async () => {
    const page = await server.world({ lang: 'en', width: 'phone', script, path: '/report' });
    const forms = told(page);
    await page.fill('#description', 'Nothing is printed.');
    await page.check('input[name=impact][value=blocked]');
    await press(page, 'form[action] button[type=submit]');
    assert.match(page.url(), /\/receipts\/r-/);
    await page.fill('form[action$="/messages"] textarea', 'It is the second floor.');
    await press(page, 'form[action$="/messages"] button');
    assert.match(await page.innerText('main'), /It is the second floor\./);
    await taken(forms, 2);
  });
}

test('the first administrator is made by the link that the server prints', async () => {
  const [, path] = await fresh.said(/set up: +\S+?(\/setup\/\S+)/);
  const page = await fresh.world({ lang: 'en', path });
  await page.fill('#name', 'first');
  for (const field of await page.locator('input[type=password]').all()) await field.fill('a long enough secret, 7 words');
  await press(page, 'main button[type=submit]');
  assert.equal(page.url().startsWith(`${fresh.origin}/setup/`), false, await page.innerText('main'));
});
