// What people come for, walked from beginning to end as they walk it: a reporter on a phone, somebody
// who answers the survey, support in the morning, an operator with a new window. Where no script is
// needed, there is none in half of the runs.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { accessible, fits, quiet, shoot, start } from './harness.mjs';

let server;
let windows;
const slug = (state) => windows.find((w) => w.state === state).slug;

before(async () => {
  server = await start({ demo: true });
  const reply = await fetch(`${server.origin}/api/v1/windows?limit=200`);
  windows = (await reply.json()).items;
});

const press = async (page, name) => {
  await Promise.all([page.waitForNavigation(), page.click(name)]);
};

// The night in which clocks are put forward, next year: the last Sunday of March.
const spring = (() => {
  const last = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 2, 31));
  last.setUTCDate(31 - last.getUTCDay());
  return last.toISOString().slice(0, 10);
})();

// The ways there are: both languages, on a phone and on a desktop, in the light and in the dark, with script and without.
const all = ['zh-CN', 'en'].flatMap((lang) => ['phone', 'desktop'].flatMap((width) => ['light', 'dark'].flatMap((theme) => [true, false].map((script) => ({ lang, width, theme, script })))));
// Half of them are walked, so that any two of the four are met in each of their combinations.
const half = all.filter(({ lang, width, theme, script }) => [lang === 'en', width === 'phone', theme === 'dark', script].filter(Boolean).length % 2 === 1);
const saying = ({ lang, width, theme, script }) => `${lang}, ${width}, ${theme}, ${script ? 'with' : 'without'} script`;

for (const way of half) {
  const { lang, width, script, theme } = way;
  const how = saying(way);

  test(`somebody reports a problem and finds it again (${how})`, async () => {
    const running = slug('in_progress');
    const page = await server.world({ ...way, path: `/windows/${running}` });
    await press(page, `a[href="/windows/${running}/report"]`);

    // Nothing answered: everything is said at once, and what was typed stays.
    await page.fill('#email', 'not an address');
    await press(page, 'form[action] button[type=submit]');
    assert.equal(await page.locator('.error-summary li').count(), 3);
    assert.equal(await page.inputValue('#email'), 'not an address');
    if (script) await accessible(page);
    await fits(page);

    const said = lang === 'en' ? 'The payment stays “pending”, twice now.' : '付款一直显示“处理中”，已经试了两次。';
    await page.fill('#description', said);
    await page.check('input[name=impact][value=blocked]');
    await page.fill('#email', '');
    await press(page, 'form[action] button[type=submit]');

    const code = (await page.textContent('#code')).trim();
    assert.match(code, /^R-[2-9A-Z]{6,}(-[0-9A-Z]{4}){4}$/);
    assert.ok((await page.textContent('main')).includes(said));
    if (script) await accessible(page);
    await fits(page);
    if (script) await shoot(page, `receipt-${lang}-${width}-${theme}`);
    const link = page.url();

    await page.goto(`${server.origin}/receipts`);
    await page.fill('#code', code.toLowerCase().replaceAll('-', ' '));
    await press(page, 'main form button[type=submit]');
    assert.equal(page.url().split('?')[0], link.split('?')[0]);
    quiet(page);
    await page.context().close();
  });

  test(`somebody answers the survey and changes an answer (${how})`, async () => {
    const done = slug('completed');
    const page = await server.world({ ...way, path: `/windows/${done}/survey` });
    await page.locator('input[name=csat][value="2"]').check({ force: true });
    await page.fill('textarea[name=comment]', lang === 'en' ? 'Tell us earlier.' : '希望早点通知。');
    await press(page, 'main form button[value=send]');
    const edit = page.locator('main a[href*="/surveys/responses/"]').first();
    await Promise.all([page.waitForNavigation(), edit.click()]);
    assert.ok(await page.locator('input[name=csat][value="2"]').isChecked());
    await page.locator('input[name=csat][value="4"]').check({ force: true });
    await press(page, 'main form button[value=send]');
    await page.goto(`${server.origin}${await again(page)}`);
    assert.ok(await page.locator('input[name=csat][value="4"]').isChecked());
    if (script) await accessible(page);
    quiet(page);
    await page.context().close();
  });
}

// The edit page of the answer whose thanks are shown.
async function again(page) {
  const here = new URL(page.url()).pathname;
  return here.replace(/\/thanks$/, '');
}

for (const way of half) {
  test(`support looks at last night, answers, and the receipt shows it (${saying(way)})`, async () => {
    const running = slug('in_progress');
    const reporter = await server.world({ ...way, path: `/windows/${running}/report` });
    await reporter.fill('#description', '扫码之后一直转圈。');
    await reporter.check('input[name=impact][value=blocked]');
    await press(reporter, 'form[action] button[type=submit]');
    const code = (await reporter.textContent('#code')).trim();
    const reference = code.split('-').slice(0, 2).join('-');

    const page = await server.world({ ...way, as: 'support', path: '/admin/' });
    await page.goto(`${server.origin}/admin/reports`);
    assert.ok((await page.textContent('main')).includes(reference));
    await page.goto(`${server.origin}/admin/reports/${reference}`);
    await page.selectOption('select[name=status]', 'in_progress');
    await page.fill('textarea[name=answer]', '网关正在切换，约十分钟后恢复，请稍后重试。');
    await page.fill('textarea[name=note]', '内部：第三家银行。');
    await press(page, 'main form:has(textarea[name=answer]) button.button-primary');
    if (way.script) await accessible(page);
    await fits(page);
    quiet(page);

    await reporter.reload();
    const seen = await reporter.textContent('main');
    assert.ok(seen.includes('网关正在切换'));
    assert.ok(!seen.includes('第三家银行'), 'an internal note is shown to the reporter');
    quiet(reporter);
    await page.context().close();
    await reporter.context().close();
  });

  test(`somebody who only looks finds reports and figures, and nothing to press (${saying(way)})`, async () => {
    const page = await server.world({ ...way, as: 'viewer', path: '/admin/reports' });
    const name = await page.locator('tr[data-report]').first().getAttribute('data-report');
    await page.goto(`${server.origin}/admin/reports/${name}`);
    assert.equal(await page.locator('main form[method=post]').count(), 0);
    if (way.script) await accessible(page);
    await fits(page);
    await page.goto(`${server.origin}/admin/insights/${slug('completed')}`);
    assert.ok((await page.locator('main table').count()) > 2);
    await fits(page);
    assert.equal((await page.request.get(`${server.origin}/admin/exports/reports.csv`)).status(), 403);
    quiet(page);
    await page.context().close();
  });
}

for (const way of half) test(`the table that support exports has what the filter shows (${saying(way)})`, async () => {
  const page = await server.world({ ...way, as: 'support', path: '/admin/reports?impact=data_loss' });
  const shown = await page.locator('table.queue tbody tr').count();
  const href = await page.locator('a[href*="/admin/exports/reports.xlsx"]').first().getAttribute('href');
  assert.ok(href.includes('impact=data_loss'));
  const csv = await page.request.get(`${server.origin}${href.replace('.xlsx', '.csv')}`, { headers: { 'accept-language': way.lang } });
  assert.equal(csv.status(), 200);
  const lines = (await csv.text()).trim().split('\r\n');
  assert.equal(lines.length - 1, shown);
  assert.ok(lines[0].includes(way.lang === 'en' ? 'Reference' : '反馈编号'), lines[0]);
  await page.context().close();
});

for (const way of half) test(`an operator writes a window, previews, publishes, starts, reports progress and completes it (${saying(way)})`, async () => {
  const page = await server.world({ ...way, as: 'operator', path: '/admin/windows/new' });
  const certificates = `certificates-${half.indexOf(way)}`;
  await page.fill('[name="title.en"]', 'Certificates are renewed');
  await page.fill('[name="title.zh-CN"]', '更换证书');
  await page.fill('[name="body.en"]', 'Log-in is **interrupted** for ten minutes.');
  await page.fill('[name="slug"]', certificates);
  await page.fill('[name="scheduled_start"]', `${spring}T02:30`);
  await page.fill('[name="scheduled_end"]', `${spring}T04:00`);
  await page.fill('[name="time_zone"]', 'Europe/Berlin');
  const impact = page.locator('select[name$=".impact"]').first();
  await impact.selectOption('major_outage');
  await press(page, 'main form button[type=submit]');

  // 02:30 does not exist that night in Berlin: the field says so, and everything typed is still there.
  assert.ok(await page.locator('[name="scheduled_start"][aria-invalid=true]').count());
  assert.equal(await page.inputValue('[name="title.en"]'), 'Certificates are renewed');
  if (way.script) await accessible(page);
  await page.fill('[name="scheduled_start"]', `${spring}T03:00`);
  await press(page, 'main form button[type=submit]');

  assert.equal((await fetch(`${server.origin}/windows/${certificates}`)).status, 404, 'a draft is public');
  await page.goto(`${server.origin}/admin/windows/${certificates}/preview`);
  assert.ok((await page.textContent('main')).includes(way.lang === 'en' ? 'Certificates are renewed' : '更换证书'));
  if (way.script) await accessible(page);

  await page.goto(`${server.origin}/admin/windows/${certificates}`);
  if (way.script) await accessible(page);
  await press(page, 'form:has(input[name=act][value=publish]) button[type=submit]');
  assert.equal((await fetch(`${server.origin}/windows/${certificates}`)).status, 200);
  await press(page, 'form:has(input[name=act][value=start]) button[type=submit]');
  await page.selectOption('select[name=stage]', 'testing');
  await page.fill('[name="body.en"]', 'New certificates are in place; we are testing.');
  await press(page, 'form:has(input[name=act][value=update]) button[type=submit]');
  assert.ok((await (await fetch(`${server.origin}/windows/${certificates}?lang=en`)).text()).includes('we are testing'));

  // Nothing ticked: not completed, and the message says what is missing.
  await press(page, 'button[name=act][value=complete]');
  assert.ok(await page.locator('.error').count());
  await page.check('input[name=tested]');
  await press(page, 'button[name=act][value=complete]');
  const state = await (await fetch(`${server.origin}/api/v1/windows/${certificates}`)).json();
  assert.equal(state.state, 'completed');
  quiet(page);
  await page.context().close();
});
