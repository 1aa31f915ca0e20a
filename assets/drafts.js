// Keeps reports that cannot be sent, shows them where [data-waiting] stands, and sends them when they
// can be. All words stand in templates/offline/parts.html.
(() => {
  const root = document.documentElement, box = self.outbox, kept = root.dataset.kept;
  const part = (name) => document.getElementById("offline-" + name).content.firstElementChild.cloneNode(true);
  const find = (from, what) => from.querySelector(what);
  const when = (iso) => new Intl.DateTimeFormat(root.lang || "en", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
  const stamp = (time, iso) => { time.dateTime = iso; time.textContent = when(iso); };
  const channel = self.BroadcastChannel && new BroadcastChannel("interlude");
  const tell = () => channel && channel.postMessage("reports");
  const soon = () => navigator.serviceWorker && navigator.serviceWorker.ready.then((r) => r.sync && r.sync.register("reports")).catch(() => {});
  const mark = (all) => { try { all.length ? localStorage.setItem("interlude.waits", "1") : localStorage.removeItem("interlude.waits"); } catch { /* every page looks */ } };
  const form = find(document, "form[data-offline]");
  let shown, editing, deleted, clock;

  // ── the list
  const say = (what) => { if (shown) find(shown, "[data-said]").textContent = what && find(shown, "[data-said]").dataset[what]; };
  const line = (d) => {
    const li = part("draft"), text = (d.fields.find(([n]) => n === "description") || [0, d.title])[1] || d.title;
    li.querySelectorAll("[data-is]").forEach((b) => { b.hidden = b.dataset.is !== d.state; });
    stamp(find(li, "time"), d.written);
    find(li, "[data-text]").textContent = text.slice(0, 300);
    li.querySelectorAll("button .sr").forEach((s) => { s.textContent = " " + text.slice(0, 40); });
    find(li, "[data-why]").hidden = !d.why || d.state !== "refused";
    find(li, "[data-why]").textContent = d.why || "";
    find(li, "[data-was]").hidden = !d.was;
    const link = find(li, "[data-receipt]"), edit = find(li, "[data-edit]");
    link.hidden = d.state !== "sent";
    edit.hidden = d.state === "sent";
    if (d.state === "sent") { link.href = d.receipt + "?received=" + d.id; find(li, "[data-reference]").textContent = d.reference; }
    edit.addEventListener("click", () => {
      if (form && location.pathname === d.page) change(d);
      else location.assign(d.page + "#draft=" + d.id);
    });
    find(li, "[data-delete]").addEventListener("click", async () => {
      await box.remove(d.id);
      deleted = d;
      await draw();
      const undo = shown && find(shown, "[data-undo]");
      if (undo) undo.focus();
    });
    return li;
  };
  const gone = (d) => {
    const li = part("draft");
    [...li.children].forEach((c) => { c.hidden = !c.matches("[data-gone]"); });
    find(li, "[data-undo]").addEventListener("click", async () => { await box.put(d); deleted = null; await draw(); tell(); });
    return li;
  };
  const draw = async () => {
    const place = find(document, "[data-waiting]"), where = await box.where();
    const all = (await box.all()).sort((a, b) => (a.written < b.written ? -1 : 1));
    mark(all);
    if (all.some((d) => d.state === "sent" && d.at > performance.timeOrigin)) document.dispatchEvent(new Event("interlude:sent"));
    if (!place) return;
    if (!all.length && !deleted) { place.replaceChildren(); shown = null; return; }
    if (!shown || !place.contains(shown)) {
      shown = part("box");
      find(shown, "[data-send]").addEventListener("click", () => push(true));
      const sure = find(shown, "[data-sure]"), clear = find(shown, "[data-clear]");
      clear.addEventListener("click", () => { sure.hidden = false; clear.hidden = true; find(sure, "[data-no]").focus(); });
      find(sure, "[data-no]").addEventListener("click", () => { sure.hidden = true; clear.hidden = false; clear.focus(); });
      find(sure, "[data-yes]").addEventListener("click", async () => { await box.clear(); deleted = null; await draw(); tell(); });
      place.replaceChildren(shown);
    }
    const how = where === "device" && self.SyncManager && navigator.serviceWorker ? "sync" : where;
    const waits = all.some((d) => d.state === "waiting");
    shown.querySelectorAll("[data-where]").forEach((p) => { p.hidden = p.dataset.where !== how || !waits; });
    find(shown, "[data-send]").hidden = !waits;
    find(shown, "ul").replaceChildren(...all.map(line), ...(deleted ? [gone(deleted)] : []));
  };

  // ── sending
  const push = async (force) => {
    clearTimeout(clock);
    const { sent, waiting, other } = await box.sendAll(force);
    if (sent || force) { await draw(); tell(); }
    if (sent && !waiting) say("sent");
    else if (force && waiting) say("away");
    if (waiting || other) clock = setTimeout(push, 1e4);
  };
  const start = async () => { if ((await box.all()).some((d) => d.state === "waiting") && navigator.onLine !== false) push(); };
  addEventListener("online", () => push(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { draw(); start(); } });
  document.addEventListener("interlude:fresh", () => { if (shown && !shown.isConnected) draw(); });
  document.addEventListener("interlude:forgotten", async () => { deleted = null; await draw(); tell(); });
  if (channel) channel.onmessage = draw;

  // Pictures lie on a shelf of their own (report.js) and are sent from the receipt of their report.
  const pictures = (from, to) => new Promise((done) => {
    if (!self.indexedDB || !find(document, "[data-shots]")) { done(); return; }
    const ask = indexedDB.open("interlude-shots", 1);
    ask.onerror = ask.onblocked = () => done();
    ask.onupgradeneeded = () => ask.transaction.abort();
    ask.onsuccess = () => {
      const turn = ask.result.transaction("shots", "readwrite");
      turn.objectStore("shots").openCursor().onsuccess = ({ target: { result: at } }) => {
        if (!at) return;
        if (at.value.of === from) at.update({ ...at.value, of: to });
        at.continue();
      };
      turn.oncomplete = turn.onabort = () => { ask.result.close(); done(); };
    };
  });

  // ── writing
  const fields = () => [...new FormData(form)].filter(([n, v]) => typeof v === "string" && n !== "idempotency_key" && n !== "written_at");
  const change = (d) => {
    editing = d;
    for (const e of form.elements) {
      const own = d.fields.filter(([n]) => n === e.name).map(([, v]) => v);
      if (!e.name || e.type === "file" || e.name === "idempotency_key") continue;
      if (e.type === "radio" || e.type === "checkbox") e.checked = own.includes(e.value);
      else if (own.length) {
        if (e.tagName === "SELECT" && own[0] && ![...e.options].some((o) => o.value === own[0])) e.add(new Option(own[0], own[0]));
        e.value = own[0];
        if (e.value && e.closest("details") && e.type !== "hidden" && e.name !== "device" && e.name !== "zone") e.closest("details").open = true;
      }
    }
    find(document, "[data-editing]").hidden = false;
    form.elements.description.focus();
  };
  if (form) {
    const key = form.elements.idempotency_key, forget = () => { try { sessionStorage.removeItem("draft:" + form.dataset.draft); } catch { /* nothing was kept */ } };
    // A kept form is sent by many; each report gets a key of its own.
    if (kept || !key.value) key.value = box.key();
    let skew = 0, busy = false;
    try {
      const off = Date.parse(form.dataset.now) - Date.now();
      if (!kept && !isNaN(off)) localStorage.setItem("interlude.clock", Math.abs(off) > 9e4 ? off : 0);
      skew = Number(localStorage.getItem("interlude.clock")) || 0;
    } catch { /* the device's own clock has to do */ }
    const again = () => {
      form.reset();
      editing = null;
      key.value = box.key();
      find(document, "[data-editing]").hidden = true;
      document.querySelectorAll(".error-summary").forEach((e) => e.remove());
      forget();
    };
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      if (busy) return;
      busy = true;
      const button = e.submitter || find(form, "[type=submit]");
      button.setAttribute("aria-disabled", "true");
      const said = fields(), title = (form.elements.description.value || "").slice(0, 300);
      const d = editing ? { ...editing, fields: said, title, state: "waiting", why: "", action: form.getAttribute("action"), page: location.pathname }
        : { id: box.key(), key: key.value, written: new Date(Date.now() + skew).toISOString(), fields: said, title, state: "waiting", action: form.getAttribute("action"), page: location.pathname };
      let stays = false;
      try {
        // Kept before it is sent: whatever happens from here on, it is not lost.
        await box.put(d);
        if (navigator.onLine === false) d.kept = true;
        else await box.locked(() => box.send(d, 12e3));
        if (d.state === "sent") {
          await box.remove(d.id);
          forget();
          location.assign(d.receipt + "?received=" + encodeURIComponent(form.dataset.draft));
          stays = true;
          return;
        }
        if (d.state === "refused") {
          if (!editing) {
            // The server says at each field what is wrong with it.
            await box.remove(d.id);
            stays = true;
            form.submit();
            return;
          }
          await box.put(d);
          await draw();
        } else if (!form.checkValidity()) {
          if (editing) await box.put(editing); else await box.remove(d.id);
          const more = find(form, "details");
          if (more && find(more, ":invalid")) more.open = true;
          form.reportValidity();
        } else {
          await box.put(d);
          if (!editing) await pictures(form.dataset.draft, d.id);
          again();
          await draw();
          soon();
          tell();
          say("kept");
          find(shown, "h2").focus();
          clock = setTimeout(push, 1e4);
        }
      } catch {
        // Nothing can be kept here: the browser sends it as it would without us.
        stays = true;
        form.submit();
      } finally {
        busy = stays;
        if (!stays) button.removeAttribute("aria-disabled");
      }
    });
    const asked = /^#draft=(\w+)$/.exec(location.hash);
    if (asked) box.all().then((all) => { const d = all.find((o) => o.id === asked[1] && o.state !== "sent"); if (d) change(d); });
  }

  draw();
  start();
})();
