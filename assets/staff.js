// Progressive enhancement of the pages under /admin/ only; each of them works without this file.
(() => {
})();
