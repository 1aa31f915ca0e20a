// Pictures of a problem: chosen, photographed, pasted or dropped in the form, kept on the device until the report
// has its receipt, and sent then. Without this file the receipt's own form takes them. No innerHTML.
(() => {
  // "This morning" is no choice before it: the reader's own clock says so, also on a form that was kept since yesterday.
  const morning = document.querySelector('[name="occurred"][value="morning"]');
  const early = () => { morning.closest("label").hidden = new Date().getHours() < 8 && !morning.checked; };
  if (morning) { early(); morning.form.addEventListener("focusin", early); }

  const MAX = 3, OLD = 7 * 864e5, PIXELS = 5e6, KEPT = 1 << 20;
  const form = document.querySelector("[data-shots]"), receipt = document.querySelector("[data-shots-to]");
  if (!(form || receipt) || !window.indexedDB) return;

  const wait = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
  const database = (() => {
    const r = indexedDB.open("interlude-shots", 1);
    r.onupgradeneeded = () => r.result.createObjectStore("shots", { keyPath: "id", autoIncrement: true });
    return wait(r);
  })();
  const shots = async (mode = "readonly") => (await database).transaction("shots", mode).objectStore("shots");
  const all = async (of) => (await wait((await shots()).getAll())).filter((s) => s.of === of);
  const put = async (s) => wait((await shots("readwrite")).put(s));
  const drop = async (id) => wait((await shots("readwrite")).delete(id));
  const tidy = async () => { for (const s of await wait((await shots()).getAll())) if (Date.now() - s.at > OLD) await drop(s.id); };

  // What a camera makes is made smaller here, so that a poor network need not carry it. Canvases keep no metadata.
  const smaller = async (file) => {
    if (file.size <= KEPT && /png|jpeg|webp/.test(file.type)) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, Math.sqrt(PIXELS / (picture.width * picture.height)));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((ok) => canvas.toBlob(ok, "image/jpeg", 0.85));
      return blob && blob.size < file.size || !/png|jpeg|webp/.test(file.type) ? blob || file : file;
    } catch { return file; }
  };
  const pictures = (list) => [...(list || [])].filter((f) => f.type.startsWith("image/"));

  // Whatever way pictures come: chosen, pasted, dropped.
  const taken = (where, input, take) => {
    input.addEventListener("change", () => { const files = [...input.files]; if (files.length) { input.value = ""; take(files); } });
    document.addEventListener("paste", (e) => { const files = pictures(e.clipboardData?.files); if (files.length) { e.preventDefault(); take(files); } });
    const over = (on) => (e) => { if (e.dataTransfer?.types.includes("Files")) { e.preventDefault(); where.classList.toggle("over", on); } };
    document.addEventListener("dragover", over(true));
    document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) where.classList.remove("over"); });
    document.addEventListener("drop", (e) => { over(false)(e); const files = pictures(e.dataTransfer?.files); if (files.length) take(files); });
  };

  const inForm = async () => {
    const of = form.closest("form").dataset.draft, list = form.querySelector("ul"), state = form.querySelector('[role="status"]');
    const show = async () => {
      const kept = await all(of);
      list.replaceChildren(...kept.map((s, n) => {
        const item = document.createElement("li"), image = document.createElement("img"), button = document.createElement("button");
        const reader = new FileReader();
        reader.onload = () => { image.src = reader.result; };
        reader.readAsDataURL(s.blob);
        image.alt = form.dataset.picture.replace("{}", n + 1);
        button.type = "button";
        button.className = "button button-small";
        button.textContent = form.dataset.remove;
        button.setAttribute("aria-label", form.dataset.remove + " " + image.alt);
        button.addEventListener("click", async () => { await drop(s.id); await show(); form.querySelector("input").focus(); });
        item.append(image, button);
        return item;
      }));
      list.hidden = !kept.length;
      state.textContent = kept.length ? form.dataset.kept.replace("{}", kept.length) : "";
      form.querySelector(".field").hidden = kept.length >= MAX;
      return kept.length;
    };
    await tidy();
    taken(form, form.querySelector("input"), async (files) => {
      let n = (await all(of)).length;
      const refused = files.filter((f) => !f.type.startsWith("image/"));
      for (const file of files) {
        if (n >= MAX || !file.type.startsWith("image/")) continue;
        await put({ of, at: Date.now(), blob: await smaller(file) });
        n++;
      }
      await show();
      if (refused.length) state.textContent = form.dataset.wrong;
      else if (files.length > MAX || n > MAX) state.textContent = form.dataset.full;
    });
    form.hidden = false;
    // A report that was put aside has taken its pictures along.
    form.closest("form").addEventListener("reset", show);
    await show();
  };

  const onReceipt = async () => {
    const to = receipt.dataset.shotsTo, state = receipt.querySelector('[role="status"]'), input = receipt.querySelector("input");
    const send = async () => {
      const waiting = await all(to);
      if (!waiting.length) return;
      receipt.setAttribute("aria-busy", "true");
      let sent = 0, problem = "";
      for (const s of waiting) {
        state.textContent = receipt.dataset.sending.replace("{}", sent + 1).replace("{n}", waiting.length);
        try {
          const answer = await fetch(to, { method: "POST", body: s.blob, headers: { "content-type": s.blob.type || "application/octet-stream" } });
          if (answer.ok) { sent++; await drop(s.id); continue; }
          const said = await answer.json().catch(() => ({}));
          problem = said.errors?.[0]?.message || said.detail || receipt.dataset.failed;
          // What will never be taken is not tried again.
          if (answer.status < 500 && answer.status !== 429) await drop(s.id);
        } catch { problem = receipt.dataset.failed; }
        break;
      }
      receipt.removeAttribute("aria-busy");
      if (!problem) return location.reload();
      state.textContent = problem + " ";
      if ((await all(to)).length) {
        const again = document.createElement("button");
        again.type = "button";
        again.className = "button button-small";
        again.textContent = receipt.dataset.again;
        again.addEventListener("click", send);
        state.append(again);
      }
    };
    await tidy();
    const of = receipt.dataset.shotsSend;
    if (of) for (const s of await all(of)) await put({ ...s, of: to });
    taken(receipt, input, async (files) => {
      const room = Number(receipt.dataset.shotsRoom);
      for (const file of files.slice(0, room)) await put({ of: to, at: Date.now(), blob: await smaller(file) });
      await send();
    });
    await send();
  };
  if (form) inForm().catch(() => { form.hidden = true; });
  if (receipt) onReceipt().catch(() => {});
})();
