// Progressive enhancement only: every page works without this file. No innerHTML; nothing that is typed leaves the page.
(() => {
  const root = document.documentElement, lang = root.lang || "en";
  const all = (q, f) => document.querySelectorAll(q).forEach(f);
  const zone = (() => { try { return Intl.DateTimeFormat().resolvedOptions().timeZone || ""; } catch { return ""; } })();
  root.classList.add("js");

  const fill = () => {
    all('input[type="hidden"][name="time_zone"]', (i) => { if (zone) i.value = zone; });
    all('input[type="hidden"][name="client_now"]', (i) => { i.value = new Date().toISOString(); });
  };
  fill();
  // <input data-own-zone>: a zone that nobody has typed yet is the reader's own
  all("input[data-own-zone]", (i) => { if (zone) i.value = zone; });

  // <time datetime data-until data-local="您当地时间 {}" data-zone="Asia/Shanghai" data-forms="…|…|…">: adds the reader's own
  // time where the zone differs, in the forms of the page itself: a moment, an end on the next day, and a span
  const wall = (d, timeZone) => d.toLocaleString("en", { timeZone, hourCycle: "h23" });
  const style = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const put = (form, parts) => form.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? "");
  const local = () => all("time[data-local]", (t) => {
    try {
      if (t.nextElementSibling && t.nextElementSibling.className === "local") return;
      const a = new Date(t.dateTime), b = t.dataset.until && new Date(t.dataset.until);
      if (isNaN(a) || (t.dataset.zone && wall(a, t.dataset.zone) === wall(a, zone) && (!b || wall(b, t.dataset.zone) === wall(b, zone)))) return;
      const [moment, next, span] = t.dataset.forms.split("|"), day = (d, n = 0) => new Date(d.getFullYear(), d.getMonth(), d.getDate() + n).getTime();
      const said = (d, form) => {
        const parts = Object.fromEntries(style.formatToParts(d).map((p) => [p.type, p.value]));
        return put(form, { ...parts, clock: parts.hour + ":" + parts.minute });
      };
      const end = b && said(b, day(a) === day(b) ? "{clock}" : day(a, 1) === day(b) ? next : moment);
      const out = document.createElement("span");
      out.className = "local";
      out.textContent = t.dataset.local.replace("{}", b ? put(span, { from: said(a, moment), to: end }) : said(a, moment));
      t.after(out);
    } catch { /* an old browser keeps the announced time */ }
  });
  local();

  // <time datetime data-relative>: "3 minutes ago", the exact one at hand as title, and for keyboards and fingers all
  // at once by <label data-exact>, which this device remembers
  const units = [["day", 864e5], ["hour", 36e5], ["minute", 6e4]], exact = document.querySelector("[data-exact] input");
  const relative = () => all("time[data-relative]", (t) => {
    const d = new Date(t.dateTime) - Date.now();
    if (isNaN(d) || !Intl.RelativeTimeFormat || Math.abs(d) > 30 * 864e5) return;
    t.title ||= t.textContent;
    const [u, ms] = units.find(([, ms]) => Math.abs(d) >= ms) || units[2];
    t.textContent = exact?.checked ? t.title : new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(Math.trunc(d / ms), u);
    if (exact) exact.parentNode.hidden = false;
  });
  try { if (exact) exact.checked = localStorage.getItem("interlude.exact") === "1"; } catch { /* nothing is remembered */ }
  exact?.addEventListener("change", () => {
    try { exact.checked ? localStorage.setItem("interlude.exact", "1") : localStorage.removeItem("interlude.exact"); } catch { /* for this page, then */ }
    relative();
  });
  relative();
  setInterval(relative, 3e4);
  // live.js has put something new in its place
  document.addEventListener("interlude:fresh", () => { local(); relative(); });

  // <button class="js-only" data-print>
  document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });

  // <button class="js-only" data-copy="#id" data-done="已复制">: says so in the button itself
  all("[data-copy]", (b) => b.addEventListener("click", async () => {
    const from = document.querySelector(b.dataset.copy);
    if (!from) return;
    const text = (from.value ?? from.textContent).trim(), was = b.textContent;
    try { await navigator.clipboard.writeText(text); } catch {
      if (from.select) from.select(); else getSelection().selectAllChildren(from);
      if (!document.execCommand("copy")) return;
    }
    b.textContent = b.dataset.done || "✓";
    b.setAttribute("aria-live", "polite");
    setTimeout(() => { b.textContent = was; }, 2500);
  }));

  // <a data-me-too href="/known-issues/3/me-too">: one tap instead of two; the same key however often it is tapped
  const hex = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  document.addEventListener("click", (e) => {
    const a = e.target.closest?.("a[data-me-too]");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey || !window.crypto?.getRandomValues) return;
    e.preventDefault();
    const form = document.createElement("form"), key = document.createElement("input");
    form.method = "post";
    form.action = a.href;
    form.hidden = key.hidden = true;
    key.name = "idempotency_key";
    key.value = a.dataset.key ||= hex();
    form.append(key);
    document.body.append(form);
    form.submit();
  });

  // <section data-known="/known-issues.json">: what is known opens as soon as the component or what is typed fits it,
  // and what became known since the page was loaded is added. The comparing is done here.
  all("[data-known]", (box) => {
    const said = box.querySelector("[data-known-said]"), field = (id) => document.getElementById(id);
    let list = [], asked = 0;
    const add = (issue) => {
      const details = document.createElement("details"), summary = document.createElement("summary"), p = document.createElement("p"), a = document.createElement("a");
      details.className = "more";
      details.dataset.issue = issue.id;
      summary.textContent = issue.title;
      a.className = "button";
      a.href = `/known-issues/${issue.id}/me-too`;
      a.dataset.meToo = "";
      a.textContent = box.dataset.meTooWord;
      p.append(a);
      details.append(summary, p);
      box.append(details);
      box.hidden = false;
      return details;
    };
    const fit = () => {
      const typed = ["description", "error_message"].map((id) => field(id)?.value || "").join(" ").normalize("NFKC").toLowerCase();
      const component = field("component")?.value;
      list.forEach((issue) => {
        const details = box.querySelector(`[data-issue="${issue.id}"]`) || add(issue);
        if (details.dataset.fits || (!issue.components.includes(component) && issue.terms.filter((t) => typed.includes(t)).length < 2)) return;
        details.dataset.fits = "1";
        if (!details.open) said.textContent = `${said.dataset.knownSaid} ${issue.title}`;
        details.open = true;
      });
    };
    const look = async () => {
      if (Date.now() - asked > 3e4) {
        asked = Date.now();
        try {
          const answer = await fetch(box.dataset.known);
          if (answer.ok) list = await answer.json();
        } catch { /* the list in the page stays as it is */ }
      }
      fit();
    };
    document.addEventListener("input", look);
    document.addEventListener("change", look);
  });

  // <button data-share hidden data-url data-title>
  if (navigator.share) all("[data-share]", (b) => {
    b.hidden = false;
    b.addEventListener("click", () => navigator.share({ url: b.dataset.url || location.href, title: b.dataset.title || document.title }).catch(() => {}));
  });

  // <form data-draft="name">: what was typed outlives reload and back, in this tab alone. The server sets
  // data-draft-clear="name" on the page that follows a success.
  const store = { get: (k) => { try { return JSON.parse(sessionStorage.getItem(k)); } catch { return null; } }, set: (k, v) => { try { v ? sessionStorage.setItem(k, JSON.stringify(v)) : sessionStorage.removeItem(k); } catch { /* private mode */ } } };
  const kept = (e) => e.name && !e.closest("[data-no-draft]") && !["hidden", "password", "file", "submit"].includes(e.type);
  all("[data-draft-clear]", (e) => store.set("draft:" + e.dataset.draftClear));
  all("form[data-draft]", (form) => {
    const key = "draft:" + form.dataset.draft, tick = (e) => e.type === "radio" || e.type === "checkbox";
    const old = form.querySelector('[aria-invalid="true"]') ? null : store.get(key);
    if (old) [...form.elements].filter(kept).forEach((e) => {
      if (tick(e)) { if (old[e.name]) e.checked = old[e.name].includes(e.value); }
      else if (old[e.name]) e.value = old[e.name][0];
    });
    const save = () => {
      const now = {};
      [...form.elements].filter(kept).forEach((e) => { const v = now[e.name] ||= []; if (!tick(e) || e.checked) v.push(e.value); });
      store.set(key, now);
    };
    form.addEventListener("input", save);
    form.addEventListener("submit", () => { save(); fill(); });
  });
})();
