// Lighthouse on the pages that people come for, on its mobile profile: performance, accessibility, best
// practices and findability, each at least 95 of 100 in one and the same run, in both languages.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { freePort, output, start } from './harness.mjs';

const LEAST = 95, RUNS = 3;
const server = await start({ demo: true });
let windows, browser, lighthouse, port;
const slug = (state) => windows.find((w) => w.state === state).slug;

before(async () => {
  windows = (await (await fetch(`${server.origin}/api/v1/windows?limit=200`)).json()).items;
  ({ default: lighthouse } = await import('lighthouse'));
  port = await freePort();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0 && !process.env.CI,
    args: [`--remote-debugging-port=${port}`, '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
});

after(() => browser?.close());

for (const [name, path] of [
  ['start', () => '/'],
  ['notice', () => `/windows/${slug('in_progress')}`],
  ['report', () => `/windows/${slug('in_progress')}/report`],
  ['survey', () => `/windows/${slug('completed')}/survey`],
]) {
  for (const lang of ['zh-CN', 'en']) {
    test(`Lighthouse finds the ${name} page good (${lang})`, async () => {
      // A busy machine makes a run slow, or break off; one of three has to be good in everything.
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) {
        try {
          const { lhr, report } = await lighthouse(`${server.origin}${path()}?lang=${lang}`, {
            port, output: 'html', logLevel: 'error', onlyCategories: ['performance', 'accessibility', 'best-practices', 'seo'],
          });
          const scores = Object.fromEntries(Object.entries(lhr.categories).map(([key, { score }]) => [key, Math.round(score * 100)]));
          const lost = Object.values(lhr.categories).flatMap((c) => c.auditRefs).filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
            .map(({ id }) => `${id}: ${lhr.audits[id].displayValue ?? lhr.audits[id].title}`);
          writeFileSync(join(output, `lighthouse-${name}-${lang}.html`), report);
          runs.push(`${JSON.stringify(scores)} ${lost.join('; ')}`);
          if (Object.values(scores).every((score) => score >= LEAST)) {
            console.log(`${name} ${lang}: ${JSON.stringify(scores)} in run ${run + 1}`);
            return;
          }
        } catch (error) {
          runs.push(String(error));
        }
      }
      assert.fail(`no run of ${RUNS} reaches ${LEAST} in every category:\n  ${runs.join('\n  ')}`);
    });
  }
}
