import { h } from "../core/dom.js";

/** What loads the styles of the parts that are loaded later, once; after a failure it can be asked again. @param {string} href */
export function laterStyles(href) {
  /** @type {?Promise<unknown>} */
  let loading = null;
  return () =>
    (loading ??= new Promise((resolve, reject) => {
      const failed = () => {
        loading = null;
        link.remove();
        reject(new Error(`${href} is not loaded`));
      };
      const link = h("link", { rel: "stylesheet", href, onload: resolve, onerror: failed });
      document.head.append(link);
    }));
}
