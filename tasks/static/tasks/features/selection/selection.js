const PRESS_MS = 450; // of a long press
const PRESS_PX = 10; // by which the finger may move in it

/**
 * The selected tasks, over all rows and cards that have their ids as `data-id`.
 *
 * Ctrl and Shift with a click, X, Shift with the arrow keys and a long press select. A row that is drawn later, because one
 * scrolls, is marked when it comes into the document.
 */
export class Selection {
  /** @type {Set<string>} */
  #ids = new Set();
  /** @type {?string} */
  #anchor = null; // where a range begins
  #marked = false;
  /** @type {?{timer: ReturnType<typeof setTimeout>, x: number, y: number}} */
  #press = null;
  #pressed = false; // the click that follows a long press is no click

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.container                  all rows are in it
   * @param {() => string[]} parts.order                   the ids that are shown, in their order
   * @param {(count: number) => void} parts.onChange
   */
  constructor({ container, order, onChange }) {
    this.container = container;
    this.order = order;
    this.onChange = onChange;
    container.addEventListener("click", (event) => this.#click(event), { capture: true });
    container.addEventListener("pointerdown", (event) => this.#down(event));
    container.addEventListener("pointermove", ({ clientX, clientY }) => this.#press && Math.hypot(clientX - this.#press.x, clientY - this.#press.y) > PRESS_PX && this.#endPress());
    for (const name of ["pointerup", "pointercancel", "scroll"]) container.addEventListener(name, () => this.#endPress());
    container.addEventListener("dragging", () => this.#dragged());
    container.addEventListener("contextmenu", (event) => this.#pressed && event.preventDefault());
    new MutationObserver(() => this.#ids.size && this.#mark()).observe(container, { childList: true, subtree: true });
  }

  get ids() {
    return this.#ids;
  }

  /** @param {string} id */
  toggle(id) {
    const ids = new Set(this.#ids);
    if (!ids.delete(id)) ids.add(id);
    this.#anchor = id;
    this.set(ids);
  }

  /** Selects from the last one that was selected alone to this one. @param {string} id */
  extend(id) {
    const order = this.order();
    const [from, to] = [order.indexOf(this.#anchor ?? id), order.indexOf(id)].sort((a, b) => a - b);
    if (from === undefined || to === undefined || from < 0) return this.toggle(id);
    this.#anchor ??= id;
    this.set(new Set(order.slice(from, to + 1)));
  }

  all() {
    this.set(new Set(this.order()));
  }

  /** Returns whether something was selected. */
  clear() {
    this.#anchor = null;
    if (!this.#ids.size) return false;
    this.set(new Set());
    return true;
  }

  /** Forgets what the view does not show any more: it was completed, moved, deleted, or another view was opened. */
  keep() {
    if (!this.#ids.size) return;
    const shown = new Set(this.order());
    const left = [...this.#ids].filter((id) => shown.has(id));
    if (left.length < this.#ids.size) this.set(new Set(left));
  }

  /** @param {Set<string>} ids */
  set(ids) {
    this.#ids = ids;
    this.#mark();
    this.onChange(ids.size);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const id = idAt(event.target);
    const touches = /** @type {PointerEvent} */ (event).pointerType === "touch";
    const pressed = this.#pressed;
    this.#pressed = false;
    if (!id || !(pressed || event.ctrlKey || event.metaKey || event.shiftKey || (touches && this.#ids.size))) return;
    event.preventDefault();
    event.stopPropagation();
    if (pressed) return;
    getSelection()?.removeAllRanges(); // Shift with a click selects text, too
    if (event.shiftKey) this.extend(id);
    else this.toggle(id);
  }

  /** A long press of a finger selects; from then on each tap does. @param {PointerEvent} event */
  #down({ target, pointerType, clientX, clientY }) {
    this.#endPress();
    this.#pressed = false;
    const id = idAt(target);
    if (pointerType !== "touch" || !id) return;
    const timer = setTimeout(() => {
      this.#press = null;
      this.#pressed = true;
      this.toggle(id);
      navigator.vibrate?.(10);
    }, PRESS_MS);
    this.#press = { timer, x: clientX, y: clientY };
  }

  /** The finger that pressed long drags: it did not mean to select. */
  #dragged() {
    const id = this.#pressed ? this.#anchor : null;
    if (id && this.#ids.has(id)) this.toggle(id);
  }

  #endPress() {
    clearTimeout(this.#press?.timer);
    this.#press = null;
  }

  #mark() {
    if (!this.#ids.size && !this.#marked) return;
    this.#marked = this.#ids.size > 0;
    for (const row of this.container.querySelectorAll("[data-id]")) {
      const picked = this.#ids.has(/** @type {HTMLElement} */ (row).dataset.id ?? "");
      if (picked === row.classList.contains("picked")) continue;
      row.classList.toggle("picked", picked);
      const title = row.querySelector(".title");
      if (picked) title?.setAttribute("aria-describedby", "picked");
      else title?.removeAttribute("aria-describedby");
    }
  }
}

/** The id of the task whose row or card this is in. @param {EventTarget | null} target */
function idAt(target) {
  if (!(target instanceof Element) || target.closest("textarea")) return undefined;
  const row = target.closest("[data-id]");
  return row instanceof HTMLElement ? row.dataset.id : undefined;
}
