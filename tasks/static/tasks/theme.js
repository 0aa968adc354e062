// A classic script in the head: the page must not flash in the wrong colours before the modules run.
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is forbidden here
    }
  };
  const apply = (/** @type {?string} */ theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(stored());
  addEventListener("storage", ({ key }) => key === "theme" && apply(stored()));
  addEventListener("theme", (event) => {
    const { detail } = /** @type {CustomEvent<string>} */ (event);
    apply(detail);
    try {
      if (detail === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", detail);
    } catch {
      // it holds for this page only
    }
  });
})();
