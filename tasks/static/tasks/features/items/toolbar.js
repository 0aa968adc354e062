import { h, hasFocus, iconButton, setAttribute } from "../../core/dom.js";
import { afterFrame } from "../../core/motion.js";
import { plain } from "../../core/text.js";
import { knows } from "../objects.js";

/**
 * The buttons of a row. There is one set of them for all rows: it stands in the row with the focus, else in the one under
 * the pointer.
 *
 * @typedef {import("./row.js").Row} Row
 * @typedef {import("./pickers.js").Property | "more"} Tool
 */
export class Toolbar {
  /** @type {?Row} */
  #row = null;
  /** @type {?Row} */
  #next = null; // where it goes when the next frame is drawn

  /** @param {(tool: Tool, anchor: HTMLElement, row: Row) => void} use */
  constructor(use) {
    /** @type {[Tool, string, string, (title: string) => string][]} */
    const all = [
      ["due", "calendar", "Due", (title) => `Due date of ${title}`],
      ["assignee", "person", "Assign", (title) => `Assign ${title}`],
      ["list", "move", "Move", (title) => `Move ${title}`],
      ["more", "more", "More", (title) => `More for ${title}`],
    ];
    this.tools = all
      .filter(([tool]) => tool !== "assignee" || knows("task", "assignee"))
      .map(([tool, picture, label, name]) => ({ tool, name, node: iconButton(picture, label, ({ currentTarget }) => this.#row && use(tool, /** @type {HTMLElement} */ (currentTarget), this.#row), `small tool-${tool}`) }));
    for (const { node } of this.tools) setAttribute(node, "aria-haspopup", "dialog");
    this.node = h("span", { class: "toolbar" }, ...this.tools.map(({ node }) => node));
    addEventListener("keydown", () => this.#arrive(), { capture: true }); // Tab goes to its buttons
  }

  /** @param {Row} row @returns {HTMLElement[]} */
  buttonsIn(row) {
    return row === this.#row ? this.tools.map(({ node }) => node).filter(({ hidden }) => !hidden) : [];
  }

  /** As `enter`, but after the next frame: what the person does in the row is drawn without waiting for the layout of the buttons. @param {Row} row */
  approach(row) {
    if (!this.#next) afterFrame(() => this.#arrive());
    this.#next = row;
  }

  #arrive() {
    const row = this.#next;
    this.#next = null;
    if (row?.node.isConnected) this.enter(row);
  }

  /** Goes to the row, unless it is in use in another one. @param {Row} row */
  enter(row) {
    this.#next = null;
    if (row === this.#row || (this.#row && hasFocus(this.node)) || this.node.querySelector("[aria-expanded=true]")) return;
    this.#row = row;
    row.tools.append(this.node);
    this.update(row);
  }

  /** @param {Row} row */
  leave(row) {
    if (row !== this.#row) return;
    this.#row = null;
    this.node.remove();
  }

  /** @param {Row} row */
  update(row) {
    if (row !== this.#row) return;
    const title = plain(row.task.title);
    for (const { node, name, tool } of this.tools) {
      setAttribute(node, "aria-label", name(title));
      node.hidden = !row.isWritable && tool !== "more";
      setAttribute(node, "tabindex", row.title.tabIndex);
    }
  }
}
