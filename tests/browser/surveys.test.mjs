// Answering a survey as people do: on a phone, by keyboard, with script and without, by the public link and
// by a personal one; and an operator who makes a template. What is saved on the way is there afterwards.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, flaws, quiet, shoot, start } from './harness.mjs';

let server;
let done;
let support;

before(async () => {
  server = await start({ demo: true });
  const reply = await fetch(`${server.origin}/api/v1/windows?limit=200`);
  done = (await reply.json()).items.find((w) => w.state === 'completed').slug;
  support = await server.world({ lang: 'en', as: 'support' });
});

const press = async (page, selector) => {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
};
const send = 'main form button[value=send]';
const point = (page, name, value) => page.locator(`input[name="${name}"][value="${value}"]`);

// A personal link that nobody has used, as support hands it out.
async function personal(name) {
  await support.goto(`/admin/surveys/${done}/invitations`);
  await support.fill('#list', `name,contact\n${name},${name}@example.com`);
  await press(support, 'button[value=upload]');
  await support.goto(`/admin/surveys/${done}/invitations?show=untold`);
  await press(support, `tr:has-text("${name}") button[value=link]`);
  const link = await support.inputValue('#link');
  assert.match(link, /\/surveys\/i\d+-[0-9a-z]{26}$/);
  return link;
}

for (const lang of ['zh-CN', 'en']) {
  for (const script of [true, false]) {
    const how = `${lang}, ${script ? 'with' : 'without'} script`;

    test(`somebody fills the survey in parts and comes back to it (${how})`, async () => {
      const page = await server.world({ lang, width: 'phone', script, path: `/windows/${done}/survey` });
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      await point(page, 'csat', 2).check({ force: true });
      // The first answer may be saved before the second is given.
      const both = script && page.waitForResponse((r) => r.request().postData()?.includes('saw_notice=no'));
      await point(page, 'saw_notice', 'no').check({ force: true });
      if (script) {
        await both;
        await page.waitForFunction(() => /Saved|已保存/.test(document.querySelector('[data-survey-status]').textContent));
      } else {
        await press(page, 'button[value=keep]');
        assert.match(page.url(), /\/surveys\/responses\/[^?]+\?kept=1$/);
      }
      // The browser is closed and opened again: the public link goes on where it stopped.
      await page.goto(`${server.origin}/windows/${done}/survey`);
      assert.match(page.url(), /\/surveys\/responses\//);
      assert.ok(await point(page, 'csat', 2).isChecked());
      assert.ok(await point(page, 'saw_notice', 'no').isChecked());
      const own = lang === 'en' ? 'The intranet' : '公司内网';
      await page.fill('input[name="answers.announcements.other"]', own);
      await page.fill('textarea[name=comment]', lang === 'en' ? 'Tell us earlier.' : '希望早点通知。');
      await fits(page);
      if (script) {
        await accessible(page);
        await shoot(page, `survey-${lang}`);
      }
      await press(page, send);
      assert.match(page.url(), /\/thanks$/);
      if (script) await accessible(page);
      await fits(page);
      await page.goto(`${server.origin}/windows/${done}/survey`);
      assert.ok(await page.locator('input[value=other]').isChecked(), 'whoever writes what else means “other”');
      assert.equal(await page.inputValue('input[name="answers.announcements.other"]'), own);
      await point(page, 'csat', 4).check({ force: true });
      await press(page, send);
      quiet(page);
    });

    test(`a personal link takes one response (${how})`, async () => {
      const link = await personal(`person-${lang.toLowerCase()}-${script}`);
      const page = await server.world({ lang, width: 'phone', script, path: new URL(link).pathname });
      await page.click(send);
      // Nothing was answered: the browser says so, and nothing is sent.
      assert.ok(!page.url().endsWith('/thanks'));
      await point(page, 'csat', 5).check({ force: true });
      await press(page, send);
      assert.match(page.url(), /\/thanks$/);
      await page.goto(link);
      assert.equal(await page.locator('main form').count(), 0);
      if (script) await accessible(page);
      await fits(page);
      quiet(page);
    });
  }
}

test('by keyboard alone, in a few seconds', async () => {
  const page = await server.world({ lang: 'en', path: `/windows/${done}/survey` });
  await page.focus('input[name=csat]');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.ok(await point(page, 'csat', 3).isChecked() || await point(page, 'csat', 2).isChecked());
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'saw_notice');
  await page.keyboard.press('Space');
  for (let at = 0; at < 40 && await page.evaluate(() => document.activeElement.value !== 'send'); at += 1) await page.keyboard.press('Tab');
  await Promise.all([page.waitForURL(/\/thanks$/), page.keyboard.press('Enter')]);
  quiet(page);
});

test('by keyboard and screen reader, from the top of the page to the thanks', async () => {
  const page = await server.world({ lang: 'en', path: `/windows/${done}/survey` });
  // What a screen reader is told: every question is a group with its text, every answer has a name.
  const told = await page.locator('main form').ariaSnapshot();
  assert.deepEqual(told.split('\n').filter((line) => /^\s*- (group|radio|checkbox|textbox|button)(:|$| \[)/.test(line)), [], told);
  const legends = await page.locator('main form fieldset:visible > legend').allInnerTexts();
  assert.ok(legends.length > 1);
  for (const legend of legends) assert.ok(told.includes(`- group "${legend.replace(/\s+/g, ' ').trim()}"`), `${legend} in ${told}`);

  let keys = 0;
  const press = async (key) => { keys += 1; await page.keyboard.press(key); };
  const at = () => page.evaluate(() => ({ name: document.activeElement.name, value: document.activeElement.value }));
  const until = async (fits) => {
    for (let n = 0; n < 30; n += 1) {
      if (fits(await at())) return;
      await press('Tab');
    }
    assert.fail('the keyboard does not get there');
  };
  await press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.skip')));
  await press('Enter');
  await until(({ name }) => name === 'csat');
  await press('Space');
  await press('ArrowRight');
  assert.ok(await point(page, 'csat', 2).isChecked());
  // That it is saved is told where a screen reader listens.
  await page.locator('[role=status]', { hasText: 'Saved' }).waitFor();
  await until(({ name }) => name === 'saw_notice');
  await press('Space');
  await until(({ value }) => value === 'send');
  await Promise.all([page.waitForURL(/\/thanks$/), press('Enter')]);
  // The thanks are what is read next.
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), await page.locator('h1').innerText());
  assert.ok(keys <= 30, `${keys} keys`);
  await accessible(page);
  quiet(page);
});

test('an operator makes a template whose questions depend on answers', async () => {
  const page = await server.world({ lang: 'en', as: 'operator', path: '/admin/surveys' });
  await accessible(page);
  await press(page, 'a[href="/admin/surveys/templates/new?from=short"]');
  await page.fill('[name="name.en"]', 'Night shift');
  await page.fill('[name="name.zh-CN"]', '夜班');
  await page.fill('[name=key]', 'night-shift');
  await page.selectOption('select[name=add]', 'single');
  await press(page, 'button[value=add]');
  const at = 2; // before the comment
  for (const [i, en, zh] of [[0, 'Log-in', '登录'], [1, 'Printing', '打印']]) {
    await page.fill(`[name="questions.${at}.choices.${i}.text.en"]`, en);
    await page.fill(`[name="questions.${at}.choices.${i}.text.zh-CN"]`, zh);
  }
  await page.fill(`[name="questions.${at}.text.en"]`, 'What was affected?');
  await page.fill(`[name="questions.${at}.text.zh-CN"]`, '哪里受了影响？');
  await page.selectOption(`[name="questions.${at}.if"]`, 'csat');
  await page.fill(`[name="questions.${at}.is"]`, '1-2');
  await accessible(page);
  const [preview] = await Promise.all([page.waitForEvent('popup'), page.click('button[value="preview:zh-CN"]')]);
  await preview.locator('main form').waitFor();
  await preview.waitForLoadState();
  assert.ok(await preview.getByText('哪里受了影响？').isHidden());
  await preview.locator('input[name=csat][value="1"]').check({ force: true });
  await preview.getByText('哪里受了影响？').waitFor();
  await preview.close();
  await press(page, '.actions button[value=save]');
  assert.match(page.url(), /templates\/night-shift\?done=created$/);
  await shoot(page, 'template-en');
  quiet(page);
});

test('pages of staff are valid and accessible in both languages', async () => {
  const problems = [];
  for (const lang of ['zh-CN', 'en']) {
    const page = await server.world({ lang, as: 'administrator' });
    for (const path of ['', `/${done}`, `/${done}/responses`, `/${done}/invitations`, '/templates/full', '/templates/new']) {
      const answer = await page.goto(`/admin/surveys${path}?lang=${lang}`);
      assert.equal(answer.status(), 200, path);
      problems.push(...await flaws(await answer.text(), `surveys${path.replaceAll('/', '.')} ${lang}`));
      await accessible(page);
      await fits(page);
    }
    await page.context().close();
  }
  assert.deepEqual(problems, []);
});
