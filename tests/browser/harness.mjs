// The harness of Interlude's browser tests: a server of its own for each spec file, Debian's Chromium
// driven by playwright-core, axe-core for accessibility, html-validate for the markup.
//
// RUN       `scripts/test` installs everything and runs every spec. By hand, once the tools are installed
//           (`npm ci --ignore-scripts` in this folder) and the debug binary is built:
//               node --test tests/browser/*.test.mjs       every spec
//               node --test tests/browser/x.test.mjs       one spec
//
// WRITE     One journey, one file `<journey>.test.mjs` beside this one:
//
//               import test, { before } from 'node:test';
//               import { start, accessible, fits, quiet, shoot } from './harness.mjs';
//
//               let server;
//               before(async () => { server = await start({ demo: true }); });
//
//               test('somebody reports a problem on a phone', async () => {
//                 const page = await server.world({ lang: 'zh-CN', width: 'phone', path: '/report' });
//                 await page.fill('[name=description]', '登录后一直转圈');
//                 …
//                 await accessible(page);      // axe finds nothing at all
//                 await fits(page);            // nothing sticks out sideways
//                 quiet(page);                 // no console error, no request to another origin, no 5xx
//                 await shoot(page, 'receipt');// tests/browser/output/receipt.png
//               });
//
//           Servers, contexts and the browser are ended by the harness when the file's tests are over.
//           Start servers in `before` (or await them before the first `test`), not between two tests.
//           By keyboard alone: tabTo(page, selector), never page.focus().
//           A server here keeps its data in a directory of its own under the system's temporary directory, listens on a
//           free loopback port and has rate limits off. Nothing is shared between spec files.
//
// SERVER    start({ demo, host, env })   → server; demo: load the demonstration data first; host: what browsers call it
//                                          (127.0.0.1), or 'interlude.test', which leads to it but is no origin that
//                                          they trust for being on the same machine
//           server.origin                  'http://127.0.0.1:PORT'
//           server.run(args, input)        the same binary's command line on the same data → its output
//           server.said(pattern)           what it has printed since its start, waited for → the match
//           server.staff(role)             an account made by `user add` → { name, password, role }; one for each role
//           server.world({ … })            a page in a fresh browser context:
//               lang    'zh-CN' | 'en'       (zh-CN)     what the browser asks for
//               width   'phone' | 'desktop'  (desktop)   360 px with touch, or 1280 px
//               theme   'light' | 'dark'     (light)
//               script  true | false         (true)
//               as      'viewer' | 'support' | 'operator' | 'administrator' | nobody: logged in through /login
//               path    where to go at once, if anywhere; the response is server.world's page.arrival
//               zone    (Asia/Shanghai)      the reader's own time zone
//           server.crash()                 SIGKILL; server.begin() starts it again on the same data and port
//           server.stop()                  SIGTERM, and the server has to end well
//
// ENV       INTERLUDE_TEST_BINARY  the server to test   (target/debug/interlude, under CARGO_TARGET_DIR if that is set)
//           CHROMIUM               the browser          (/usr/bin/chromium)
//           INTERLUDE_TEST_HEADED  any value: show the browser's window

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FileSystemConfigLoader, HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
export const output = join(here, 'output');
mkdirSync(output, { recursive: true });

const binary = process.env.INTERLUDE_TEST_BINARY
  ?? join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'debug', 'interlude');

export const widths = {
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false },
};

// ---------------------------------------------------------------- the server

const servers = new Set();

/** Starts a server on data of its own. */
export async function start({ demo = false, host = '127.0.0.1', env = {} } = {}) {
  assert.ok(existsSync(binary), `there is no server to test at ${binary}: run \`cargo build\` first, or set INTERLUDE_TEST_BINARY`);
  const dataDir = await mkdtemp(join(tmpdir(), 'interlude-browser-'));
  const port = await freePort();
  const server = new Server({ dataDir, port, host, env });
  servers.add(server);
  if (demo) await server.run(['demo']);
  await server.begin();
  return server;
}

class Server {
  #process; #ended; #log = ''; #staff = new Map(); #states = new Map(); #contexts = new Set();

  constructor({ dataDir, port, host, env }) {
    this.dataDir = dataDir;
    this.origin = `http://${host}:${port}`;
    this.port = port;
    // Only what a test sets: nothing that happens to be set in the developer's own shell.
    const clean = Object.fromEntries(Object.entries(process.env)
      .filter(([key]) => key !== 'DATABASE_URL' && !key.startsWith('INTERLUDE_') && key !== 'NODE_TEST_CONTEXT'));
    this.env = {
      ...clean,
      INTERLUDE_DATA_DIR: dataDir,
      INTERLUDE_LISTEN: `127.0.0.1:${port}`,
      INTERLUDE_PUBLIC_URL: this.origin,
      INTERLUDE_RATE_LIMITS: 'off',
      ...env,
    };
  }

  async begin() {
    const log = createWriteStream(join(output, `${basename(process.argv[1] ?? 'server', '.test.mjs')}-server.log`), { flags: 'a' });
    this.#process = spawn(binary, [], { env: this.env, cwd: this.dataDir, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (bytes) => { this.#log = (this.#log + bytes).slice(-20_000); log.write(bytes); });
    }
    this.#ended = new Promise((done) => {
      this.#process.on('error', (error) => { this.#log += `\n${error}`; done({ code: null, signal: String(error) }); });
      this.#process.on('exit', (code, signal) => done({ code, signal }));
    }).then((end) => { this.end = end; log.end(); return end; });
    for (const until = Date.now() + 60_000; ;) {
      if (this.end) throw new Error(`the server ended at its start (${JSON.stringify(this.end)}); it said:\n${this.#log}`);
      try {
        const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal: AbortSignal.timeout(2_000) });
        await answer.arrayBuffer();
        if (answer.ok) return;
      } catch { /* not listening yet */ }
      if (Date.now() > until) throw new Error(`/readyz did not answer 2xx within 60 seconds; the server said:\n${this.#log}`);
      await sleep(50);
    }
  }

  /** What the server printed, waited for: the match of this pattern. */
  async said(pattern) {
    for (const until = Date.now() + 30_000; ;) {
      const match = pattern.exec(this.#log);
      if (match) return match;
      if (Date.now() > until) throw new Error(`the server never says ${pattern}; it said:\n${this.#log}`);
      await sleep(50);
    }
  }

  /** Runs a command of the same binary on the same data and returns what it printed; throws if it fails. */
  async run(args, input = '') {
    const child = spawn(binary, args, { env: this.env, cwd: this.dataDir, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '', err = '';
    child.stdout.on('data', (bytes) => { out += bytes; });
    child.stderr.on('data', (bytes) => { err += bytes; });
    child.stdin.on('error', () => { /* it did not want its input */ });
    child.stdin.end(input);
    const code = await new Promise((done, fail) => { child.on('error', fail); child.on('close', done); });
    assert.equal(code, 0, `\`interlude ${args.join(' ')}\` ended with ${code}:\n${out}${err}`);
    return out;
  }

  /** An account with this role, made when first asked for. */
  async staff(role = 'administrator') {
    if (!this.#staff.has(role)) {
      this.#staff.set(role, (async () => {
        const person = { name: `test-${role}`, password: randomBytes(18).toString('base64url'), role };
        await this.run(['user', 'add', person.name, '--role', role, '--password-stdin'], `${person.password}\n`);
        return person;
      })());
    }
    return this.#staff.get(role);
  }

  /** A page in a browser context of its own. */
  async world({ lang = 'zh-CN', width = 'desktop', theme = 'light', script = true, as, path, zone = 'Asia/Shanghai' } = {}) {
    assert.ok(widths[width], `no such width: ${width}`);
    const context = await (await browser()).newContext({
      ...widths[width],
      baseURL: this.origin,
      locale: lang,
      colorScheme: theme,
      javaScriptEnabled: script,
      timezoneId: zone,
      reducedMotion: 'reduce',
      storageState: as ? await this.#loggedIn(as) : undefined,
    });
    this.#contexts.add(context);
    context.on('close', () => this.#contexts.delete(context));
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    watch(page, this.origin);
    if (path !== undefined) page.arrival = await page.goto(path);
    return page;
  }

  // Logs in through the form, once a role, and keeps the cookies.
  async #loggedIn(role) {
    if (!this.#states.has(role)) {
      this.#states.set(role, (async () => {
        const { name, password } = await this.staff(role);
        const page = await this.world({ path: '/login' });
        await page.fill('input[name=name]', name);
        await page.fill('input[name=password]', password);
        await Promise.all([page.waitForURL((url) => url.pathname !== '/login'), page.press('input[name=password]', 'Enter')]);
        const state = await page.context().storageState();
        await page.context().close();
        assert.ok(state.cookies.length > 0, 'logging in set no cookie');
        return state;
      })());
    }
    return this.#states.get(role);
  }

  /** Ends the server as a power cut would. `begin()` starts it again on the same data and the same port. */
  async crash() {
    this.#process.kill('SIGKILL');
    await this.#ended;
    this.end = undefined;
    this.#process = undefined;
  }

  async stop() {
    if (!servers.delete(this)) return;
    try {
      for (const context of [...this.#contexts]) await context.close();
      if (this.#process && !this.end) {
        this.#process.kill('SIGTERM');
        const ended = await Promise.race([this.#ended, sleep(30_000, null, { ref: false })]);
        if (!ended) {
          this.#process.kill('SIGKILL');
          throw new Error(`the server did not end within 30 seconds of SIGTERM; it said:\n${this.#log}`);
        }
      }
      if (this.end) assert.equal(this.end.code, 0, `the server ended with ${JSON.stringify(this.end)}; it said:\n${this.#log}`);
    } finally {
      rmSync(this.dataDir, { recursive: true, force: true });
    }
  }

  kill() {
    this.#process?.kill('SIGKILL');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** A loopback port that nobody listens on just now. */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
  });
}

// ---------------------------------------------------------------- the browser

let launched;

function browser() {
  launched ??= chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    headless: !process.env.INTERLUDE_TEST_HEADED,
    // Chromium's sandbox cannot start as root, nor in most CI containers. It visits only our own server.
    chromiumSandbox: process.getuid?.() !== 0 && !process.env.CI,
    args: [
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--disable-dev-shm-usage', '--host-resolver-rules=MAP interlude.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
  return launched;
}

after(async () => {
  const failures = [];
  for (const server of [...servers]) await server.stop().catch((error) => failures.push(error));
  if (launched) await (await launched).close();
  if (failures.length) throw failures[0];
});

process.on('exit', () => { for (const server of servers) server.kill(); });

// ---------------------------------------------------------------- what is asserted of a page

const noticed = new WeakMap();

function watch(page, origin) {
  const seen = [];
  noticed.set(page, seen);
  // A form that comes again answers 422, which the browser calls an error of its own accord.
  const isForm = (text) => /status of 422/.test(text);
  page.on('console', (message) => { if (message.type() === 'error' && !isForm(message.text())) seen.push(`console error: ${message.text()} (${message.location().url})`); });
  page.on('pageerror', (error) => seen.push(`script error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== origin) seen.push(`a request left the origin: ${request.url()}`);
  });
  page.on('response', (response) => { if (response.status() >= 500) seen.push(`${response.status()} from ${response.url()}`); });
}

/** What the browser complained of since the page was opened: console and script errors, requests elsewhere, 5xx. */
export const complaints = (page) => [...noticed.get(page)];

/** Asserts that the browser complained of nothing. */
export function quiet(page) {
  assert.deepEqual(complaints(page), [], `${page.url()}: the browser complained`);
}

/** What sticks out of the page sideways. */
export function overflow(page) {
  return page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const problems = [];
    if (window.innerWidth > window.outerWidth + 1 && window.outerWidth > 0) problems.push(`the page is laid out ${window.innerWidth} px wide in a window of ${window.outerWidth} px`);
    const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (wide <= edge) return problems;
    problems.push(`the page is ${wide} px wide where ${edge} px are there`);
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > edge + 1 && !scrolls(element));
    for (const element of out.slice(0, 5)) problems.push(`sticks out: ${element.outerHTML.slice(0, 120)}`);
    return problems;
  });
}

/** Asserts that nothing sticks out of the page sideways. */
export async function fits(page) {
  assert.deepEqual(await overflow(page), [], `${page.url()} does not fit its width`);
}

/**
 * Waits until what this asks of the page is so. For questions that need an answer from elsewhere (`await`):
 * page.waitForFunction() takes a promise for a yes, whatever comes of it.
 */
export async function until(page, asks, of) {
  for (const end = Date.now() + 30_000; !(await page.evaluate(asks, of));) {
    if (Date.now() > end) assert.fail(`${page.url()}: within 30 seconds it is not so that ${asks}`);
    await sleep(50);
  }
}

/**
 * Presses Tab until what this selects has the focus; fails if so many presses do not reach it. For journeys by
 * keyboard alone: page.focus() would reach what no key does.
 */
export async function tabTo(page, selector, most = 300) {
  const there = () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  for (let pressed = 0; pressed < most; pressed += 1) {
    if (await there()) return;
    await page.keyboard.press('Tab');
  }
  assert.ok(await there(), `${selector} is not reached by ${most} presses of Tab`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** axe's findings, whatever their impact, as readable lines. `rules`: only these rules. */
export async function barriers(page, { rules } = {}) {
  // Evaluated over the debugging protocol, which the pages' Content-Security-Policy does not hold back.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const violations = await page.evaluate(async (only) => {
    const run = only ? { type: 'rule', values: only } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    return (await window.axe.run(document, { runOnly: run, resultTypes: ['violations'] })).violations;
  }, rules);
  return violations
    .flatMap(({ id, impact, help, nodes }) => nodes.slice(0, 5).map((node) =>
      `${impact} ${id}: ${help}\n      at ${node.target.join(' ')}\n      ${node.html.slice(0, 160)}\n      ${(node.failureSummary ?? '').replace(/\s*\n\s*/g, '; ')}`));
}

/** Asserts that axe finds nothing. */
export async function accessible(page, options) {
  const found = await barriers(page, options);
  if (found.length) assert.fail(`${page.url()} has ${found.length} accessibility findings:\n  ${found.join('\n  ')}`);
}

// What the HTML standard and WCAG ask for; nothing about how templates are spaced or quoted.
const validator = new HtmlValidate(new FileSystemConfigLoader({
  root: true,
  extends: ['html-validate:standard', 'html-validate:a11y', 'html-validate:document'],
  rules: {
    'no-inline-style': 'off', // the Content-Security-Policy decides, and a breach is a console error
    'require-sri': 'off', // everything comes from the same origin
    'long-title': 'off',
  },
}));

/** What html-validate finds wrong with served HTML, as readable lines. */
export async function flaws(html, name = 'page') {
  const report = await validator.validateString(html, join(tmpdir(), `${name.replace(/[^\w-]+/g, '_')}.html`));
  const lines = html.split('\n');
  return report.results.flatMap(({ messages }) => messages.filter(({ severity }) => severity === 2).map(({ line, column, ruleId, message }) =>
    `${line}:${column} ${ruleId}: ${message}\n      ${(lines[line - 1] ?? '').trim().slice(0, 160)}`));
}

/** Asserts that served HTML is valid. */
export async function valid(html, name) {
  const found = await flaws(html, name);
  if (found.length) assert.fail(`${name ?? 'the page'} is not valid HTML:\n  ${found.slice(0, 20).join('\n  ')}`);
}

/**
 * What is wrong with the page that `answer` brought, as readable lines: its status, its language, its one heading,
 * what sticks out, what axe finds in the light and in the dark, and what the browser complained of.
 *   status  what it has to answer          (200)
 *   script  whether axe can run in it      (true)
 *   dark    in the dark: every rule ('all'), contrast alone, all else being the same page ('contrast'), or 'none'
 *   markup  whether the served bytes are validated as well
 */
export async function wrong(page, answer, { lang, status = 200, script = true, dark = 'all', markup = true }) {
  const problems = [];
  if (answer.status() !== status) problems.push(`status ${answer.status()} where ${status} is expected`);
  const is = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    title: document.title.trim(),
    headings: [...document.querySelectorAll('h1')].map((h1) => h1.innerText.trim()),
    text: document.body.innerText.trim().length,
    summed: [...document.querySelectorAll('.error-summary a')].map((a) => a.innerText.trim()),
  }));
  if (is.lang !== lang) problems.push(`<html lang="${is.lang}">`);
  if (!is.title) problems.push('no title');
  if (is.headings.length !== 1 || !is.headings[0]) problems.push(`not exactly one h1 with text: ${JSON.stringify(is.headings)}`);
  if (is.text < 20) problems.push('hardly any text to be seen');
  // Whoever hears the summary alone has to know which field each line is about.
  const twice = is.summed.filter((line, at) => is.summed.indexOf(line) !== at);
  if (twice.length) problems.push(`the summary says twice: ${twice.join(' | ')}`);
  problems.push(...await overflow(page));
  if (script) {
    problems.push(...await barriers(page));
    if (dark !== 'none') {
      await page.emulateMedia({ colorScheme: 'dark' });
      problems.push(...(await barriers(page, dark === 'all' ? {} : { rules: ['color-contrast'] })).map((line) => `dark: ${line}`));
      await page.emulateMedia({ colorScheme: 'light' });
    }
  }
  if (markup) problems.push(...await flaws(await answer.text(), new URL(page.url()).pathname));
  // That it answered as expected the browser may call an error, and what the page asks for next may meet the same.
  const own = [`status of ${status} `, `${status} from ${new URL(page.url()).origin}`];
  problems.push(...complaints(page).filter((line) => status === 200 || !own.some((words) => line.includes(words))));
  return problems;
}

/** Sends a report about the log-in as a program would, and gives what the answer says. */
export async function report(server, description) {
  const answer = await fetch(`${server.origin}/api/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomBytes(16).toString('hex') },
    body: JSON.stringify({ impact: 'blocked', description, component: 'login' }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
}

/** Saves a picture of the whole page under tests/browser/output/, in a folder of its own if one is named. */
export async function shoot(page, name, { folder = '', ...options } = {}) {
  const path = join(output, folder, `${name.replace(/[^\w.\u4e00-\u9fff-]+/g, '_')}.png`);
  await page.screenshot({ path, fullPage: true, ...options });
  return path;
}
