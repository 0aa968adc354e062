import { h, iconButton, setColor, setText } from "../../core/dom.js";

/**
 * The upper edge of the panel: where the task is, and the way to those beside it.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
export class PanelBar {
  /** @type {Task | undefined} */
  #above;

  /** @param {import("./panel.js").PanelParts} parts @param {() => Task} task */
  constructor({ close, open, beside = () => undefined }, task) {
    this.beside = beside;
    const go = (/** @type {number} */ step) => () => {
      const other = beside(task().id, step);
      if (other) open(other);
    };
    this.dot = h("span", { class: "dot" });
    this.list = h("span", { class: "detail-list", dir: "auto" });
    this.parent = h("button", { type: "button", class: "detail-parent", dir: "auto", onclick: () => this.#above && open(this.#above) });
    this.before = iconButton("up", "The task before", go(-1), "small");
    this.after = iconButton("down", "The next task", go(1), "small");
    const space = h("span", { class: "bar-space" });
    this.node = h("header", { class: "detail-bar" }, this.dot, this.list, this.parent, space, this.before, this.after, iconButton("close", "Close the details", close));
  }

  /** @param {Task} task @param {import("../../core/types.js").TaskList | undefined} list @param {Task | undefined} above  its parent */
  update(task, list, above) {
    this.#above = above;
    setText(this.list, list?.name ?? "");
    if (list) setColor(this.dot, list.color);
    this.parent.hidden = !above;
    setText(this.parent, above ? `› ${above.title}` : "");
    this.before.disabled = !this.beside(task.id, -1);
    this.after.disabled = !this.beside(task.id, 1);
  }
}
