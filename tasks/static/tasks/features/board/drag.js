import { h } from "../../core/dom.js";
import { edgeSpeed } from "../../core/motion.js";

/**
 * Drags cards with mouse, pen or finger. A finger has to stay for a moment first, so that it can scroll. The board scrolls
 * while the card is near an edge; Escape ends it. By keyboard there are commands for the same.
 *
 * @typedef {{column: HTMLElement, at: number, line: number}} Place   `at`: the index in the column, `line`: where the drop line is drawn, in px
 */

const START = 5; // px by which a pointer moves before it drags
const HOLD_MS = 350; // for which a finger stays

export class CardDrag {
  /** @type {?{node: HTMLElement, x: number, y: number, ready: boolean, timer: ReturnType<typeof setTimeout>, touch: boolean}} */
  #press = null;
  /** @type {?HTMLElement} */
  #ghost = null;
  /** @type {?Place} */
  #place = null;
  #point = { x: 0, y: 0 };
  #frame = 0;

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.board
   * @param {?Element} [parts.scroller]   what scrolls up and down; without one, the column does
   * @param {(node: HTMLElement) => boolean} parts.mayMove
   * @param {(x: number, y: number, node: HTMLElement) => ?Place} parts.placeAt
   * @param {(node: HTMLElement, place: Place) => void} parts.drop
   */
  constructor({ board, scroller = null, mayMove, placeAt, drop }) {
    this.board = board;
    this.scroller = scroller;
    this.mayMove = mayMove;
    this.placeAt = placeAt;
    this.drop = drop;
    this.line = h("div", { class: "drop-line", hidden: true });
    board.addEventListener("pointerdown", (event) => this.#down(event));
    board.addEventListener("click", (event) => this.#swallow(event), { capture: true });
    board.addEventListener("touchmove", (event) => (this.#ghost || this.#press?.ready) && event.cancelable && event.preventDefault(), { passive: false });
    document.addEventListener("pointermove", (event) => this.#move(event));
    document.addEventListener("pointerup", () => this.#end(true));
    document.addEventListener("pointercancel", () => this.#end(false));
    document.addEventListener("keydown", (event) => this.#ghost && event.key === "Escape" && this.#cancel(event), { capture: true });
  }

  /** @param {PointerEvent} event */
  #down({ target, button: pressed, pointerType, clientX, clientY, ctrlKey, metaKey, shiftKey }) {
    this.#swallows = false;
    const node = target instanceof Element ? target.closest(".card") : null;
    if (!(node instanceof HTMLElement) || pressed || ctrlKey || metaKey || shiftKey || !this.mayMove(node)) return;
    const touch = pointerType === "touch";
    const timer = setTimeout(() => this.#press && (this.#press.ready = true), touch ? HOLD_MS : 0);
    this.#press = { node, x: clientX, y: clientY, ready: !touch, timer, touch };
  }

  /** @param {PointerEvent} event */
  #move({ clientX, clientY }) {
    const press = this.#press;
    if (!press) return;
    this.#point = { x: clientX, y: clientY };
    if (this.#ghost) return;
    if (Math.hypot(clientX - press.x, clientY - press.y) < START) return;
    if (!press.ready) return this.#end(false); // a finger that scrolls
    this.#begin(press);
  }

  /** @param {{node: HTMLElement, x: number, y: number}} press */
  #begin({ node, x, y }) {
    const box = node.getBoundingClientRect();
    const ghost = /** @type {HTMLElement} */ (node.cloneNode(true));
    ghost.classList.add("ghost");
    ghost.inert = true;
    delete ghost.dataset.id;
    for (const [name, value] of Object.entries({ width: box.width, left: box.left - x, top: box.top - y })) ghost.style.setProperty(`--${name}`, `${value}px`);
    document.body.append(ghost);
    document.body.classList.add("dragging");
    node.classList.add("dragged");
    node.dispatchEvent(new Event("dragging", { bubbles: true }));
    getSelection()?.removeAllRanges();
    this.#ghost = ghost;
    this.#step();
  }

  /** Once per frame while a card is dragged. */
  #step() {
    const { x, y } = this.#point;
    const press = this.#press;
    if (!this.#ghost || !press) return;
    this.#ghost.style.setProperty("--x", `${x}px`);
    this.#ghost.style.setProperty("--y", `${y}px`);
    this.#place = this.placeAt(x, y, press.node);
    this.#showLine();
    this.#scroll(x, y);
    this.#frame = requestAnimationFrame(() => this.#step());
  }

  #showLine() {
    this.line.hidden = !this.#place;
    if (!this.#place) return;
    const { column, line } = this.#place;
    if (this.line.parentElement !== column) column.append(this.line);
    this.line.style.setProperty("--at", `${line}px`);
  }

  /** @param {number} x @param {number} y */
  #scroll(x, y) {
    const { left, right } = this.board.getBoundingClientRect();
    this.board.scrollLeft += edgeSpeed(x, left, right);
    const column = this.scroller ?? this.#place?.column;
    if (!column) return;
    const { top, bottom } = column.getBoundingClientRect();
    column.scrollTop += edgeSpeed(y, top, bottom);
  }

  /** @param {boolean} drops */
  #end(drops) {
    const press = this.#press;
    this.#press = null;
    clearTimeout(press?.timer);
    if (!this.#ghost || !press) return;
    cancelAnimationFrame(this.#frame);
    if (drops) this.#place = this.placeAt(this.#point.x, this.#point.y, press.node); // it may have moved since the last frame
    this.#ghost.remove();
    this.#ghost = null;
    this.line.hidden = true;
    press.node.classList.remove("dragged");
    document.body.classList.remove("dragging");
    this.#swallows = true;
    if (drops && this.#place) this.drop(press.node, this.#place);
    this.#place = null;
  }

  /** @param {KeyboardEvent} event */
  #cancel(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#end(false);
  }

  #swallows = false; // the click that ends a drag opens nothing

  /** @param {MouseEvent} event */
  #swallow(event) {
    if (!this.#swallows) return;
    this.#swallows = false;
    event.preventDefault();
    event.stopPropagation();
  }
}
