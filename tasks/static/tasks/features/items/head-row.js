import { button, h, iconButton, setAttribute, setText } from "../../core/dom.js";
import { plain } from "../../core/text.js";

/**
 * A line above tasks: a section, a day, a list.
 *
 * @typedef {import("../../core/views.js").Head} Head
 */
export class HeadRow {
  /** @type {?Head} */
  #head = null;

  /** @param {{id: string}} item @param {{openHead: (head: Head, anchor: HTMLElement) => void, addTo: (head: Head) => void}} parts */
  constructor({ id }, { openHead, addTo }) {
    this.text = h("span", { class: "head-text", dir: "auto" });
    this.count = h("span", { class: "count" });
    this.add = iconButton("plus", "Add task", () => this.#head && addTo(this.#head), "small");
    this.more = iconButton("more", "Change the section", ({ currentTarget }) => this.#head && openHead(this.#head, /** @type {HTMLElement} */ (currentTarget)), "small");
    this.reschedule = button("Reschedule", () => this.#head && openHead(this.#head, this.reschedule), "small quiet-button");
    this.reschedule.title = "Another day for all late tasks";
    setAttribute(this.reschedule, "aria-haspopup", "dialog");
    this.node = h("li", { class: "head-row" }, h("h2", {}, this.text, this.count), this.reschedule, this.add, this.more);
    this.node.dataset.head = id;
  }

  /** @param {Head} head @param {{writable: boolean, hasLate: () => boolean}} context   `hasLate`: whether there are late tasks that the person may change */
  update(head, { writable, hasLate }) {
    this.#head = head;
    setText(this.text, head.head);
    setText(this.count, head.count || "");
    this.node.classList.toggle("late", head.tone === "late");
    this.node.classList.toggle("of-day", !!head.day);
    this.reschedule.hidden = head.tone !== "late" || !hasLate();
    this.more.hidden = !head.section || !writable;
    this.add.hidden = !head.fields || !writable;
    setAttribute(this.add, "aria-label", `Add task to ${plain(head.head)}`);
    setAttribute(this.more, "aria-label", `Change the section ${plain(head.head)}`);
  }

  flash() {
    // heads are told of by their tasks
  }
}
