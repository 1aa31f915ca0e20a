// Progressive enhancement of the pages under /admin/ only; each of them works without this file.
(() => {
  // <input type="file" data-into="#list">: the text of a chosen file comes into the field, where it can be read and mended
  document.querySelectorAll("input[data-into]").forEach((input) => input.addEventListener("change", async () => {
    const into = document.querySelector(input.dataset.into), file = input.files[0];
    if (!into || !file) return;
    const bytes = await file.arrayBuffer();
    // Excel in China writes CSV in GB 18030 unless told otherwise.
    try { into.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { into.value = new TextDecoder("gb18030").decode(bytes); }
    into.focus();
  }));

  // <tbody data-rows="Add a row">: rows of fields that nobody has filled in wait until they are asked for.
  document.querySelectorAll("tbody[data-rows]").forEach((body) => {
    const rows = [...body.rows], used = (row) => row.querySelector("input:checked, [aria-invalid]") || [...row.querySelectorAll("input:not([type=checkbox])")].some((field) => field.value);
    const waiting = rows.slice(Math.max(1, rows.findLastIndex(used) + 1));
    if (!waiting.length) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = body.dataset.rows;
    waiting.forEach((row) => { row.hidden = true; });
    button.addEventListener("click", () => {
      const row = waiting.shift();
      row.hidden = false;
      row.querySelector("input, select").focus();
      if (!waiting.length) button.remove();
    });
    body.closest(".table-scroll").after(button);
  });

  // <div role="status" data-live-reports data-text data-again>: reports came in or changed since the page was opened.
  // Nothing on the page moves; a link loads it anew.
  const live = document.querySelector("[data-live-reports]");
  if (live && window.EventSource) {
    const QUIET = 15 * 6e4;
    let source, touched = Date.now();
    const told = () => {
      // The queue says itself how many fit what is asked for.
      if (document.querySelector("[data-news]")) { document.dispatchEvent(new Event("interlude:news")); return; }
      if (live.firstChild) return;
      const box = document.createElement("p"), link = document.createElement("a");
      box.className = "toast flash tone-info";
      link.href = location.href;
      link.textContent = live.dataset.again;
      box.append(live.dataset.text + " ", link);
      live.append(box);
    };
    const close = () => { if (source) source.close(); source = null; };
    const open = () => {
      source = new EventSource("/admin/events");
      source.addEventListener("report", told);
      source.addEventListener("reset", told);
      // Listening must not keep a session alive that nobody uses.
      source.addEventListener("ready", () => { if (Date.now() - touched > QUIET) close(); });
    };
    ["pointerdown", "keydown", "scroll"].forEach((name) => addEventListener(name, () => { touched = Date.now(); if (!source && !document.hidden) open(); }, { passive: true }));
    document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else if (!source) open(); });
    if (!document.hidden) open();
  }
  const $ = (q, root = document) => root.querySelector(q), all = (q, root = document) => [...root.querySelectorAll(q)];
  const desk = $(".desk-split"), pane = $("#pane");
  const wide = matchMedia("(min-width: 75rem)");
  const rows = () => all("tr[data-report]", desk || document);
  const link = (row) => $(wide.matches ? ".to-pane" : ".to-page", row) || $("a", row);
  const plain = (href) => { const u = new URL(href, location); u.searchParams.delete("done"); return u.pathname + u.search; };

  // ── the report beside the list: the same page is asked for, and only the report and its row are taken from it ──
  let asked = 0;
  const take = (page) => {
    const fresh = $("#report", page);
    if (!fresh) return false;
    pane.replaceChildren(document.adoptNode(fresh));
    pane.hidden = false;
    desk.classList.add("with-pane");
    const name = fresh.dataset.reference, listed = $("table.queue", page);
    rows().forEach((row) => {
      row.toggleAttribute("aria-current", false);
      if (row.dataset.report !== name) return;
      row.setAttribute("aria-current", "true");
      const now = listed && $(`tr[data-report="${name}"]`, listed);
      const focused = row.contains(document.activeElement), ticked = $("input", row)?.checked;
      // A row that no longer belongs here stays until the list is loaded again: nothing moves while one reads.
      if (listed) row.classList.toggle("gone", !now);
      if (now) {
        row.replaceChildren(...[...now.children].map((cell) => document.adoptNode(cell)));
        if (ticked) $("input", row).checked = true;
        if (focused) link(row).focus({ preventScroll: true });
      }
    });
    document.dispatchEvent(new Event("interlude:fresh"));
    return true;
  };
  const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");
  const show = async (href) => {
    const turn = ++asked;
    try {
      const response = await fetch(href, { headers: { "X-Pane": "1" } });
      const page = await parse(response);
      if (turn !== asked) return false;
      if (!take(page)) { location.href = href; return false; }
      history.pushState(null, "", plain(href));
      return true;
    } catch { location.href = href; return false; }
  };
  const close = () => {
    const row = $("tr[aria-current]", desk), back = $(".close-pane", pane)?.href;
    pane.hidden = true;
    pane.replaceChildren();
    desk.classList.remove("with-pane");
    rows().forEach((r) => r.removeAttribute("aria-current"));
    if (back) history.pushState(null, "", plain(back));
    if (row) link(row).focus();
  };
  if (desk) {
    desk.addEventListener("click", (e) => {
      if (e.metaKey || e.ctrlKey || e.shiftKey || e.button) return;
      const to = e.target.closest(".to-pane");
      if (to) { e.preventDefault(); show(to.href).then((ok) => ok && $("#report")?.focus({ preventScroll: true })); }
      if (e.target.closest(".close-pane") && wide.matches) { e.preventDefault(); close(); }
    });
    pane.addEventListener("submit", async (e) => {
      if (e.defaultPrevented) return;
      e.preventDefault();
      const form = e.target, data = new URLSearchParams(new FormData(form, e.submitter));
      all("button", form).forEach((b) => { b.disabled = true; });
      try {
        const response = await fetch(form.action, { method: "POST", body: data, headers: { "X-Pane": "1" } });
        const answer = await parse(response);
        if (!take(answer)) {
          // It was not taken: what was typed stays where it is, and the answer says why.
          const why = !response.ok && $('.flash[role="alert"]', answer);
          if (!why) { location.href = response.url; return; }
          $('.flash[role="alert"]', form)?.remove();
          form.prepend(document.adoptNode(why));
          all("button", form).forEach((b) => { b.disabled = false; });
          return;
        }
        if (response.ok) history.replaceState(null, "", plain(response.url));
        ($('[aria-invalid="true"]', pane) || $("#report")).focus({ preventScroll: !response.ok ? false : true });
      } catch { form.submit(); }
    });
    addEventListener("popstate", () => location.reload());
  }

  // ── keys ──
  const off = () => { try { return localStorage.getItem("interlude-keys") === "off"; } catch { return false; } };
  all("[data-keys]").forEach((box) => {
    box.checked = !off();
    box.addEventListener("change", () => { try { localStorage.setItem("interlude-keys", box.checked ? "on" : "off"); } catch { /* private mode */ } });
  });
  const current = () => document.activeElement?.closest?.("tr[data-report]") || $("tr[aria-current]", desk || document);
  let later;
  const step = (by) => {
    const list = rows(), at = list.indexOf(current()), next = list[at < 0 ? 0 : at + by];
    if (!next) return;
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
    clearTimeout(later);
    if (desk.classList.contains("with-pane") && wide.matches) later = setTimeout(() => show($(".to-pane", next).href), 150);
  };
  // Does something in the report that is current: beside the list, or on its own page.
  const within = async (act, part) => {
    clearTimeout(later);
    const row = desk && current(), open = $("#report");
    if (!row || open?.dataset.reference === row.dataset.report) { if (open) act(open); return; }
    if (!wide.matches) { location.href = $(".to-page", row).href + part; return; }
    if (await show($(".to-pane", row).href)) act($("#report"));
  };
  const into = (id) => (report) => { const field = $(id, report); field?.focus(); field?.scrollIntoView({ block: "center" }); };
  const keys = {
    j: () => desk && step(1),
    k: () => desk && step(-1),
    o: () => { const row = desk && current(); if (row) location.href = $(".to-page", row).href; },
    a: () => within((report) => $('[data-key="a"]', report)?.click(), ""),
    r: () => within(into("#answer"), "#answer"),
    s: () => within(into("#status"), "#status"),
    n: () => $("[data-news] a:not([hidden])")?.click(),
    x: () => { const box = desk && $('input[type="checkbox"]', current() || document.createElement("i")); box?.click(); },
    "/": () => { const box = $(".filter-box"), field = $("#f-q"); if (box) box.open = true; field?.focus(); field?.select(); },
    "?": () => { const box = $("#shortcuts"); if (!box) return; box.open = true; box.scrollIntoView({ block: "end" }); $("summary", box).focus(); },
  };
  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.defaultPrevented) return;
    const typing = e.target.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select');
    if (e.key === "Escape" && desk) {
      const keysOpen = $("#shortcuts[open]");
      if (keysOpen) { keysOpen.open = false; }
      const row = current() || rows()[0];
      if (typing || keysOpen || document.activeElement?.closest("#report")) { if (row) link(row).focus(); } else if (pane && !pane.hidden) close();
      return;
    }
    if (typing || off() || !keys[e.key]) return;
    e.preventDefault();
    keys[e.key]();
  });

  // ── acts on many ──
  const count = () => {
    const chosen = $("[data-chosen]");
    if (!chosen) return;
    const n = all('input[name="report"]:checked').length;
    chosen.textContent = n;
    chosen.hidden = !n;
  };
  addEventListener("change", (e) => {
    if (e.target.matches("[data-all]")) all('input[name="report"]').forEach((box) => { box.checked = e.target.checked; });
    count();
  });
  count();
  const progress = $("[data-progress]");
  if (progress) {
    const follow = async () => {
      try {
        const now = $("#progress", await parse(await fetch(location.href)));
        if (!now?.hasAttribute("data-progress")) { location.reload(); return; }
        const [bar, fresh] = [$("progress", progress), $("progress", now)];
        bar.value = fresh.value;
        bar.nextSibling.textContent = fresh.nextSibling.textContent;
      } catch { /* asked again */ }
      setTimeout(follow, 1000);
    };
    setTimeout(follow, 1000);
  }

  // ── a canned answer goes where the cursor is ──
  addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-insert]");
    if (!button) return;
    e.preventDefault();
    const form = button.form, field = form.elements[button.dataset.insert], text = form.elements.canned.selectedOptions[0]?.dataset.text;
    if (!text) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
})();
