/**
 * What a command is about: the selected tasks; without any, the task whose row has the focus; or the open one.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
export class Targets {
  /** @type {?Element} */
  #before = null; // what had the focus outside of dialogs

  /** @param {{model: import("../../core/model.js").Model, selection: {ids: Iterable<string>}}} parts */
  constructor({ model, selection }) {
    this.model = model;
    this.selection = selection;
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element && !target.closest("dialog")) this.#before = target;
    });
  }

  /** @type {?HTMLElement} */
  #anchor = null;

  /** Where a choice about the tasks is to appear: at the button that was pressed, or at the focused row. @returns {HTMLElement} */
  get anchor() {
    return this.#anchor ?? this.row?.querySelector(".title") ?? this.row ?? document.body;
  }

  /** Calls with this button as the anchor. @param {HTMLElement} anchor @param {() => void} call */
  from(anchor, call) {
    this.#anchor = anchor;
    call();
    this.#anchor = null;
  }

  /** The row or card that has the focus, or had it before a dialog was opened. @returns {?HTMLElement} */
  get row() {
    const focused = document.querySelector("dialog[open]") ? this.#before : document.activeElement;
    const row = focused?.closest(".main [data-id]");
    return row instanceof HTMLElement ? row : null;
  }

  /** @returns {Task[]} */
  get tasks() {
    const { shown } = this.model;
    const selected = [...this.selection.ids];
    const focused = this.row?.dataset.id ?? this.model.selected.task;
    const ids = selected.length ? selected : focused ? [focused] : [];
    return ids.map((id) => shown.tasks.get(id)).filter((task) => task !== undefined);
  }
}
