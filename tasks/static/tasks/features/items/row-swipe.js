import { h, icon, setText } from "../../core/dom.js";

/**
 * A row that a finger moves to the right is completed, or reopened; to the left its date is chosen. The menu of a row has
 * both, too.
 *
 * @typedef {import("./row.js").Row} Row
 */
const START = 10; // px before it is a swipe and no tap
const FAR = 88; // px from which letting go acts
const EDGE = 20; // px at the window's edges, where a swipe belongs to the system

export class RowSwipe {
  /** @type {?{row: Row, id: number, x: number, y: number, moved: boolean}} */
  #swipe = null;

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.container
   * @param {(id: string) => Row | undefined} parts.rowOf
   * @param {() => boolean} parts.isOff
   * @param {(row: Row) => void} parts.complete
   * @param {(row: Row) => void} parts.schedule
   */
  constructor(parts) {
    this.parts = parts;
    this.text = h("span", {});
    this.under = h("div", { class: "swipe", ariaHidden: "true" }, icon("check"), icon("calendar"), this.text);
    parts.container.addEventListener("pointerdown", (event) => this.#down(event));
    parts.container.addEventListener("pointermove", (event) => this.#move(event));
    parts.container.addEventListener("pointerup", (event) => this.#end(event, true));
    parts.container.addEventListener("pointercancel", (event) => this.#end(event, false));
    parts.container.addEventListener("dragging", () => this.#swipe && this.#finish(this.#swipe, 0));
  }

  /** @param {PointerEvent} event */
  #down({ target, pointerType, pointerId, clientX: x, clientY: y, isPrimary }) {
    if (pointerType !== "touch" || !isPrimary || this.parts.isOff() || x < EDGE || x > innerWidth - EDGE) return;
    const node = target instanceof Element ? target.closest(".task") : null;
    const row = node instanceof HTMLElement ? this.parts.rowOf(node.dataset.id ?? "") : undefined;
    this.#swipe = row?.isWritable && !row.isEditing ? { row, id: pointerId, x, y, moved: false } : null;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const swipe = this.#swipe;
    if (!swipe || event.pointerId !== swipe.id) return;
    const [dx, dy] = [event.clientX - swipe.x, event.clientY - swipe.y];
    if (!swipe.moved && Math.hypot(dx, dy) < START) return;
    if (!swipe.moved && (Math.abs(dy) > Math.abs(dx) || this.parts.isOff())) return void (this.#swipe = null); // it scrolls, or has pressed long
    if (!swipe.moved) this.#begin(swipe.row, event.pointerId);
    swipe.moved = true;
    this.#show(swipe.row, dx);
  }

  /** @param {Row} row @param {number} pointer */
  #begin(row, pointer) {
    row.node.setPointerCapture(pointer); // nothing is clicked at its end
    row.node.prepend(this.under);
    row.node.classList.add("swiped");
  }

  /** @param {Row} row @param {number} dx */
  #show(row, dx) {
    row.node.style.setProperty("--dx", `${dx}px`);
    this.under.classList.toggle("to-left", dx < 0);
    this.under.classList.toggle("far", Math.abs(dx) >= FAR);
    setText(this.text, dx < 0 ? "Schedule" : row.task.completed ? "Reopen" : "Complete");
  }

  /** @param {PointerEvent} event @param {boolean} acts */
  #end(event, acts) {
    const swipe = this.#swipe;
    if (!swipe || event.pointerId !== swipe.id) return;
    const dx = event.clientX - swipe.x;
    const isFar = acts && swipe.moved && Math.abs(dx) >= FAR;
    this.#finish(swipe, isFar ? 0 : dx);
    if (isFar) (dx < 0 ? this.parts.schedule : this.parts.complete)(swipe.row);
  }

  /** The row goes back to its place. @param {{row: Row, moved: boolean}} swipe @param {number} dx  from where it glides */
  #finish({ row, moved }, dx) {
    this.#swipe = null;
    if (!moved) return;
    row.node.classList.remove("swiped");
    this.under.remove();
    if (!dx || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const part of [row.check, row.body]) part.animate({ transform: [`translateX(${dx}px)`, "none"] }, { duration: 180, easing: "ease-out" });
  }
}
