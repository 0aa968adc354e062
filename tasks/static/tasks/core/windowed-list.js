import { Children } from "./children.js";
import { setAttribute } from "./dom.js";

/**
 * A list that renders only the rows near the viewport: the visible ones and one screen before and after. Spacers replace
 * the others. Heights are measured when rows are rendered, and estimated until then.
 *
 * @typedef {import("./children.js").Child} Child
 * @typedef {{id: any}} Item
 * @typedef {{id: string, gap: number}} Gap
 */
export class WindowedList {
  /** @type {Item[]} */
  #items = [];
  /** @type {any} */
  #context;
  /** @type {Map<any, number>} */
  #heights = new Map();
  /** @type {Map<any, number>} */
  #places = new Map(); // id → index
  #offsets = new Float64Array(1); // of each row from the top, and the whole height at the end
  #shown = "";
  #whole = false;
  #atEnd = false; // scrolled to the end: stays there when measured heights differ from the estimates

  /**
   * @param {Object} options
   * @param {HTMLElement} options.container
   * @param {HTMLElement} options.scroller   the element that scrolls, with the container in it
   * @param {(item: any) => Child} options.create
   * @param {number} [options.estimate]      the height of a row in pixels, until one has been measured
   */
  constructor({ container, scroller, create, estimate = 44 }) {
    this.container = container;
    this.scroller = scroller;
    this.estimate = estimate;
    this.children = new Children(container, (item) => ("gap" in item ? new Spacer() : this.#observed(create(item))));
    this.observer = new ResizeObserver((entries) => this.#measured(entries));
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#scrolled()).observe(scroller);
    addEventListener("beforeprint", () => this.#showAll(true));
    addEventListener("afterprint", () => this.#showAll(false));
  }

  get items() {
    return this.#items;
  }

  /** The child of an item that is in the document now. @param {any} id @returns {any} */
  get(id) {
    return this.children.get(id);
  }

  /** @param {any} id */
  indexOf(id) {
    return this.#places.get(id) ?? -1;
  }

  /** @param {Item[]} items @param {any} context  what each child is updated with */
  show(items, context) {
    const same = items === this.#items || (items.length === this.#items.length && items.every(({ id }, at) => id === this.#items[at]?.id));
    this.#items = items;
    this.#context = context;
    if (!same) {
      this.#atEnd = false;
      this.#places = new Map(items.map(({ id }, at) => [id, at]));
      this.#layOut();
    }
    this.#render();
  }

  /** Scrolls an item into view, whether or not it is in the document yet, and returns its child. @param {any} id @returns {any} */
  reveal(id) {
    const at = this.indexOf(id);
    if (at < 0) return undefined;
    if (!this.get(id)) {
      this.scroller.scrollTop += this.#top(at) - this.#past() - this.scroller.clientHeight / 2;
      this.#render();
    }
    this.get(id)?.node.scrollIntoView({ block: "nearest" });
    return this.get(id);
  }

  /** Whether an item's row is on the screen, not only near it. @param {any} id */
  isInSight(id) {
    const at = this.indexOf(id);
    if (at < 0 || !this.get(id)) return false;
    const past = this.#past();
    return this.#top(at + 1) > past && this.#top(at) < past + this.scroller.clientHeight;
  }

  /** @param {number} at */
  #top(at) {
    return this.#offsets[at] ?? 0;
  }

  /** The number of the list's pixels above the scroller's upper edge. */
  #past() {
    return this.scroller.getBoundingClientRect().top - this.container.getBoundingClientRect().top;
  }

  #layOut() {
    const offsets = new Float64Array(this.#items.length + 1);
    this.#items.forEach(({ id }, at) => {
      offsets[at + 1] = (offsets[at] ?? 0) + (this.#heights.get(id) ?? this.estimate);
    });
    this.#offsets = offsets;
  }

  /** The first row that ends below `y`. @param {number} y */
  #rowAt(y) {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#top(middle + 1) > y) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The indexes to render, in ascending order. */
  #wanted() {
    const count = this.#items.length;
    if (this.#whole || count < 40) return Array.from({ length: count }, (_, at) => at);
    const screen = this.scroller.clientHeight;
    const past = this.#past();
    const from = this.#rowAt(past - screen);
    const to = Math.min(count, this.#rowAt(past + 2 * screen) + 1);
    const wanted = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
    const focused = this.#focused();
    return focused < 0 || (focused >= from && focused < to) ? wanted : [...wanted, focused].sort((a, b) => a - b);
  }

  /** The index of the focused row, which is always rendered; -1 for none. */
  #focused() {
    if (!this.container.contains(document.activeElement)) return -1;
    for (const [id, at] of this.#places) if (this.get(id)?.node.contains(document.activeElement)) return at;
    return -1;
  }

  #render() {
    const wanted = this.#wanted();
    this.#shown = wanted.join();
    /** @type {(Item | Gap)[]} */
    const shown = [];
    let next = 0;
    for (const at of [...wanted, this.#items.length]) {
      const gap = this.#top(at) - this.#top(next);
      if (at > next) shown.push({ id: next === 0 ? "gap:first" : at === this.#items.length ? "gap:last" : `gap:${next}`, gap });
      const item = this.#items[at];
      if (item) shown.push(item);
      next = at + 1;
    }
    this.children.show(shown, this.#context);
    for (const at of wanted) this.#number(at);
  }

  /** Tells screen readers the row's position and the size of the list, where not all rows are in the document. @param {number} at */
  #number(at) {
    const { node } = this.get(this.#items[at]?.id) ?? {};
    if (!node) return;
    setAttribute(node, "aria-posinset", at + 1);
    setAttribute(node, "aria-setsize", this.#items.length);
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    this.#atEnd = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 2;
    if (this.#wanted().join() !== this.#shown) this.#render();
  }

  /** @param {boolean} whole */
  #showAll(whole) {
    this.#whole = whole;
    this.#render();
  }

  /** @param {Child} child @returns {Child} */
  #observed(child) {
    this.observer.observe(child.node);
    const { end } = child;
    child.end = () => {
      this.observer.unobserve(child.node);
      end?.call(child);
    };
    return child;
  }

  /** @param {ResizeObserverEntry[]} entries */
  #measured(entries) {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const { id = "", head = "" } = /** @type {HTMLElement} */ (target).dataset;
      const height = borderBoxSize[0]?.blockSize ?? 0;
      const key = id || head;
      if (!key || !height || this.#heights.get(key) === height) continue;
      this.#heights.set(key, height);
      changed = true;
    }
    if (!changed) return;
    if (this.#heights.size > 2 * this.#items.length + 100) this.#forgetHeights();
    this.#layOut();
    this.#render();
    if (this.#atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Keeps only heights of present rows, so that memory stays bounded. */
  #forgetHeights() {
    for (const id of this.#heights.keys()) if (!this.#places.has(id)) this.#heights.delete(id);
  }
}

/** Replaces rows that are not rendered. */
class Spacer {
  constructor() {
    this.node = document.createElement("li");
    this.node.className = "spacer";
    this.node.setAttribute("aria-hidden", "true");
  }

  /** @param {Gap} item */
  update({ gap }) {
    this.node.style.height = `${gap}px`;
  }
}
