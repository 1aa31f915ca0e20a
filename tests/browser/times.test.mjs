// Times: as everybody says them, in the reader's own zone too; counted from now, or as they are; and a page that renews
// itself for those without script.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, quiet, shoot, start, tabTo } from './harness.mjs';

const server = await start({ demo: true });
let windows;
const slug = (state) => windows.find((w) => w.state === state).slug;

before(async () => {
  windows = (await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json()).items;
});

const FORMS = {
  'zh-CN': /^您当地时间 \d{1,2} 月 \d{1,2} 日（周[一二三四五六日]）\d\d:\d\d(–(次日 |\d{1,2} 月 \d{1,2} 日（周[一二三四五六日]）)?\d\d:\d\d)?$/,
  en: /^Your time: (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}, \d\d:\d\d( to ((Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}, )?\d\d:\d\d( the next day)?)?$/,
};

for (const lang of ['zh-CN', 'en']) {
  for (const state of ['scheduled', 'in_progress', 'completed']) {
    test(`the reader's own time is written like the others (${lang}, ${state})`, async () => {
      const page = await server.world({ lang, width: 'phone', zone: 'America/Los_Angeles', path: `/windows/${slug(state)}` });
      const locals = page.locator('span.local');
      // Below the title, and where the question is answered.
      await page.locator('.notice-head span.local').waitFor();
      await page.locator('.answers span.local').waitFor();
      for (const text of await locals.allTextContents()) assert.match(text, FORMS[lang]);
      // Its own start, told by the browser itself.
      const { at, said } = await page.evaluate(() => {
        const t = document.querySelector('.notice-head time[data-local]');
        return { at: new Date(t.dateTime).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }), said: t.nextElementSibling.textContent };
      });
      assert.ok(said.includes(at), `${said} has ${at}`);
      await fits(page);
      await shoot(page, `local-${state}-${lang}`);
      await page.context().close();
      const home = await server.world({ lang, path: `/windows/${slug(state)}` });
      assert.equal(await home.locator('span.local').count(), 0, 'who lives there is told once');
      assert.ok(!await home.locator('.zoned').isVisible());
      await home.context().close();
    });
  }

  test(`times can be had as they are, by keyboard and by touch, and stay so (${lang})`, async () => {
    for (const [as, path] of [[undefined, `/windows/${slug('in_progress')}`], ['support', '/admin/reports']]) {
      const page = await server.world({ lang, as });
      // "12 minutes ago" is one more a minute later: the clock of the page stands still.
      await page.clock.setFixedTime(new Date());
      await page.goto(path);
      const time = page.locator('time[data-relative][title]').first();
      await time.waitFor();
      const relative = await time.textContent(), exact = await time.getAttribute('title');
      assert.notEqual(relative, exact);
      await tabTo(page, '[data-exact] input');
      const box = await page.locator('[data-exact]').boundingBox();
      assert.ok(box.height >= 24 && box.width >= 24);
      await accessible(page);
      await page.keyboard.press('Space');
      assert.equal(await time.textContent(), exact);
      await page.reload();
      await time.waitFor();
      assert.equal(await time.textContent(), exact, 'the device remembers');
      await shoot(page, `exact-${as ?? 'public'}-${lang}`);
      await page.click('[data-exact]');
      assert.equal(await time.textContent(), relative);
      quiet(page);
      await page.context().close();
    }
    const none = await server.world({ lang, path: '/receipts' });
    assert.ok(!await none.locator('[data-exact]').isVisible(), 'where there is nothing to switch');
    await none.context().close();
  });

  test(`without script a page renews itself when it is asked to (${lang})`, async () => {
    for (const path of ['/', `/windows/${slug('in_progress')}`]) {
      const page = await server.world({ lang, width: 'phone', script: false, path });
      const refresh = page.locator('meta[http-equiv=refresh]');
      assert.equal(await refresh.count(), 0, 'not unasked');
      await Promise.all([page.waitForURL(/\?refresh=60$/), page.click('a[href$="?refresh=60"]')]);
      assert.equal(await refresh.getAttribute('content'), '60');
      await fits(page);
      await shoot(page, `renewed-${path === '/' ? 'start' : 'notice'}-${lang}`);
      // In the other language too.
      assert.match(await page.locator('nav.lang a').first().getAttribute('href'), /refresh=60/);
      await Promise.all([page.waitForURL((url) => url.search === ''), page.click(`.live a[href="${path}"]`)]);
      assert.equal(await refresh.count(), 0);
      await page.context().close();
      const script = await server.world({ lang, path: `${path}?refresh=60` });
      assert.equal(await script.locator('meta[http-equiv=refresh]').count(), 0, 'with script it follows what happens');
      assert.ok(!await script.locator('a[href$="?refresh=60"]').first().isVisible().catch(() => false));
      await script.context().close();
    }
  });
}
