// /offline: which pages are kept on this device, and forgetting all that is. What waits to be sent is listed by
// drafts.js, which is told.
(() => {
  const find = (what) => document.querySelector(what);
  const pages = find("[data-pages]"), wipe = find("[data-forget]"), said = find("[data-forgotten]");
  const titles = async () => {
    // Opened only where it is: opening makes one.
    const cache = self.caches && (await caches.has("pages")) && (await caches.open("pages"));
    const lines = await Promise.all((cache ? await cache.keys() : []).map(async (ask) => {
      // Taken away meanwhile, for a newer one.
      const copy = await cache.match(ask);
      if (!copy) return null;
      const page = new DOMParser().parseFromString(await copy.text(), "text/html");
      const li = document.createElement("li"), a = document.createElement("a");
      a.href = new URL(ask.url).pathname;
      a.textContent = page.title;
      li.append(a);
      return li;
    }));
    pages.replaceChildren(...lines.filter(Boolean));
  };
  const forget = async () => {
    await self.outbox.clear();
    if (self.caches) await caches.delete("pages");
    if (self.indexedDB) indexedDB.deleteDatabase("interlude-shots");
    for (const storage of ["localStorage", "sessionStorage"]) try {
      const own = Object.keys(self[storage]).filter((k) => /^(interlude\.|draft:)/.test(k));
      own.forEach((k) => self[storage].removeItem(k));
    } catch { /* none to forget */ }
    document.dispatchEvent(new Event("interlude:forgotten"));
    await titles();
  };
  wipe.form.addEventListener("submit", async (e) => {
    e.preventDefault();
    await forget();
    // Cookies that no script may read are the server's to take back.
    const gone = await fetch(wipe.form.action, { method: "POST" }).then((answer) => answer.ok, () => false);
    said.textContent = said.dataset[gone ? "done" : "away"];
  });
  // Pressed before this was there: the server has done its part.
  if (said.textContent) forget();
  titles();
})();
