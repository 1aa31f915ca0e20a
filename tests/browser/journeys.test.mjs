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

// Both languages, on a phone and on a desktop, with script and without; and in the dark.
const ways = [
  ...['zh-CN', 'en'].flatMap((lang) => ['phone', 'desktop'].flatMap((width) => [true, false].map((script) => ({ lang, width, script, theme: 'light' })))),
  { lang: 'zh-CN', width: 'phone', script: true, theme: 'dark' },
  { lang: 'en', width: 'desktop', script: true, theme: 'dark' },
];

for (const way of ways) {
  const { lang, width, script, theme } = way;
  const how = `${lang}, ${width}, ${theme}, ${script ? 'with' : 'without'} script`;

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
  });
}

// The edit page of the answer whose thanks are shown.
async function again(page) {
  const here = new URL(page.url()).pathname;
  return here.replace(/\/thanks$/, '');
}

for (const way of [{ lang: 'zh-CN', width: 'desktop' }, { lang: 'en', width: 'phone', theme: 'dark' }]) {
  test(`support looks at last night, answers, and the receipt shows it (${way.lang}, ${way.width})`, async () => {
    const running = slug('in_progress');
    const reporter = await server.world({ lang: way.lang, width: 'phone', path: `/windows/${running}/report` });
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
    await accessible(page);
    quiet(page);

    await reporter.reload();
    const seen = await reporter.textContent('main');
    assert.ok(seen.includes('网关正在切换'));
    assert.ok(!seen.includes('第三家银行'), 'an internal note is shown to the reporter');
    quiet(reporter);
  });
}

test('the table that support exports has what the filter shows', async () => {
  const page = await server.world({ lang: 'zh-CN', as: 'support', path: '/admin/reports?impact=data_loss' });
  const shown = await page.locator('table.queue tbody tr').count();
  const href = await page.locator('a[href*="/admin/exports/reports.xlsx"]').first().getAttribute('href');
  assert.ok(href.includes('impact=data_loss'));
  const csv = await page.request.get(`${server.origin}${href.replace('.xlsx', '.csv')}`);
  assert.equal(csv.status(), 200);
  const lines = (await csv.text()).trim().split('\r\n');
  assert.equal(lines.length - 1, shown);
  assert.ok(lines[0].includes('反馈编号'));
});

test('an operator writes a window, previews, publishes, starts, reports progress and completes it', async () => {
  const page = await server.world({ lang: 'en', as: 'operator', path: '/admin/windows/new' });
  await page.fill('[name="title.en"]', 'Certificates are renewed');
  await page.fill('[name="title.zh-CN"]', '更换证书');
  await page.fill('[name="body.en"]', 'Log-in is **interrupted** for ten minutes.');
  await page.fill('[name="slug"]', 'certificates');
  await page.fill('[name="scheduled_start"]', '2027-03-28T02:30');
  await page.fill('[name="scheduled_end"]', '2027-03-28T04:00');
  await page.fill('[name="time_zone"]', 'Europe/Berlin');
  const impact = page.locator('select[name$=".impact"]').first();
  await impact.selectOption('major_outage');
  await press(page, 'main form button[type=submit]');

  // 02:30 does not exist that night in Berlin: the field says so, and everything typed is still there.
  assert.ok(await page.locator('[name="scheduled_start"][aria-invalid=true]').count());
  assert.equal(await page.inputValue('[name="title.en"]'), 'Certificates are renewed');
  await accessible(page);
  await page.fill('[name="scheduled_start"]', '2027-03-28T03:00');
  await press(page, 'main form button[type=submit]');

  assert.equal((await fetch(`${server.origin}/windows/certificates`)).status, 404, 'a draft is public');
  await page.goto(`${server.origin}/admin/windows/certificates/preview`);
  assert.ok((await page.textContent('main')).includes('Certificates are renewed'));
  await accessible(page);

  await page.goto(`${server.origin}/admin/windows/certificates`);
  await accessible(page);
  await press(page, 'form:has(input[name=act][value=publish]) button[type=submit]');
  assert.equal((await fetch(`${server.origin}/windows/certificates`)).status, 200);
  await press(page, 'form:has(input[name=act][value=start]) button[type=submit]');
  await page.selectOption('select[name=stage]', 'testing');
  await page.fill('[name="body.en"]', 'New certificates are in place; we are testing.');
  await press(page, 'form:has(input[name=act][value=update]) button[type=submit]');
  assert.ok((await (await fetch(`${server.origin}/windows/certificates?lang=en`)).text()).includes('we are testing'));

  // Nothing ticked: not completed, and the message says what is missing.
  await press(page, 'button[name=act][value=complete]');
  assert.ok(await page.locator('.error').count());
  await page.check('input[name=tested]');
  await press(page, 'button[name=act][value=complete]');
  const state = await (await fetch(`${server.origin}/api/v1/windows/certificates`)).json();
  assert.equal(state.state, 'completed');
  quiet(page);
});
