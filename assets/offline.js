// Public pages without a network: takes the service worker, says when a page is a kept one, and
// fetches what keeps and sends reports where there is a form, a list of them, or one that waits.
(() => {
  const root = document.documentElement, kept = root.dataset.kept, worker = navigator.serviceWorker;
  if (worker) worker.register("/sw.js").catch(() => { /* private windows, chat apps */ });

  // A kept page says so until it is as the server has it.
  const words = document.getElementById("offline-kept");
  if (kept && words) {
    const banner = words.content.firstElementChild.cloneNode(true), time = banner.querySelector("time");
    time.dateTime = kept;
    time.textContent = new Intl.DateTimeFormat(root.lang || "en", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(kept));
    banner.querySelector("[data-again]").addEventListener("click", () => location.reload());
    document.querySelector(".skip").after(banner);
    document.addEventListener("interlude:fresh", () => { banner.remove(); delete root.dataset.kept; });
  }

  // Something waits, as far as this tab knows: the mark is set when a report is kept.
  let waits = true;
  try { waits = localStorage.getItem("interlude.waits") === "1"; } catch { /* nobody knows; look */ }
  const need = () => ["outbox.js", "drafts.js"].forEach((name) => {
    const script = document.createElement("script");
    script.src = "/assets/" + name;
    script.async = false;
    document.head.append(script);
  });
  if (kept || waits || document.querySelector("[data-pages]")) need();
  // A form that came from the server is sent as it is until they are there; nobody waits for them.
  else if (document.querySelector("form[data-offline]")) addEventListener("load", () => (self.requestIdleCallback || setTimeout)(need));
})();
