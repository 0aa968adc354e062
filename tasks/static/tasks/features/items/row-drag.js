import { h } from "../../core/dom.js";

/**
 * Drags a row to another place of the view, or to a list or a day elsewhere on the page (`data-drop`). By keyboard there are
 * commands for the same.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
const UNTOUCHED = "textarea, input, select, .toolbar, .edit";

export class RowDrag {
  /** @type {?Task} */
  #task = null;
  #frame = 0;
  /** @type {?Element} */
  #target = null;
  #at = -1;

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.container                         with the rows
   * @param {(node: Element) => Task | undefined} parts.taskOf    the task of a row, if it can be moved
   * @param {(node: HTMLElement) => number} parts.indexOf         of a line among the view's
   * @param {(task: Task, at: number) => void} parts.place
   * @param {(task: Task, where: DOMStringMap) => void} parts.drop   on something with `data-drop`
   */
  constructor(parts) {
    this.parts = parts;
    this.line = h("div", { class: "drop-line", hidden: true });
    parts.container.after(this.line);
    parts.container.addEventListener("pointerdown", (event) => this.#press(event));
    document.addEventListener("dragstart", (event) => this.#start(event));
    document.addEventListener("dragover", (event) => this.#over(event));
    document.addEventListener("drop", (event) => this.#dropped(event));
    document.addEventListener("dragend", () => this.#end());
    if (navigator.maxTouchPoints) void this.#takeFingers();
  }

  async #takeFingers() {
    const { FingerDrag } = await import("./finger-drag.js");
    const { container } = this.parts;
    const scroller = /** @type {HTMLElement} */ (container.closest(".main"));
    new FingerDrag({
      container,
      scroller,
      begin: (row) => this.#begin(row),
      over: (target, y) => this.#show(this.#under({ target }), y),
      drop: () => this.#drop(),
      end: () => this.#end(),
    });
  }

  /** A row can be dragged while the pointer is down on it, so that texts can be selected at other times. @param {PointerEvent} event */
  #press({ target, pointerType }) {
    const row = target instanceof Element ? target.closest(".task") : null;
    if (!(row instanceof HTMLElement)) return;
    const isDraggable = pointerType !== "touch" && !(/** @type {Element} */ (target).closest(UNTOUCHED)) && !!this.parts.taskOf(row);
    if (row.draggable !== isDraggable) row.draggable = isDraggable; // setting it styles the row again
  }

  /** @param {DragEvent} event */
  #start({ target, dataTransfer }) {
    if (!(target instanceof HTMLElement) || !dataTransfer || !this.#begin(target)) return;
    dataTransfer.effectAllowed = "move";
    dataTransfer.setData("text/plain", this.#task?.title ?? "");
  }

  /** @param {HTMLElement} row */
  #begin(row) {
    this.#task = (row.matches(".task") && this.parts.taskOf(row)) || null;
    this.parts.container.classList.toggle("moving", !!this.#task);
    return !!this.#task;
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!this.#task) return;
    const target = this.#under(event);
    if (target) event.preventDefault();
    const { clientY } = event;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#show(target, clientY));
  }

  /** What takes the row there. @param {{target: ?EventTarget}} event */
  #under({ target }) {
    const found = target instanceof Element ? target.closest("[data-drop], .task, .head-row") : null;
    return found && (found.hasAttribute("data-drop") || this.parts.container.contains(found)) ? found : null;
  }

  /** @param {?Element} target @param {number} y */
  #show(target, y) {
    if (target !== this.#target) this.#target?.classList.remove("drop-here");
    this.#target = target;
    this.#at = -1;
    const isLine = target instanceof HTMLElement && !target.hasAttribute("data-drop");
    this.line.hidden = !isLine;
    if (!isLine) return void target?.classList.add("drop-here");
    const box = target.getBoundingClientRect();
    const after = target.matches(".head-row") || y > box.top + box.height / 2;
    const index = this.parts.indexOf(target);
    if (index < 0) return void (this.line.hidden = true);
    this.#at = index + Number(after);
    const from = this.parts.container.getBoundingClientRect();
    this.line.style.setProperty("--y", `${(after ? box.bottom : box.top) - from.top}px`);
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    if (!this.#task) return;
    event.preventDefault();
    this.#show(this.#under(event), event.clientY);
    this.#drop();
    this.#end();
  }

  #drop() {
    const task = this.#task;
    const target = this.#target;
    if (!task) return;
    if (target instanceof HTMLElement && target.hasAttribute("data-drop")) this.parts.drop(task, target.dataset);
    else if (this.#at >= 0) this.parts.place(task, this.#at);
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#target?.classList.remove("drop-here");
    this.#task = this.#target = null;
    this.#at = -1;
    this.line.hidden = true;
    this.parts.container.classList.remove("moving");
  }
}
