// A known problem, met by one more person: on the notice and in the form, in both languages, with script and
// without; and staff who make one of similar reports and answer everybody at once.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { accessible, fits, quiet, shoot, start, until } from './harness.mjs';

let server;
let running;

before(async () => {
  server = await start({ demo: true });
  const reply = await fetch(`${server.origin}/api/v1/windows?limit=200`);
  running = (await reply.json()).items.find((w) => w.state === 'in_progress').slug;
});

const press = async (page, name) => {
  await Promise.all([page.waitForNavigation(), page.click(name)]);
};

for (const lang of ['zh-CN', 'en']) {
  for (const script of [true, false]) {
    const how = `${lang}, ${script ? 'with' : 'without'} script`;

    test(`one tap on the notice with script, two without, and the person is counted once (${how})`, async () => {
      // What the notice counts is two seconds old at most.
      await sleep(2_100);
      const page = await server.world({ lang, width: 'phone', script, path: `/windows/${running}` });
      const before = await met(page);
      if (script) await shoot(page, `known-notice-${lang}`);
      await press(page, 'article.known a[data-me-too]');
      if (!script) {
        await fits(page);
        await press(page, 'main form button[type=submit]');
      }
      assert.match(new URL(page.url()).pathname, /^\/receipts\/m-/);
      assert.match((await page.textContent('#code')).trim(), /^M-[2-9A-Z]{6,}(-[0-9A-Z]{4}){4}$/);
      if (script) await accessible(page);
      await fits(page);
      if (script) await shoot(page, `known-receipt-${lang}`);
      const receipt = page.url().split('?')[0];

      // Once more: told so, and led back to the same receipt.
      await page.goto(`${server.origin}/windows/${running}`);
      await press(page, 'article.known a[data-me-too]');
      assert.match(new URL(page.url()).pathname, /^\/known-issues\/\d+\/me-too$/);
      assert.equal(await page.locator('main form').count(), 0);
      assert.equal(await met(page), before + 1);
      if (script) await accessible(page);
      await press(page, 'main a.button-primary');
      assert.equal(page.url(), receipt);

      await page.goto(`${server.origin}/receipts`);
      await page.fill('#code', receipt);
      await press(page, 'main form button[type=submit]');
      assert.equal(page.url(), receipt);
      quiet(page);
    });

    test(`the form shows what is known (${how})`, async () => {
      const page = await server.world({ lang, width: 'phone', script, path: `/windows/${running}/report` });
      const known = page.locator('.known-list details').first();
      await page.selectOption('#component', '');
      if (script) {
        // What fits stands open: here by the words alone.
        await page.evaluate(() => document.querySelectorAll('.known-list details').forEach((d) => { d.open = false; }));
        await page.fill('#description', lang === 'en' ? 'Single sign-on says authorisation expired' : '扫码登录提示授权过期');
        await page.waitForFunction(() => document.querySelector('.known-list details').open);
        await page.waitForFunction(() => document.querySelector('[data-known-said]').textContent.length > 5);
        await accessible(page);
        await shoot(page, `known-form-${lang}`);
      } else {
        await page.fill('#description', lang === 'en' ? 'Single sign-on says authorisation expired' : '扫码登录提示授权过期');
        await press(page, 'main form.form button[type=submit]');
        assert.ok(await known.evaluate((d) => d.open));
      }
      await fits(page);
      await press(page, '.known-list details a[data-me-too]');
      if (!script) await press(page, 'main form button[type=submit]');
      assert.match(new URL(page.url()).pathname, /^\/receipts\/m-/);
      quiet(page);
    });
  }

  test(`staff make one of similar reports and answer everybody (${lang})`, async () => {
    const page = await server.world({ lang, as: 'support', path: '/admin/known-issues' });
    await accessible(page);
    await shoot(page, `known-list-${lang}`);
    await press(page, '.lead-cell a');
    await accessible(page);
    await shoot(page, `known-one-${lang}`);
    const search = await page.goto(`${server.origin}/admin/reports?window=${running}&status=new&component=login`);
    assert.equal(search.status(), 200);
    // Not every report has others like it that have no known issue yet.
    const reports = await page.locator('.lead-cell .to-page').evaluateAll((all) => all.map((link) => link.href));
    for (const report of reports) {
      await page.goto(report);
      if (await page.locator('#known-issue input[name=similar]').count()) break;
    }
    await accessible(page);
    await shoot(page, `known-report-${lang}`);
    await page.locator('#known-issue input[name=similar]').first().check();
    await press(page, '#known-issue button[value=new]');
    await accessible(page);
    await shoot(page, `known-new-${lang}`);
    await page.fill('[name="title.zh-CN"]', `登录页面空白 ${lang}`);
    await page.fill('[name="title.en"]', `The log-in page stays empty ${lang}`);
    await press(page, 'main form button.button-primary');
    assert.ok(await page.locator('#linked .ticks li').count() >= 2);
    await press(page, 'button[value=resolve]');
    await accessible(page);
    await shoot(page, `known-confirm-${lang}`);
    await page.fill('#confirm', /\d+/.exec(await page.locator('label[for=confirm]').textContent())[0]);
    await press(page, 'main form button.button-danger');
    await until(page, async () => (await (await fetch(location.pathname)).text()).includes('tone-ok" role="status"><div><strong>'));
    await page.reload();
    await accessible(page);
    await shoot(page, `known-resolved-${lang}`);
    quiet(page);
  });
}

// How many have met it, as the page says it.
async function met(page) {
  const text = await page.locator('main').textContent();
  return Number(/Reported (\d+) times so far|累计反馈 (\d+) 次/.exec(text).slice(1).find(Boolean));
}
