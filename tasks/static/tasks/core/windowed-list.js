import { Children } from "./children.js";
import { setAttribute } from "./dom.js";
import { afterFrame } from "./motion.js";

const MOST_PLACES = 2_000;
const FEW = 40; // rows that are all drawn

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
  #places = new Map(); // id → index at which it was found last
  /** @type {?object} */
  order = {};
  #sizes = new Float64Array(0); // the height of each row
  #offsets = new Float64Array(1); // of each row from the top, and the whole height at the end
  /** @type {WeakMap<Child, string>} */
  #numbers = new WeakMap(); // what each child's position and the list's size were when they were told
  /** @type {number[]} */
  #rendered = []; // the indexes of the rows that are in the document
  #shown = ""; // the same as text
  #isNumbered = false; // each of them tells its place
  /** @type {?{past: number, screen: number}} */
  #sight = null; // the pixels of the list above the scroller's upper edge, and the scroller's height, as they were read last
  #whole = false;
  #ended = new AbortController();
  #atEnd = false; // scrolled to the end: stays there when measured heights differ from the estimates
  #isFirst = false; // the first rows are being drawn: no others are, until they are on the screen

  /**
   * @param {Object} options
   * @param {HTMLElement} options.container
   * @param {HTMLElement} options.scroller   the element that scrolls, with the container in it
   * @param {(item: any) => Child} options.create
   * @param {number} [options.estimate]      the height of a row in pixels, until one has been measured
   */
  constructor({ container, scroller, create, estimate = 40 }) {
    this.container = container;
    this.scroller = scroller;
    this.estimate = estimate;
    this.children = new Children(container, (item) => ("gap" in item ? new Spacer() : this.#observed(create(item))));
    this.observer = new ResizeObserver((entries) => this.#measured(entries));
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.resized = new ResizeObserver(() => this.#resized());
    for (const node of [scroller, container, ...scroller.children]) this.resized.observe(node);
    const { signal } = this.#ended;
    addEventListener("beforeprint", () => this.#showAll(true), { signal });
    addEventListener("afterprint", () => this.#showAll(false), { signal });
  }

  /** The list is not used any more: nothing listens or observes for it, and it can be collected. */
  end() {
    this.#ended.abort();
    this.observer.disconnect();
    this.resized.disconnect();
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
    const known = this.#places.get(id) ?? -1;
    if (this.#items[known]?.id === id) return known;
    const at = this.#items.findIndex((item) => item.id === id);
    if (this.#places.size > MOST_PLACES) this.#places.clear();
    if (at >= 0) this.#places.set(id, at);
    return at;
  }

  /** @param {Item[]} items @param {any} context  what each child is updated with @param {?object} [order]  the same as before only if the items' ids are */
  show(items, context, order = {}) {
    const before = this.#items;
    this.#items = items;
    this.#context = context;
    const { from, end, isSame } = differing(order === this.order ? items : before, items);
    this.order = order;
    if (!before.length && items.length) this.#begin();
    if (!isSame) {
      this.#atEnd = false;
      this.#resize(from, end, before.length);
    }
    if (isSame && this.#sight) this.#update();
    else this.#render();
  }

  /** What is in sight comes first, then the rows around it. */
  #begin() {
    this.#isFirst = true;
    afterFrame(() => {
      this.#isFirst = false;
      this.#scrolled();
    });
  }

  /** Scrolls an item into view, whether or not it is in the document yet, and returns its child. @param {any} id @returns {any} */
  reveal(id) {
    const at = this.indexOf(id);
    if (at < 0) return undefined;
    this.moved();
    if (!this.get(id)) {
      const { past, screen } = this.#seen();
      this.scroller.scrollTop += this.#top(at) - past - screen / 2;
      this.moved();
      this.#render();
    }
    this.get(id)?.node.scrollIntoView({ block: "nearest" });
    this.moved();
    return this.get(id);
  }

  /** Whether an item's row is on the screen, not only near it. @param {any} id */
  isInSight(id) {
    const at = this.indexOf(id);
    if (at < 0 || !this.get(id)) return false;
    const { past, screen } = this.#seen();
    return this.#top(at + 1) > past && this.#top(at) < past + screen;
  }

  /** @param {number} at */
  #top(at) {
    return this.#offsets[at] ?? 0;
  }

  /** The scroller has been scrolled, or will be in this frame: what is in sight is not what it was. */
  moved() {
    this.#sight = null;
  }

  /** What is in sight, without reading the layout of what has just been changed: rows beyond the screen are drawn, too. */
  #seen() {
    this.#sight ??= { past: this.scroller.getBoundingClientRect().top - this.container.getBoundingClientRect().top, screen: this.scroller.clientHeight };
    return this.#sight;
  }

  /** Takes over the heights of the rows before `from` and of the last `end` ones, of `count` that there were. @param {number} from @param {number} end @param {number} count */
  #resize(from, end, count) {
    const sizes = new Float64Array(this.#items.length);
    sizes.set(this.#sizes.subarray(0, from));
    sizes.set(this.#sizes.subarray(count - end, count), sizes.length - end);
    for (let at = from; at < sizes.length - end; at += 1) sizes[at] = this.#heights.get(this.#items[at]?.id) ?? this.estimate;
    this.#sizes = sizes;
    const offsets = new Float64Array(sizes.length + 1);
    offsets.set(this.#offsets.subarray(0, from + 1));
    this.#offsets = offsets;
    this.#layOut(from);
  }

  /** @param {number} from  the first row whose height may have changed */
  #layOut(from) {
    let top = this.#top(from);
    for (let at = from; at < this.#sizes.length; at += 1) this.#offsets[at + 1] = top += this.#sizes[at] ?? 0;
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
    if (this.#whole || count < FEW) return Array.from({ length: count }, (_, at) => at);
    const { past, screen } = this.#seen();
    const around = this.#isFirst ? 0 : screen;
    const from = this.#rowAt(past - around);
    const to = Math.min(count, this.#rowAt(past + screen + around) + 1);
    const wanted = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
    const focused = this.#focused();
    return focused < 0 || (focused >= from && focused < to) ? wanted : [...wanted, focused].sort((a, b) => a - b);
  }

  /** The index of the focused row, which is always rendered; -1 for none. */
  #focused() {
    let node = document.activeElement;
    if (!this.container.contains(node)) return -1;
    while (node && node.parentNode !== this.container) node = node.parentElement;
    const { id, head } = /** @type {HTMLElement | null} */ (node)?.dataset ?? {};
    return this.indexOf(id ?? head);
  }

  #render() {
    this.#rendered = this.#wanted();
    this.#shown = this.#rendered.join();
    this.#isNumbered = false;
    this.#update();
  }

  /** Updates the rows that are in the document, and what stands for the others. */
  #update() {
    /** @type {(Item | Gap)[]} */
    const shown = [];
    let next = 0;
    for (const at of [...this.#rendered, this.#items.length]) {
      const gap = this.#top(at) - this.#top(next);
      if (at > next) shown.push({ id: next === 0 ? "gap:first" : at === this.#items.length ? "gap:last" : `gap:${next}`, gap });
      const item = this.#items[at];
      if (item) shown.push(item);
      next = at + 1;
    }
    this.children.show(shown, this.#context);
    if (!this.#isNumbered) for (const at of this.#rendered) this.#number(at);
    this.#isNumbered = true;
  }

  /** Tells screen readers the row's position and the size of the list, where not all rows are in the document. @param {number} at */
  #number(at) {
    const child = this.get(this.#items[at]?.id);
    const number = `${at + 1}/${this.#items.length}`;
    if (!child || this.#numbers.get(child) === number) return;
    this.#numbers.set(child, number);
    setAttribute(child.node, "aria-posinset", at + 1);
    setAttribute(child.node, "aria-setsize", this.#items.length);
  }

  /** Before there are rows, what is in sight can be said: the first ones are drawn without asking for the layout. */
  #resized() {
    if (this.#items.length) this.#scrolled();
    else this.#sight = { past: 0, screen: innerHeight };
  }

  #scrolled() {
    if (!this.#items.length || this.#isFirst) return; // reading the scroller's sizes would lay out what another list has just drawn
    this.moved();
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
    this.#isNumbered = false;
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
    let first = this.#items.length;
    for (const { target, borderBoxSize } of entries) {
      const { id = "", head = "" } = /** @type {HTMLElement} */ (target).dataset;
      const height = borderBoxSize[0]?.blockSize ?? 0;
      const key = id || head;
      if (!key || !height || this.#heights.get(key) === height) continue;
      this.#heights.set(key, height);
      const at = this.indexOf(key);
      if (at < 0 || this.#sizes[at] === height) continue;
      this.#sizes[at] = height;
      first = Math.min(first, at);
    }
    if (first === this.#items.length) return;
    if (this.#heights.size > 2 * this.#items.length + 100) this.#forgetHeights();
    this.moved();
    this.#layOut(first);
    this.#render();
    if (this.#atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Keeps only heights of present rows, so that memory stays bounded. */
  #forgetHeights() {
    const present = new Set(this.#items.map(({ id }) => id));
    for (const id of this.#heights.keys()) if (!present.has(id)) this.#heights.delete(id);
  }
}

/**
 * Where two lists of items differ: they are the same before the index `from` and in the last `end` places.
 * @param {Item[]} before @param {Item[]} after
 */
function differing(before, after) {
  const isSame = (/** @type {Item | undefined} */ a, /** @type {Item | undefined} */ b) => a === b || a?.id === b?.id;
  const least = Math.min(before.length, after.length);
  let from = before === after ? least : 0;
  while (from < least && isSame(before[from], after[from])) from += 1;
  let end = 0;
  while (end < least - from && isSame(before[before.length - 1 - end], after[after.length - 1 - end])) end += 1;
  return { from, end, isSame: from === before.length && from === after.length };
}

/** Replaces rows that are not rendered. */
class Spacer {
  constructor() {
    this.node = document.createElement("li");
    this.node.className = "spacer";
    this.node.setAttribute("aria-hidden", "true");
    this.gap = -1;
  }

  /** @param {Gap} item */
  update({ gap }) {
    if (gap !== this.gap) this.node.style.height = `${(this.gap = gap)}px`;
  }
}
