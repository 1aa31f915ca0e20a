// By keyboard alone: a report is linked to a known issue and taken off it again, and another one becomes a
// duplicate, whose reporter then reads on the receipt where the original stands.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, report as send, start, tabTo } from './harness.mjs';

let server;
before(async () => { server = await start({ demo: true }); });

const report = (description) => send(server, description);

/** Presses Enter and waits for the page that comes. */
async function enter(page) {
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

test('a report is linked to a known issue by keyboard alone, and taken off again', async () => {
  const one = await report('The code for logging in never arrives');
  const page = await server.world({ lang: 'en', as: 'support', path: '/admin/known-issues/new' });
  await tabTo(page, '[name="title.en"]');
  await page.keyboard.type('Codes do not arrive');
  await tabTo(page, 'main button[type=submit]');
  await enter(page);
  const issue = new URL(page.url()).pathname;
  assert.match(issue, /^\/admin\/known-issues\/\d+$/);
  await page.goto(`${server.origin}/admin/reports/${one.reference}`);
  await tabTo(page, '#known_issue');
  await page.keyboard.type('Codes do not');
  await tabTo(page, '#known-issue button[value=link]');
  await enter(page);
  assert.ok(await page.locator(`#known-issue a[href="${issue}"]`).count(), 'it is linked');
  await accessible(page);
  await fits(page);
  await tabTo(page, '#known-issue button[name=known_issue]');
  await enter(page);
  assert.equal(await page.locator(`#known-issue p a[href="${issue}"]`).count(), 0);
  await page.context().close();
});

test('a report becomes a duplicate by keyboard alone, and its receipt says where the original stands', async () => {
  const [original, duplicate] = [await report('Nobody can log in'), await report('Logging in fails')];
  const page = await server.world({ lang: 'en', as: 'support', path: `/admin/reports/${duplicate.reference}` });
  await tabTo(page, '#duplicate_of');
  await page.keyboard.type(original.reference);
  await enter(page);
  assert.match(await page.locator('#report').innerText(), new RegExp(`Repeats ${original.reference}`));
  await accessible(page);
  await page.goto(`${server.origin}/admin/reports/${original.reference}`);
  await tabTo(page, '#answer');
  await page.keyboard.type('It works again.');
  await tabTo(page, 'form button[value=resolved]');
  await enter(page);
  await accessible(page);
  await page.goto(duplicate.receipt_url);
  const said = await page.locator('main').innerText();
  assert.match(said, /It works again\./);
  assert.ok(!said.includes(original.reference), 'the original is not named');
  await accessible(page);
  await fits(page);
  await tabTo(page, 'button[value=not_fixed]');
  await enter(page);
  assert.match(await page.locator('main').innerText(), /In progress/);
  await page.context().close();
});
