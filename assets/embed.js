// Interlude · 幕间: a banner for the maintenance that matters now, and our forms in a dialog.
// <script src="https://status.example.com/embed.js" data-component="login" async></script>
// No cookies, no markup from elsewhere: all text is set as text. See docs/embedding.md.
(() => {
  const me = document.currentScript, home = me && new URL(me.src).origin, set = me ? me.dataset : {};
  if (!home || !window.fetch || !Element.prototype.attachShadow || window.Interlude) return;
  const lang = set.lang || document.documentElement.lang || "";
  const make = (name, text, more) => Object.assign(document.createElement(name), text ? { textContent: text } : {}, more);
  const css = `:host{all:initial;display:block;color-scheme:light dark}*{box-sizing:border-box;font:inherit}
.bar{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;padding:12px 16px;background:var(--frame);color:#fff;font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.bar.coming{background:#1d5193}.bar.done{background:#17653c}p{margin:0;flex:1 1 16em}strong{font-weight:650}
button,a{display:inline-flex;align-items:center;min-height:44px;padding:6px 16px;border:1px solid #fff;border-radius:6px;background:none;color:#fff;cursor:pointer;text-decoration:none}
button.first{background:#fff;color:var(--frame)}:focus-visible{outline:3px solid #fff;outline-offset:2px;box-shadow:0 0 0 6px #000}
dialog{width:min(44rem,100vw);height:min(52rem,100dvh);max-width:none;max-height:none;padding:0;border:0;border-radius:8px;background:Canvas;color:CanvasText}
dialog::backdrop{background:rgb(0 0 0/.55)}dialog>div{display:flex;flex-direction:column;height:100%}
dialog button{align-self:flex-end;margin:8px;border-color:CanvasText;color:CanvasText;font:16px system-ui,sans-serif}dialog :focus-visible{outline-color:Highlight}
iframe{flex:1;width:100%;border:0}@media(max-width:45em){dialog{border-radius:0}}@media print{.bar{display:none}}`;
  let words, windows = [], dialog, back;
  const host = make("div"), root = host.attachShadow({ mode: "open" });
  try { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); root.adoptedStyleSheets = [sheet]; } catch { root.append(make("style", css)); }

  const close = () => { if (dialog) dialog.close(); };
  const open = (path, name, component) => {
    close();
    const to = new URL(path, home), frame = make("iframe", "", { title: name }), shut = make("button", words.close, { type: "button" }), inner = make("div");
    if (component) to.searchParams.set("component", component);
    frame.src = to.href;
    const mine = dialog = make("dialog");
    back = root.activeElement || document.activeElement;
    dialog.setAttribute("aria-label", name);
    inner.append(shut, frame);
    dialog.append(inner);
    shut.onclick = close;
    dialog.onclick = (e) => { if (e.target === mine) close(); };
    dialog.onclose = () => { mine.remove(); if (dialog === mine) dialog = null; if (back && back.focus) back.focus(); };
    root.append(dialog);
    dialog.showModal();
    frame.focus();
  };
  addEventListener("message", (e) => {
    const frame = dialog && dialog.querySelector("iframe");
    if (frame && e.origin === home && e.source === frame.contentWindow && e.data && e.data.interlude === "close") close();
  });

  // The window that matters most: one that runs before one to come, one that names the function before others.
  const pick = (component) => ["running", "coming", "done"].map((state) => windows.filter((w) => w.state === state))
    .map((some) => some.find((w) => w.components.includes(component)) || some[0]).find(Boolean);
  const report = (component = set.component) => {
    if (!words) return false;
    const w = windows.find((x) => x.report && x.components.includes(component)) || windows.find((x) => x.report);
    open(w ? w.report : "/embed/report?lang=" + lang, words.report, component);
    return true;
  };
  const show = (w) => {
    const bar = make("section", "", { className: "bar " + w.state }), text = make("p");
    bar.setAttribute("aria-label", words.region);
    text.append(make("strong", w.title), " ", w.says);
    bar.append(text);
    if (w.survey && w.state === "done") bar.append(make("button", words.survey, { type: "button", className: "first", onclick: () => open(w.survey, words.survey) }));
    if (w.report && w.state !== "done") bar.append(make("button", words.report, { type: "button", className: "first", onclick: () => open(w.report, words.report, set.component) }));
    bar.append(make("a", words.notice, { href: new URL(w.notice, home).href, target: "_blank", rel: "noopener" }));
    root.append(bar);
  };
  window.Interlude = { report, close };
  document.addEventListener("click", (e) => {
    const b = e.target.closest && e.target.closest("[data-interlude-report]");
    if (b && report(b.dataset.interludeReport || undefined)) e.preventDefault();
  });
  const begin = async () => {
    try {
      const answer = await fetch(home + "/embed.json?lang=" + encodeURIComponent(lang), { credentials: "omit" });
      const said = await answer.json();
      ({ words, windows } = said);
      host.style.setProperty("--frame", said.colour);
    } catch { return; } // away or not allowed: the host's page stays as it is
    const w = pick(set.component), place = set.target && document.querySelector(set.target);
    if (place) place.append(host); else document.body.prepend(host);
    if (w && set.banner !== "off") show(w);
  };
  if (document.body) begin(); else addEventListener("DOMContentLoaded", begin);
})();
