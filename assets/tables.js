// Small tables of figures on staff pages: sorted by a press on a heading, and saved as they are seen. Each is whole
// without this file. Left alone: tables with fields in them, and lists, which the server sorts and saves. What people
// wrote (data-unsaved) is not saved here: the server notes who takes it along.
(() => {
  const { dataset } = document.currentScript, lang = document.documentElement.lang;
  const compare = new Intl.Collator(lang, { numeric: true }).compare;
  const text = (cell) => (cell ? cell.innerText.replace(/\s+/g, " ").trim() : "");
  const number = (said) => {
    const plain = said.replace(/[\s,\u00a0]/g, "").replace("−", "-").replace(/^\+/, "");
    const found = /^-?\d+(\.\d+)?/.exec(plain);
    return found ? Number(found[0]) : NaN;
  };
  const key = (cell) => {
    const time = cell && cell.querySelector("time[datetime]");
    return time ? time.dateTime : text(cell);
  };

  const sort = (table, column, descending) => {
    const body = table.tBodies[0], rows = [...body.rows].map((row) => ({ row, key: key(row.cells[column]) }));
    const empty = (k) => k === "" || k === "–";
    const numbers = table.tHead.rows[0].cells[column].classList.contains("n") || rows.every((r) => empty(r.key) || /^[−+-]?[\d,.]+\s?%?$/.test(r.key));
    rows.sort((a, b) => {
      // What says nothing comes last, whichever way.
      if (empty(a.key) || empty(b.key)) return empty(a.key) - empty(b.key);
      const by = numbers ? number(a.key) - number(b.key) : compare(a.key, b.key);
      return descending ? -by : by;
    });
    body.append(...rows.map((r) => r.row));
  };

  // As exports write it (src/export/guard.rs): nothing in it is a formula to a spreadsheet, and what begins with
  // apostrophes comes back whole. Only what stands in a column of numbers may begin with a sign.
  const cell = (said, number) => {
    const safe = /^'*[=+\-@\t\r\n＝＋－＠]/.test(said) && !(number && /^[+-]?[\d,.]+\s?%?$/.test(said)) ? `'${said}` : said;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const save = (table) => {
    const lines = [...table.rows].map((row) => [...row.cells].map((c) => cell(text(c), c.classList.contains("n"))).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.download = `${document.title.split(" · ")[0]}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  document.querySelectorAll(".table-scroll > table").forEach((table) => {
    const body = table.tBodies[0];
    if (!table.tHead || !body || !body.rows.length || table.querySelector(".input, thead a, thead input, [colspan], [rowspan]")) return;
    const headings = [...table.tHead.rows[0].cells];
    // A single row has no order, but may be taken along.
    if (body.rows.length > 1) headings.forEach((heading, column) => {
      if (heading.tagName !== "TH" || !text(heading)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const descending = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((h) => h.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sort(table, column, descending);
      });
    });
    if ("unsaved" in table.dataset) return;
    const tools = document.createElement("p"), button = document.createElement("button");
    tools.className = "table-tools no-print";
    button.type = "button";
    button.className = "button button-small button-quiet";
    button.textContent = dataset.save;
    button.addEventListener("click", () => save(table));
    tools.append(button);
    table.parentElement.after(tools);
  });
})();
