import { whyOf } from "./read-only.js";

/**
 * Says why a task cannot be changed when somebody tries: where the checkbox, the drag or the key does nothing. It is said once,
 * and not again while the message stands.
 */
export class Refusals {
  /** @type {?Element} */
  #pressed = null; // the row or card on which the mouse is down
  /** @type {?import("../../shell/toasts.js").Toast} */
  #toast = null;
  #text = "";

  /** @param {{model: import("../../core/model.js").Model, toasts: import("../../shell/toasts.js").Toasts}} parts */
  constructor({ model, toasts }) {
    this.model = model;
    this.toasts = toasts;
    document.addEventListener("pointerdown", ({ target, pointerType }) => void (this.#pressed = pointerType === "mouse" && target instanceof Element ? target.closest(".main [data-id]") : null));
    document.addEventListener("pointerup", ({ target }) => target instanceof Element && this.#released(target));
  }

  /** @param {string} text  "" for nothing */
  say(text) {
    if (!text || (text === this.#text && this.#toast?.node.isConnected)) return;
    this.#text = text;
    this.#toast = this.toasts.show({ text });
  }

  /** A disabled checkbox was pressed, or a row was dragged away. @param {Element} target */
  #released(target) {
    const row = this.#pressed;
    this.#pressed = null;
    if (target.matches(".check:disabled")) this.#tell(target.closest("[data-id]"));
    else if (row && !row.contains(target)) this.#tell(row);
  }

  /** @param {?Element} row  null for the task in the panel */
  #tell(row) {
    const id = row instanceof HTMLElement ? row.dataset.id : this.model.selected.task;
    const task = this.model.shown.tasks.get(id ?? "");
    this.say(task ? whyOf(this.model, [task]) : "");
  }
}
