// The start page and notices follow what happens: /events says that something changed, the page is
// asked for again, and only what differs is put in its place. Where streams do not come through
// (some proxies keep them back), it asks every half minute. Without this file there is a link.
(() => {
  const main = document.querySelector("main[data-live]"), state = document.querySelector("[data-live-status]");
  if (!main || !state || !window.DOMParser || !window.fetch) return;
  const EVERY = 3e4, slug = main.dataset.live;
  let source, clock, soon, calm, proven = false;
  const say = (text) => { if (state.textContent !== text) state.textContent = text; };

  // A node as the server wrote it: without what interlude.js added for this reader.
  const bare = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("span.local, [data-waiting] > *").forEach((s) => s.remove());
    copy.querySelectorAll("time[data-relative][title]").forEach((t) => { t.textContent = t.title; t.removeAttribute("title"); });
    return copy.outerHTML;
  };
  const parts = (node) => [...node.children].filter((c) => !c.matches("span.local, .live, .take, [data-waiting]"));
  const shell = (node) => node.cloneNode(false).outerHTML;
  const text = (node) => [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
  // Goes down as long as two nodes are built alike, so that whoever reads or has the focus elsewhere keeps it.
  const patch = (old, now, top) => {
    if (!top && bare(old) === bare(now)) return false;
    const a = parts(old), b = parts(now);
    if (a.length && a.length === b.length && (top || (shell(old) === shell(now) && !text(old) && !text(now))))
      return a.map((part, i) => patch(part, b[i])).some(Boolean);
    const fresh = document.importNode(now, true), focus = old.contains(document.activeElement) && document.activeElement;
    if (!top) old.replaceWith(fresh);
    else {
      a.forEach((part) => part.remove());
      old.prepend(...parts(fresh));
      old.className = now.className;
    }
    if (focus) {
      const key = focus.id ? "#" + CSS.escape(focus.id) : focus.getAttribute("href") && `[href="${CSS.escape(focus.getAttribute("href"))}"]`;
      const again = key && (top ? old : fresh).querySelector(key);
      if (again) again.focus({ preventScroll: true });
    }
    return true;
  };
  const news = (page) => {
    const latest = page.querySelector(".timeline .latest") || page.querySelector(".notice-head .row") || page.querySelector("h1");
    const parts = latest ? [...latest.querySelectorAll(".badge, p, .prose")] : [];
    return (parts.length ? parts : [latest]).map((p) => (p ? p.textContent : "").replace(/\s+/g, " ").trim()).join(" · ").slice(0, 200);
  };
  const look = async () => {
    clearTimeout(soon);
    soon = 0;
    // Whoever marks text on the page is not disturbed.
    if (!getSelection().isCollapsed && main.contains(getSelection().anchorNode)) { later(5e3); return; }
    try {
      const answer = await fetch(location.pathname + location.search, { cache: "no-cache" });
      if (!answer.ok) throw 0;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html"), now = page.querySelector("main");
      if (!now) throw 0;
      const changed = patch(main, now, true);
      document.title = page.title;
      document.dispatchEvent(new Event("interlude:fresh"));
      if (changed) {
        say(state.dataset.changed.replace("{}", news(main)));
        state.classList.add("toast", "flash", "tone-info");
        clearTimeout(calm);
        calm = setTimeout(() => { state.classList.remove("toast", "flash", "tone-info"); }, 12e3);
      } else if (state.textContent === state.dataset.lost) say(state.dataset.on);
    } catch { say(state.dataset.lost); }
  };
  // They do not all ask in the same moment.
  const later = (ms = Math.random() * 1500) => { soon ||= setTimeout(look, ms); };
  const poll = () => { clock ||= setInterval(look, EVERY); };
  const listen = () => {
    if (!window.EventSource) { poll(); return; }
    proven = false;
    const mine = source = new EventSource("/events");
    setTimeout(() => { if (source === mine && !proven) { mine.close(); poll(); } }, 1e4);
    mine.addEventListener("ready", () => { proven = true; clearInterval(clock); clock = 0; });
    mine.addEventListener("window", (e) => { const of = JSON.parse(e.data).slug; if (!of || !slug || of === slug) later(); });
    ["settings", "known_issue", "reset"].forEach((name) => mine.addEventListener(name, () => later()));
    // Refused, as it is when too many listen: asked every half minute instead.
    mine.onerror = () => { if (mine.readyState === 2) poll(); };
  };
  const leave = () => { if (source) source.close(); clearInterval(clock); clock = source = 0; };
  document.addEventListener("visibilitychange", () => { leave(); if (!document.hidden) { look(); listen(); } });
  say(state.dataset.on);
  if (!document.hidden) listen();
})();
