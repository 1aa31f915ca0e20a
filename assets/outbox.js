// The reports that wait on this device until they can be sent: for pages and for the service worker.
// Each has an idempotency key of its own, made when it was written, so that however often and from
// wherever it is sent, the server takes it once. Kept in IndexedDB; where a browser has none (some of
// chat apps), in its storage; where it has none either, as long as the page lives.
self.outbox ||= (() => {
  const NAME = "interlude", SHELF = "reports", DAYS = 30;
  const AWAY = new Set([408, 425, 429, 500, 502, 503, 504, 507]);
  let opened, chosen;

  const open = () => opened ||= new Promise((done, fail) => {
    const ask = self.indexedDB.open(NAME, 1);
    setTimeout(() => fail(new Error("slow")), 4000);
    ask.onupgradeneeded = () => ask.result.createObjectStore(SHELF, { keyPath: "id" });
    ask.onsuccess = () => { ask.result.onversionchange = () => ask.result.close(); done(ask.result); };
    ask.onerror = ask.onblocked = () => fail(ask.error || new Error("blocked"));
  });
  const run = async (mode, act) => {
    const base = await open();
    return new Promise((done, fail) => {
      const turn = base.transaction(SHELF, mode, { durability: "strict" }), request = act(turn.objectStore(SHELF));
      turn.oncomplete = () => done(request.result);
      turn.onerror = turn.onabort = () => fail(turn.error || new Error("aborted"));
    });
  };
  const device = { where: "device", all: () => run("readonly", (s) => s.getAll()), put: (d) => run("readwrite", (s) => s.put(d)), remove: (id) => run("readwrite", (s) => s.delete(id)), clear: () => run("readwrite", (s) => s.clear()) };
  const list = (where, read, write) => ({
    where,
    all: async () => read(),
    put: async (d) => write([...read().filter((o) => o.id !== d.id), d]),
    remove: async (id) => write(read().filter((o) => o.id !== id)),
    clear: async () => write([]),
  });
  const shelf = (where, storage) => {
    const key = NAME + "." + SHELF, read = () => JSON.parse(storage.getItem(key) || "[]");
    const write = (all) => (all.length ? storage.setItem(key, JSON.stringify(all)) : storage.removeItem(key));
    storage.setItem(key + ".try", "1");
    storage.removeItem(key + ".try");
    return list(where, read, write);
  };
  const box = () => chosen ||= (async () => {
    try { await open(); return device; } catch { /* the next best */ }
    try { return shelf("browser", self.localStorage); } catch { /* the next best */ }
    try { return shelf("tab", self.sessionStorage); } catch { /* the next best */ }
    let all = [];
    return list("tab", () => all, (now) => { all = now; });
  })();
  const call = (name) => async (...given) => (await box())[name](...given);

  const body = (d) => new URLSearchParams([...d.fields, ["written_at", d.written], ["idempotency_key", d.key]]).toString();
  // `kept` is not part of what the key stands for: the first try does not say it, and may have arrived.
  const post = async (d, text, patience) => {
    const stop = new AbortController(), clock = setTimeout(() => stop.abort(), patience);
    try {
      return await fetch(d.action, { method: "POST", body: d.kept ? text + "&kept=1" : text, signal: stop.signal, cache: "no-store", credentials: "same-origin", headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" } });
    } finally { clearTimeout(clock); }
  };
  // Tries once. `d.state` becomes "sent" (with `receipt` and `reference`), "refused" (with `why`), or stays "waiting".
  const send = async (d, patience = 2e4) => {
    const now = body(d), store = await box();
    try {
      // Told before the first try, so that a later change knows what may have arrived.
      const before = d.tried && d.tried !== now ? d.tried : "";
      d.tried ||= now;
      await store.put(d);
      let answer = await post(d, now, patience);
      if (answer.status === 404 && d.action !== "/report") {
        d.action = "/report";
        answer = await post(d, now, patience);
      }
      let said = await answer.json().catch(() => ({}));
      if (answer.status === 422 && said.code === "key_reused" && before) {
        answer = await post(d, before, patience);
        said = await answer.json().catch(() => ({}));
        d.was = true;
      }
      if (answer.status === 201 && said.receipt) Object.assign(d, { state: "sent", receipt: said.receipt, reference: said.reference, at: Date.now(), fields: [], tried: "" });
      else if (answer.status < 500 && !AWAY.has(answer.status)) {
        const why = (said.errors || []).map((e) => e.message).join(" ") || said.detail || String(answer.status);
        Object.assign(d, { state: "refused", why, tried: before });
      }
    } catch { /* no network, or nobody there */ }
    if (d.state === "waiting") {
      d.kept = true;
      d.tries = (d.tries || 0) + 1;
      d.next = Date.now() + Math.min(5e3 * 2 ** d.tries, 6e5) * (0.5 + Math.random() / 2);
    }
    return d;
  };
  // Tries all that wait (and are due, unless `force`), one after the other; the first that does not get
  // through ends it. Gives how many were sent and how many still wait.
  const sendAll = (force) => locked(async () => {
    const store = await box(), all = (await store.all()).sort((a, b) => (a.written < b.written ? -1 : 1));
    const now = async (id) => (await store.all()).find((o) => o.id === id);
    let sent = 0, waiting = 0, away = false;
    for (const { id } of all) {
      // Changed or deleted, perhaps, while others were sent.
      const d = await now(id);
      if (!d) continue;
      if (d.state === "sent" && Date.now() - d.at > DAYS * 864e5) await store.remove(d.id);
      if (d.state !== "waiting") continue;
      if (!away && (force || !(d.next > Date.now()))) {
        d.kept = true;
        const said = String(d.fields), { tried, tries, next } = await send(d), then = await now(id);
        // Changed while it was on its way: what arrived is an earlier version, or the later one waits.
        const changed = then && String(then.fields) !== said;
        if (d.state === "sent") await store.put({ ...d, was: d.was || changed });
        // Unless it was deleted meanwhile, by somebody who no longer wants to see it.
        else if (then) await store.put(changed ? { ...then, kept: true, tried, tries, next } : d);
        away = d.state === "waiting";
        sent += d.state === "sent";
      }
      waiting += d.state === "waiting";
    }
    return { sent, waiting };
  });
  const locked = async (act) => {
    const locks = self.navigator.locks;
    if (!locks) return act();
    return locks.request(NAME + ".send", { ifAvailable: true }, (lock) => (lock ? act() : { sent: 0, waiting: 0, other: true }));
  };
  const key = () => [...crypto.getRandomValues(new Uint8Array(20))].map((b) => b.toString(16).padStart(2, "0")).join("");
  return { all: call("all"), put: call("put"), remove: call("remove"), clear: call("clear"), where: async () => (await box()).where, send, sendAll, locked, key };
})();
