// A classic script in the head: it applies the theme before the first paint.
(() => {
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is blocked
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
      // the theme applies to this page only
    }
  });
})();
