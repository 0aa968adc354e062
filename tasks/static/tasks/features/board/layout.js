import { icon, setAttribute } from "../../core/dom.js";
import { preference, setPreference } from "../../core/preferences.js";

/** @type {[kind: string, label: string][]} */
export const LAYOUTS = [["list", "List"], ["board", "Board"]];

/**
 * Whether a list is shown as rows or as a board, remembered for each list.
 *
 * @typedef {Object} Rows   what both have in common
 * @property {string[]} order
 * @property {(where: 1 | -1 | "first" | "last") => boolean} step
 * @property {(id: string) => {title: HTMLElement} | undefined} reveal   what stands for a task, scrolled into view
 */
export class Layout {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/lazy.js").Lazy<import("./board.js").Board>} parts.board
   * @param {Rows} parts.list
   * @param {HTMLElement} parts.button
   * @param {() => void} parts.onChange
   */
  constructor({ model, board, list, button, onChange }) {
    this.model = model;
    this.lazy = board;
    this.list = list;
    this.button = button;
    this.onChange = onChange;
    button.addEventListener("click", () => this.toggle());
  }

  /** Whether this view can be a board: a list of the person's. */
  get mayChange() {
    return this.model.loaded && !!this.model.selected.list;
  }

  /** How the list on the screen is shown: one of `LAYOUTS`. */
  get kind() {
    const chosen = this.mayChange && preference(`layout/${this.model.selected.list}`);
    return LAYOUTS.find(([kind]) => kind === chosen)?.[0] ?? "list";
  }

  get #isBoard() {
    return this.kind === "board";
  }

  /** The board, if it is shown. */
  get board() {
    return this.#isBoard ? this.lazy.now : null;
  }

  /** What is shown. @returns {Rows} */
  get rows() {
    return this.board ?? this.list;
  }

  toggle() {
    this.set(this.#isBoard ? "list" : "board");
  }

  /** @param {string} kind  one of `LAYOUTS` */
  set(kind) {
    if (!this.mayChange) return;
    setPreference(`layout/${this.model.selected.list}`, kind);
    this.onChange();
  }

  show() {
    const isBoard = this.#isBoard;
    this.button.hidden = !this.mayChange;
    const label = isBoard ? "Show as a list" : "Show as a board";
    if (this.button.title !== label) {
      this.button.title = label;
      setAttribute(this.button, "aria-label", label);
      this.button.replaceChildren(icon(isBoard ? "list" : "board"));
    }
    if (isBoard) this.lazy.use((board) => board.show(this.#isBoard ? this.model.selected.list : null));
    else this.lazy.now?.show(null);
  }
}
