// <form data-survey>: asks what the answers so far lead to, and saves as one goes. Questions that are not
// asked yet wait in <template>; fields of those that are not asked any more are switched off, so not sent.
(() => {
  document.querySelectorAll("form[data-survey]").forEach((form) => {
    form.querySelectorAll(":scope > template").forEach((t) => t.replaceWith(t.content));
    form.querySelectorAll("button.no-js").forEach((b) => { b.disabled = true; });
    const questions = [...form.querySelectorAll("[data-q]")], asked = form.elements.asked, status = form.querySelector("[data-survey-status]");
    const ask = () => {
      questions.forEach((q) => {
        const on = !q.dataset.if || new FormData(form).getAll(q.dataset.if).some((v) => q.dataset.is.split(" ").includes(v));
        q.hidden = !on;
        q.querySelectorAll("input, textarea").forEach((e) => { e.disabled = !on; });
      });
      if (asked) asked.value = questions.filter((q) => !q.hidden).map((q) => q.dataset.q).join(" ");
    };
    ask();
    let timer = 0, last = "", busy = null, sent = false;
    const data = () => { const d = new URLSearchParams(new FormData(form)); d.set("act", "save"); return d; };
    const answered = () => questions.some((q) => !q.hidden && [...q.querySelectorAll("input, textarea")].some((e) => (e.type === "radio" || e.type === "checkbox" ? e.checked : e.value.trim())));
    const say = (text) => { if (status && text && status.textContent !== text) status.textContent = text; };
    const save = async () => {
      clearTimeout(timer);
      if (sent || !form.dataset.saved || !answered()) return;
      if (busy) { timer = setTimeout(save, 500); return; }
      const body = data(), now = body.toString();
      if (now === last) return;
      try {
        busy = new AbortController();
        const answer = await fetch(form.action, { method: "POST", body, keepalive: true, signal: busy.signal, headers: { accept: "application/json" } });
        const said = await answer.json();
        if (answer.ok) { last = now; say(form.dataset.saved); } else say(said.message || form.dataset.failed);
      } catch { if (!sent) say(form.dataset.failed); }
      busy = null;
    };
    form.addEventListener("input", (e) => { ask(); clearTimeout(timer); timer = setTimeout(save, e.target.matches("textarea, [type=text]") ? 1500 : 500); });
    addEventListener("pagehide", save);
    form.addEventListener("submit", () => { sent = true; clearTimeout(timer); busy?.abort(); });
  });
})();
