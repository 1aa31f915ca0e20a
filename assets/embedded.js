// A page of ours in a frame of another site: leads elsewhere in a new tab, and asks to be closed.
(() => {
  const leads = (a) => {
    const to = new URL(a.href, location.href);
    if (a.getAttribute("href").startsWith("#") || (to.origin === location.origin && to.pathname.startsWith("/embed/"))) return false;
    a.target = "_blank";
    a.rel = "noopener";
    return true;
  };
  document.querySelectorAll("a[href]").forEach(leads);
  // Before another script of the page takes the click and stays in the frame.
  document.addEventListener("click", (e) => { const a = e.target.closest("a[href]"); if (a && leads(a)) e.stopPropagation(); }, true);
  // Which page surrounds the frame is not known here; the message holds nothing that it may not know.
  const close = () => { if (parent !== window) parent.postMessage({ interlude: "close" }, "*"); };
  document.addEventListener("keydown", (e) => { if (e.key === "Escape" && !e.defaultPrevented) close(); });
})();
