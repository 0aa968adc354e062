/**
 * Where the focus goes when the details close: to the task's row, or, if that is gone, to the one that took its place; without
 * any, to the heading. Never into a text field, in which the next keys would be text.
 */
export class Neighbours {
  #id = "";
  /** @type {string[]} */
  #order = []; // as it was shown with the task

  /** @param {{model: import("../../core/model.js").Model, rows: () => import("../board/layout.js").Rows}} parts */
  constructor({ model, rows }) {
    this.model = model;
    this.rows = rows;
  }

  /** Called before the rows are drawn. */
  show() {
    const id = this.model.selected.task;
    if (!id) return;
    const { order } = this.rows();
    if (!order.includes(id)) return;
    this.#id = id;
    this.#order = order;
  }

  /** @param {string} id  of the task that was open */
  focus(id) {
    const rows = this.rows();
    const order = id === this.#id ? this.#order : [];
    const at = order.indexOf(id);
    const present = new Set(rows.order.filter((each) => this.model.shown.tasks.has(each)));
    const near = [id, ...order.slice(at + 1), ...order.slice(0, Math.max(0, at)).reverse()].find((each) => present.has(each));
    focusOn(near ? rows.reveal(near)?.title : null);
  }
}

/** The heading of the view, if there is no row. @param {?HTMLElement} [title] */
export const focusOn = (title) => (title ?? document.querySelector("h1"))?.focus({ preventScroll: true });
