import { button, h, icon } from "../../core/dom.js";
import { counted } from "../../core/text.js";

/**
 * What can be done with the selected tasks, in the place of the field for a new one. Each button runs a command.
 *
 * @typedef {{id: string, label: string, icon: string, kind?: string}} Choice
 */

/** @type {Choice[]} */
const CHOICES = [
  { id: "task.due", label: "Due", icon: "calendar" },
  { id: "task.priority", label: "Priority", icon: "flag" },
  { id: "task.assign", label: "Assign", icon: "person" },
  { id: "task.labels", label: "Label", icon: "label" },
  { id: "task.move", label: "Move", icon: "list" },
  { id: "task.complete", label: "Complete", icon: "check" },
  { id: "task.delete", label: "Delete", icon: "trash", kind: "danger" },
];

export class SelectionBar {
  /** @param {{place: HTMLElement, run: (id: string, anchor: HTMLElement) => void, clear: () => void}} parts   `place`: it is put behind that */
  constructor({ place, run, clear }) {
    this.count = h("span", { class: "selection-count", role: "status" });
    const buttons = CHOICES.map(({ id, label, icon: picture, kind = "" }) => {
      const node = button("", () => run(id, node), `small quiet-button ${kind}`);
      node.append(icon(picture), h("span", { class: "selection-label" }, label));
      node.setAttribute("aria-label", label);
      node.title = label;
      return node;
    });
    const none = button("", clear, "small quiet-button selection-clear");
    none.append(icon("close"));
    none.setAttribute("aria-label", "Clear the selection, Esc");
    none.title = "Clear the selection (Esc)";
    this.node = h("div", { class: "selection-bar", role: "group", "aria-label": "Selected tasks", hidden: true }, this.count, h("span", { class: "selection-choices" }, ...buttons), none);
    place.after(this.node);
    new ResizeObserver(() => this.#makeRoom()).observe(this.node);
  }

  /** Messages stand above the bar, as they do above the composer that it replaces. */
  #makeRoom() {
    const { bottom, top } = this.node.getBoundingClientRect();
    if (bottom > top) document.body.style.setProperty("--composer", `${innerHeight - top}px`);
  }

  /** @param {number} count */
  show(count) {
    this.node.hidden = count === 0;
    if (count) this.count.textContent = `${counted(count, "task")} selected`;
  }
}
