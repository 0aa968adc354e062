import { find } from "../../core/dom.js";
import { whyOf } from "../lists/read-only.js";

/**
 * What a command is about: the selected tasks; without any, the task whose row has the focus; or the open one.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
export class Targets {
  /** @type {?Element} */
  #before = null; // what had the focus outside of dialogs
  /** @type {string | undefined} */
  #beforeId; // of its row, which may be drawn again meanwhile
  #isAfterDialog = false;

  /** @param {{model: import("../../core/model.js").Model, selection: {ids: Iterable<string>}}} parts */
  constructor({ model, selection }) {
    this.model = model;
    this.selection = selection;
    document.addEventListener("focusin", ({ target }) => {
      if (!(target instanceof Element) || target.closest("dialog")) return;
      this.#before = target;
      this.#beforeId = rowOf(target)?.dataset.id;
    });
  }

  /** @type {?HTMLElement} */
  #anchor = null;

  /**
   * Where a choice about the tasks is to appear: at the button that was pressed, at the focused row, at the property's field in
   * the details, or at the first row of what it is about.
   * @param {string} property
   * @returns {HTMLElement}
   */
  anchor(property) {
    if (this.#anchor) return this.#anchor;
    const isOfOpen = ![...this.selection.ids].length && !this.row;
    const field = isOfOpen && document.querySelector(`#detail [data-property="${property}"]`);
    if (field instanceof HTMLElement && field.checkVisibility()) return field;
    const row = this.row ?? this.tasks.map(({ id }) => document.querySelector(`.main [data-id="${id}"]`)).find((each) => each !== null);
    return row?.querySelector(".title") ?? (row instanceof HTMLElement ? row : find("main"));
  }

  /** Calls with this button as the anchor. @param {HTMLElement} anchor @param {() => void} call */
  from(anchor, call) {
    this.#anchor = anchor;
    call();
    this.#anchor = null;
  }

  /** Calls as if a dialog that has just closed were still open: what had the focus before may not be there any more. @param {() => void} call */
  afterDialog(call) {
    this.#isAfterDialog = true;
    call();
    this.#isAfterDialog = false;
  }

  /** The row or card that has the focus, or had it before a dialog was opened; it may have been drawn again. @returns {?HTMLElement} */
  get row() {
    if (!this.#isInDialog) return rowOf(document.activeElement);
    return this.#before?.isConnected ? rowOf(this.#before) : document.querySelector(`.main [data-id="${this.#beforeId}"]`);
  }

  /** The id of its task. */
  get focused() {
    return this.#isInDialog ? this.#beforeId : this.row?.dataset.id;
  }

  get #isInDialog() {
    return this.#isAfterDialog || !!document.querySelector("dialog[open]");
  }

  /** @returns {Task[]} */
  get tasks() {
    const { shown } = this.model;
    const selected = [...this.selection.ids];
    const focused = this.focused ?? this.model.selected.task;
    const ids = selected.length ? selected : focused ? [focused] : [];
    return ids.map((id) => shown.tasks.get(id)).filter((task) => task !== undefined);
  }

  /** Why they cannot be changed; "" where they can. */
  get whyFixed() {
    return whyOf(this.model, this.tasks);
  }
}

/** @param {?Element} element @returns {?HTMLElement} */
const rowOf = (element) => element?.closest(".main [data-id]") ?? null;
