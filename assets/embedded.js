// A page of ours in a frame of another site: leads elsewhere in a new tab, and asks to be closed.
(() => {
  document.querySelectorAll("a[href]").forEach((a) => {
    const to = new URL(a.href, location.href);
    if (to.origin === location.origin && to.pathname.startsWith("/embed/")) return;
    if (a.getAttribute("href").startsWith("#")) return;
    a.target = "_blank";
    a.rel = "noopener";
  });
  // Which page surrounds the frame is not known here; the message holds nothing that it may not know.
  const close = () => { if (parent !== window) parent.postMessage({ interlude: "close" }, "*"); };
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !e.defaultPrevented) close(); });
})();
