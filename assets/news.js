// The queue, while somebody reads it: what comes in joins the list by itself where nothing in sight moves by that;
// else a bar says so, and it joins when the reader asks for it. Without this file, the list is as it was loaded.
(() => {
  const $ = (q, root = document) => root.querySelector(q), all = (q, root = document) => [...root.querySelectorAll(q)];
  const bar = $("[data-news]"), list = $(".desk-list");
  if (!bar || !list) return;
  const button = $("a", bar), [said, first] = all("span", button), title = document.title;
  const alarms = new Set(all("[data-alarm]").map((a) => a.dataset.alarm));
  const since = () => Number(new URL(bar.dataset.news, location).searchParams.get("since"));
  const rows = (root = list) => all("tr[data-report]", root), name = (row) => row.dataset.report;
  let tag = "", next, fresh = null, alarmed = false;

  // Where a row belongs: after the row that it follows on the new page, or before the one that it precedes.
  const neighbour = (row) => {
    const here = new Map(rows().map((r) => [name(r), r]));
    for (let at = row.previousElementSibling; at; at = at.previousElementSibling) if (here.has(name(at))) return [here.get(name(at)), "after"];
    for (let at = row.nextElementSibling; at; at = at.nextElementSibling) if (here.has(name(at))) return [here.get(name(at)), "before"];
    return [];
  };
  const inSight = (row) => {
    const [by, side] = neighbour(row);
    if (!by || !list.offsetHeight) return false;
    const box = by.getBoundingClientRect(), edge = side === "after" ? box.bottom : box.top;
    return edge > 0 && edge < innerHeight;
  };
  // What came in since, and is not here yet. What only moved up from another page is not news.
  const missing = () => {
    const here = new Set(rows().map(name));
    return fresh ? rows(fresh).filter((row) => Number(row.dataset.number) > since() && !here.has(name(row))) : [];
  };
  // What the reader looks at: what has the focus, the open report's row, or the first row in sight.
  const looked = () => {
    const at = document.activeElement?.closest?.("tr[data-report]") || $("tr[aria-current]", list);
    const seen = (row) => { const { top, bottom } = row.getBoundingClientRect(); return bottom > 0 && top < innerHeight; };
    return at && seen(at) ? at : rows().find(seen);
  };
  const join = (joining) => {
    const root = document.documentElement.style, anchor = looked(), top = anchor?.getBoundingClientRect().top;
    // What the browser does of its own accord against jumps would be added to what is done below.
    root.overflowAnchor = "none";
    joining.forEach((row) => {
      const [by, side] = neighbour(row), own = document.importNode(row, true);
      if (!by) return;
      own.classList.add("came");
      const mark = document.createElement("span");
      mark.className = "badge badge-plain tone-info came-mark";
      mark.textContent = bar.dataset.mark;
      $(".lead-cell", own).append(mark);
      by[side](own);
    });
    if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
    root.overflowAnchor = "";
    const [caption, pages] = [$("#queue-caption", fresh), $(".pages", fresh)];
    if (caption) $("#queue-caption").textContent = caption.textContent;
    const old = $(".pages", list);
    if (pages && old && !old.contains(document.activeElement)) old.replaceWith(document.importNode(pages, true));
    document.dispatchEvent(new Event("interlude:fresh"));
  };

  const plain = (row, part) => ($(part, row)?.textContent || "").trim();
  const tell = (news) => {
    const alarm = news.alarms.some((id) => !alarms.has(String(id))), held = missing()[0];
    alarmed = alarm;
    said.textContent = [news.text, alarm ? news.alarm_text : ""].filter(Boolean).join(" · ");
    first.textContent = held ? [plain(held, ".reasons"), plain(held, ".clip")].filter(Boolean).join(" · ") : "";
    button.hidden = !said.textContent;
    document.title = news.reports ? `(${news.reports}) ${title}` : title;
  };
  const ask = async () => {
    if (!document.hidden) try {
      const response = await fetch(bar.dataset.news, { headers: tag ? { "If-None-Match": tag } : {} });
      if (response.status === 200) {
        const news = await response.json();
        if (news.reports) {
          const here = new URL(location);
          ["open", "done"].forEach((field) => here.searchParams.delete(field));
          const page = await fetch(here);
          if (page.ok) fresh = new DOMParser().parseFromString(await page.text(), "text/html");
          const joining = rows().length ? missing().filter((row) => !inSight(row)) : [];
          if (joining.length) join(joining);
        }
        tag = response.headers.get("ETag") || "";
        tell(news);
      } else if (response.status !== 304) return;
    } catch { /* asked again */ }
    clearTimeout(next);
    next = setTimeout(ask, 5000);
  };
  next = setTimeout(ask, 2000);
  // The stream says at once that something came in; several at once are asked for once.
  document.addEventListener("interlude:news", () => { clearTimeout(next); next = setTimeout(ask, 300); });

  button.addEventListener("click", (e) => {
    const unseen = () => rows().filter((row) => row.classList.contains("came"));
    if (alarmed || e.metaKey || e.ctrlKey || e.shiftKey || !fresh) return;
    if (!rows().length) {
      // Nothing was listed: the list begins now.
      const begun = $(".desk-list", fresh);
      if (!rows(begun).length) return;
      [...list.children].forEach((child) => child !== bar && child.remove());
      list.append(...[...begun.children].filter((child) => !child.matches("[data-news]")).map((child) => document.importNode(child, true)));
      rows().forEach((row) => row.classList.add("came"));
    } else {
      join(missing());
    }
    const came = unseen()[0];
    if (!came) return;
    e.preventDefault();
    bar.dataset.news = $("[data-news]", fresh).dataset.news;
    [tag, fresh] = ["", null];
    tell({ reports: 0, text: "", alarms: [] });
    unseen().forEach((row) => row.classList.remove("came"));
    came.scrollIntoView({ block: "nearest" });
    all("a", came).find((a) => a.offsetParent)?.focus({ preventScroll: true });
  });
})();
