// The service worker: pages that were seen can be read again without a network, marked with the time
// when they were kept, and reports that wait are sent when there is one. The network comes first; what
// is kept is shown when it fails or takes long. Never kept: staff pages, receipts, anything secret.
const VERSION = "__VERSION__", FILES = ["__FILES__"], SHELL = "files-" + VERSION, PAGES = "pages", MOST = 30;
const ALWAYS = ["/", "/report", "/offline"];
const KEEP = /^\/(report|offline|history|help|windows\/[a-z0-9-]+(\/report)?)?$/;
const PRIVATE = /^\/(admin|api|embed|events|healthz|login|logout|metrics|readyz|receipts|setup|subscriptions|surveys)(\/|$)|\.[a-z0-9]+$/;
importScripts("/assets/outbox.js");

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const late = (ms) => sleep(ms).then(() => { throw new Error("late"); });

// The page as everybody may have it: without the key that makes a form count once.
const keep = async (path, answer) => {
  if (!answer.ok || answer.redirected || answer.type !== "basic" || !/^text\/html/.test(answer.headers.get("content-type"))) return;
  const headers = new Headers(answer.headers);
  ["content-encoding", "content-length", "etag"].forEach((name) => headers.delete(name));
  headers.set("x-kept-at", new Date().toISOString());
  const text = (await answer.text()).replace(/(name="idempotency_key" value=")[^"]*/g, "$1");
  const cache = await caches.open(PAGES);
  await cache.delete(path);
  await cache.put(path, new Response(text, { headers }));
  const others = (await cache.keys()).filter((ask) => !ALWAYS.includes(new URL(ask.url).pathname));
  await Promise.all(others.slice(0, Math.max(0, others.length - MOST)).map((ask) => cache.delete(ask)));
};
const kept = async (path) => {
  const copy = await (await caches.open(PAGES)).match(path);
  if (!copy) return undefined;
  const text = (await copy.text()).replace("<html ", `<html data-kept="${copy.headers.get("x-kept-at")}" `);
  return new Response(text, { headers: copy.headers });
};

self.addEventListener("install", (e) => e.waitUntil((async () => {
  await (await caches.open(SHELL)).addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
  await Promise.all(ALWAYS.map(async (path) => {
    try { await keep(path, await fetch(path, { cache: "no-cache", headers: { accept: "text/html" } })); } catch { /* it is kept when it is seen */ }
  }));
  await self.skipWaiting();
})()));

// What a page names is kept too: the page itself, which may have come before there was a worker to see it, and the
// form that it leads to. Asked for again only if it is missing or has lain there for an hour.
self.addEventListener("message", (e) => e.waitUntil((async () => {
  for (const path of [].concat(e.data)) {
    if (typeof path !== "string" || !KEEP.test(path) || PRIVATE.test(path)) continue;
    const copy = await (await caches.open(PAGES)).match(path);
    if (copy && Date.now() - Date.parse(copy.headers.get("x-kept-at")) < 36e5) continue;
    try { await keep(path, await fetch(path, { cache: "no-cache", headers: { accept: "text/html" } })); } catch { /* when it is seen */ }
  }
})()));

self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELL && name !== PAGES) await caches.delete(name);
  await self.clients.claim();
})()));

const page = async (e, path) => {
  // Asked of the server each time: what a cache on the way still holds is no sign of a network.
  const net = fetch(e.request, { cache: "no-cache" }).then((answer) => {
    if (KEEP.test(path)) keeping.push(keep(path, answer.clone()).catch(() => {}));
    return answer;
  });
  const keeping = [];
  e.waitUntil(net.then(() => Promise.all(keeping), () => {}));
  const has = await (await caches.open(PAGES)).match(path);
  try {
    const answer = await (has ? Promise.race([net, late(4000)]) : net);
    // The server, or what stands before it, is in trouble: what was seen last says more.
    if (![502, 503, 504, 507].includes(answer.status)) return answer;
    return (await kept(path)) || answer;
  } catch {
    // A form is a form: what is written in the general one belongs to the window in which it happened.
    const form = path.endsWith("/report") && (await kept("/report"));
    return (await kept(path)) || form || (await kept("/offline")) || net;
  }
};
const file = async (e, path) => {
  const cache = await caches.open(SHELL), copy = await cache.match(path);
  const net = fetch(e.request).then(async (answer) => {
    if (answer.ok && (!copy || answer.headers.get("etag") !== copy.headers.get("etag"))) await cache.put(path, answer.clone());
    return answer;
  });
  e.waitUntil(net.catch(() => {}));
  try {
    const answer = await (copy ? Promise.race([net, late(1500)]) : net);
    return answer.ok || !copy ? answer : copy;
  } catch { return copy || net; }
};

self.addEventListener("fetch", (e) => {
  const { method, mode, url } = e.request, { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (FILES.includes(pathname)) e.respondWith(file(e, pathname));
  else if (mode === "navigate" && !PRIVATE.test(pathname)) e.respondWith(page(e, pathname));
});

self.addEventListener("sync", (e) => {
  if (e.tag === "reports") e.waitUntil((async () => {
    const { waiting } = await self.outbox.sendAll(true);
    new BroadcastChannel("interlude").postMessage("reports");
    // Said so, the browser tries again later.
    if (waiting) throw new Error("some still wait");
  })());
});
