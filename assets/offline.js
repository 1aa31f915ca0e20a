// Public pages without a network: takes the service worker, says when a page is a kept one, and
// fetches what keeps and sends reports where somebody writes one, or one waits.
(() => {
  const root = document.documentElement, kept = root.dataset.kept, worker = navigator.serviceWorker;
  if (worker) {
    worker.register("/sw.js").catch(() => { /* private windows, chat apps */ });
    // The page of a first visit came before there was a worker to see it; and who reads a notice may need its form.
    const form = document.querySelector('main a[href$="/report"]');
    worker.ready.then((r) => r.active.postMessage([location.pathname, form && form.pathname])).catch(() => {});
  }

  // A kept page says so until it is as the server has it.
  const words = document.getElementById("offline-kept");
  if (kept && words) {
    const banner = words.content.firstElementChild.cloneNode(true), time = banner.querySelector("time");
    time.dateTime = kept;
    time.textContent = new Intl.DateTimeFormat(root.lang || "en", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(kept));
    banner.querySelector("[data-again]").addEventListener("click", () => location.reload());
    document.querySelector(".skip").after(banner);
    document.addEventListener("interlude:fresh", () => { banner.remove(); delete root.dataset.kept; });
    // What waited has been sent: there is a server again, though the page is as old as before.
    document.addEventListener("interlude:sent", () => { banner.querySelector("[data-away]").hidden = true; banner.querySelector("[data-back]").hidden = false; });
  }

  // Something waits, as far as this tab knows: the mark is set when a report is kept.
  let waits = true;
  try { waits = localStorage.getItem("interlude.waits") === "1"; } catch { /* nobody knows; look */ }
  const load = (name) => new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = "/assets/" + name;
    script.async = false;
    script.onload = done;
    script.onerror = fail;
    document.head.append(script);
  });
  let asked;
  const need = () => asked ||= Promise.all(["outbox.js", "drafts.js"].map(load));
  if (kept || waits || document.querySelector("[data-pages]")) { need().catch(() => {}); return; }
  const form = document.querySelector("form[data-offline]");
  if (!form) return;
  const soon = () => { need().then(() => form.removeEventListener("submit", early), () => {}); };
  // They come as soon as somebody does anything on the page, so that they are there when it is sent, whatever becomes
  // of the network meanwhile: not all browsers have a worker that could bring them then (chat apps).
  ["focusin", "input", "pointerdown", "scroll"].forEach((what) => addEventListener(what, soon, { once: true, passive: true }));
  // Sent before that, it waits for them, and is sent as without script if they do not come.
  const early = (e) => {
    e.preventDefault();
    form.removeEventListener("submit", early);
    const late = new Promise((_, fail) => { setTimeout(fail, 4e3); });
    Promise.race([need(), late]).then(() => form.requestSubmit(e.submitter), () => form.submit());
  };
  form.addEventListener("submit", early);
})();
