import { h, icon, setAttribute } from "../../core/dom.js";
import { preference, setPreference } from "../../core/preferences.js";

/** @type {[kind: string, label: string][]} */
export const LAYOUTS = [["list", "List"], ["board", "Board"], ["calendar", "Calendar"]];

/**
 * Whether a list is shown as rows, as a board or as a calendar, remembered for each list.
 *
 * @typedef {Object} Rows   what they have in common
 * @property {string[]} order
 * @property {(where: 1 | -1 | "first" | "last") => boolean} step
 * @property {(id: string) => {title: HTMLElement} | undefined} reveal   what stands for a task, scrolled into view
 *
 * @typedef {import("./board.js").Board | import("../calendar/calendar.js").Calendar} Cards   what has cards in the place of rows
 */
export class Layout {
  /** @type {[kind: string, button: HTMLButtonElement][]} */
  #buttons;

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {Record<string, import("../../core/lazy.js").Lazy<Cards>>} parts.others   by their kind
   * @param {Rows} parts.list
   * @param {HTMLElement} parts.bar   for a button for each
   * @param {() => void} parts.onChange
   */
  constructor({ model, others, list, bar, onChange }) {
    this.model = model;
    this.others = others;
    this.list = list;
    this.bar = bar;
    this.onChange = onChange;
    this.#buttons = LAYOUTS.map(([kind, label]) => {
      const name = `Show as a ${label.toLowerCase()}`;
      return [kind, h("button", { type: "button", class: "icon-button", title: name, "aria-label": name, onclick: () => this.set(kind) }, icon(kind))];
    });
    bar.append(...this.#buttons.map(([, button]) => button));
  }

  /** Whether this view can be shown in another way: a list of the person's. */
  get mayChange() {
    return this.model.loaded && !!this.model.selected.list;
  }

  /** How the list on the screen is shown: one of `LAYOUTS`. */
  get kind() {
    const chosen = this.mayChange && preference(`layout/${this.model.selected.list}`);
    return LAYOUTS.find(([kind]) => kind === chosen)?.[0] ?? "list";
  }

  /** The board or the calendar, if it is shown. */
  get cards() {
    return this.others[this.kind]?.now ?? null;
  }

  /** What is shown. @returns {Rows} */
  get rows() {
    return this.cards ?? this.list;
  }

  /** @param {string} kind  one of `LAYOUTS` */
  set(kind) {
    if (!this.mayChange) return;
    setPreference(`layout/${this.model.selected.list}`, kind);
    this.onChange();
  }

  /** @param {boolean} [onlyTasks] */
  show(onlyTasks = false) {
    if (onlyTasks) return this.cards?.show(this.model.selected.list);
    const { kind, mayChange } = this;
    this.bar.hidden = !mayChange;
    for (const [each, button] of this.#buttons) setAttribute(button, "aria-pressed", String(each === kind));
    for (const [other, lazy] of Object.entries(this.others)) {
      if (other !== kind) lazy.now?.show(null);
    }
    this.others[kind]?.use((cards) => cards.show(this.cards === cards ? this.model.selected.list : null));
  }
}
