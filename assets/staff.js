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
})();
