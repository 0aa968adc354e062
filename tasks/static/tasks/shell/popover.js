import { h, hasFocus, setAttribute } from "../core/dom.js";

const EDGE = 8; // px between a popover and the window's edge
const GAP = 4; // and between it and its anchor

/**
 * A small layer beside what opened it. Escape, a click elsewhere and the page's own changes of place close it; the focus goes
 * back to what opened it.
 */
export class Popover {
  /** @type {?HTMLElement} */
  #anchor = null;
  #sizes = new ResizeObserver(() => this.place());
  /** Called after it has closed. @type {() => void} */
  onClose = () => {};

  /** @param {string} label @param {string} [kind]  a class */
  constructor(label, kind = "") {
    this.node = h("div", { class: `popover ${kind}`, role: "dialog", "aria-label": label, popover: "auto", tabIndex: -1 });
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && this.#closed());
  }

  get isOpen() {
    return this.node.isConnected && this.node.matches(":popover-open");
  }

  /** @param {HTMLElement} anchor @param {HTMLElement} [focus]  what gets the focus */
  show(anchor, focus = this.node) {
    this.#anchor = anchor;
    setAttribute(anchor, "aria-expanded", "true");
    (anchor.closest("dialog") ?? document.body).append(this.node); // what is outside a modal dialog can't be reached
    this.node.showPopover();
    this.place();
    this.#sizes.observe(this.node);
    focus.focus({ preventScroll: true });
  }

  close() {
    if (this.isOpen) this.node.hidePopover();
  }

  /** Below the anchor, or above it where there is no room. */
  place() {
    if (!this.#anchor || !this.isOpen) return;
    const from = this.#anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const below = from.bottom + GAP;
    const above = from.top - GAP - height;
    const top = below + height <= innerHeight - EDGE || above < EDGE ? Math.min(below, innerHeight - EDGE - height) : above;
    const left = Math.min(from.left, document.documentElement.clientWidth - EDGE - width);
    this.node.style.setProperty("--top", `${Math.max(EDGE, top)}px`);
    this.node.style.setProperty("--left", `${Math.max(EDGE, left)}px`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    event.stopPropagation(); // the page's keys are for the page
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    this.close();
  }

  #closed() {
    this.#sizes.disconnect();
    const anchor = this.#anchor;
    this.#anchor = null;
    if (anchor) setAttribute(anchor, "aria-expanded", "false");
    if (anchor?.isConnected && (hasFocus(this.node) || document.activeElement === document.body)) anchor.focus({ preventScroll: true });
    this.node.remove();
    this.onClose();
  }
}
