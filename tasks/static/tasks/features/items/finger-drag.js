import { edgeSpeed } from "../../core/motion.js";

/**
 * Drags a row with a finger. The finger stays on it for a moment first, so that it can scroll the list, too; the list scrolls
 * by itself while the finger is near its edge. Loaded on devices with a touch screen.
 */
const HOLD_MS = 350; // for which a finger stays
const START = 5; // px by which it moves before it drags

export class FingerDrag {
  /** @type {?{row: HTMLElement, x: number, y: number, isReady: boolean, timer: ReturnType<typeof setTimeout>}} */
  #press = null;
  /** @type {?HTMLElement} */
  #ghost = null;
  #point = { x: 0, y: 0 };
  #frame = 0;

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.container                      with the rows
   * @param {HTMLElement} parts.scroller
   * @param {(row: HTMLElement) => boolean} parts.begin        whether the row can be moved
   * @param {(target: ?Element, y: number) => void} parts.over
   * @param {() => void} parts.drop
   * @param {() => void} parts.end
   */
  constructor(parts) {
    this.parts = parts;
    const { container } = parts;
    container.addEventListener("pointerdown", (event) => this.#down(event));
    container.addEventListener("touchmove", (event) => this.#press?.isReady && event.cancelable && event.preventDefault(), { passive: false });
    document.addEventListener("pointermove", (event) => this.#move(event));
    document.addEventListener("pointerup", () => this.#end(true));
    document.addEventListener("pointercancel", () => this.#end(false));
  }

  /** @param {PointerEvent} event */
  #down({ target, pointerType, isPrimary, clientX: x, clientY: y }) {
    this.#end(false); // a second finger
    const row = target instanceof Element ? target.closest(".task") : null;
    if (!(row instanceof HTMLElement) || pointerType !== "touch" || !isPrimary || row.querySelector("textarea")) return;
    this.#press = { row, x, y, isReady: false, timer: setTimeout(() => this.#press && (this.#press.isReady = true), HOLD_MS) };
  }

  /** @param {PointerEvent} event */
  #move({ clientX: x, clientY: y }) {
    if (!this.#press) return;
    this.#point = { x, y };
    if (this.#ghost || Math.hypot(x - this.#press.x, y - this.#press.y) < START) return;
    if (this.#press.isReady && this.parts.begin(this.#press.row)) this.#lift(this.#press);
    else this.#end(false); // it scrolls
  }

  /** @param {{row: HTMLElement, x: number, y: number}} press */
  #lift({ row, x, y }) {
    const { width, left, top } = row.getBoundingClientRect();
    const ghost = /** @type {HTMLElement} */ (row.cloneNode(true));
    ghost.classList.remove("picked", "selected");
    ghost.classList.add("ghost");
    ghost.inert = true;
    delete ghost.dataset.id;
    for (const [name, value] of Object.entries({ width, left: left - x, top: top - y })) ghost.style.setProperty(`--${name}`, `${value}px`);
    document.body.append(ghost);
    row.classList.add("dragged");
    row.dispatchEvent(new Event("dragging", { bubbles: true }));
    this.#ghost = ghost;
    this.#step();
  }

  /** Once per frame while a row is dragged. */
  #step() {
    if (!this.#ghost) return;
    const { x, y } = this.#point;
    const { scroller, over } = this.parts;
    this.#ghost.style.setProperty("--x", `${x}px`);
    this.#ghost.style.setProperty("--y", `${y}px`);
    const { top, bottom } = scroller.getBoundingClientRect();
    scroller.scrollTop += edgeSpeed(y, top, bottom);
    over(document.elementFromPoint(x, y), y);
    this.#frame = requestAnimationFrame(() => this.#step());
  }

  /** @param {boolean} drops */
  #end(drops) {
    const press = this.#press;
    this.#press = null;
    clearTimeout(press?.timer);
    if (!this.#ghost || !press) return;
    cancelAnimationFrame(this.#frame);
    const { x, y } = this.#point;
    if (drops) this.parts.over(document.elementFromPoint(x, y), y); // it may have moved since the last frame
    this.#ghost.remove();
    this.#ghost = null;
    press.row.classList.remove("dragged");
    if (drops) this.parts.drop();
    this.parts.end();
  }
}
