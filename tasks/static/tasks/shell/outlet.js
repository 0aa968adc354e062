/**
 * Views that show no list of tasks, each a part of its own in the column: the trash, and what a search has found.
 *
 * @typedef {Object} Page
 * @property {HTMLElement} node
 * @property {(id: ?string) => void} enter   it is shown, or shows something else
 * @property {() => void} [leave]
 */
export class Outlet {
  /** @type {?string} */
  #kind = null;
  /** @type {?string} */
  #id = null;
  /** @type {?Page} */
  #page = null;

  /**
   * @param {Object} parts
   * @param {import("../core/model.js").Model} parts.model
   * @param {HTMLElement} parts.container
   * @param {Record<string, import("../core/lazy.js").Lazy<Page>>} parts.pages   by the kind of the view
   */
  constructor({ model, container, pages }) {
    this.model = model;
    this.container = container;
    this.pages = pages;
  }

  show() {
    if (!this.model.loaded) return;
    const { kind, id } = this.model.selected.view;
    if (kind === this.#kind && id === this.#id) return;
    const isOther = kind !== this.#kind;
    this.#kind = kind;
    this.#id = id;
    if (!isOther) return this.#page?.enter(id);
    this.#page?.leave?.();
    this.#page = null;
    this.container.replaceChildren();
    this.container.hidden = !this.pages[kind];
    this.pages[kind]?.use((page) => this.#begin(kind, page));
  }

  /** @param {string} kind @param {Page} page */
  #begin(kind, page) {
    if (this.#kind !== kind) return; // one has gone on while it was being loaded
    this.#page = page;
    this.container.replaceChildren(page.node);
    page.enter(this.#id);
  }
}
