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

  // <div role="status" data-live-reports data-text data-again>: reports came in or changed since the page was opened.
  // Nothing on the page moves; a link loads it anew.
  const live = document.querySelector("[data-live-reports]");
  if (live && window.EventSource) {
    const QUIET = 15 * 6e4;
    let source, touched = Date.now();
    const told = () => {
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
})();
