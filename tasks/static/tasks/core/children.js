/**
 * Keeps the children of a container in step with a list of items.
 *
 * @typedef {{node: HTMLElement, update: (item: any, context: any) => void, end?: () => void}} Child
 * @typedef {{id: any}} Item
 */

/**
 * Children of one container, one for each key, in the order of the keys.
 *
 * A child lives as long as its item's key is present. As few nodes as possible are moved, and never the focused one, which
 * would lose the focus and the caret. A child that throws is replaced by a line that says so; the others are still shown.
 */
export class Children {
  /** @type {Map<any, Child>} */
  #children = new Map();
  /** @type {HTMLElement[]} */
  #order = [];

  /** @param {HTMLElement} container @param {(item: any) => Child} create */
  constructor(container, create) {
    this.container = container;
    this.create = create;
  }

  /** @param {any} key */
  get(key) {
    return this.#children.get(key);
  }

  values() {
    return this.#children.values();
  }

  /** @param {Item[]} items  their `id` is their key @param {any} [context]  what all of them are shown with */
  show(items, context) {
    const nodes = items.map((item) => this.#shown(item, context).node);
    if (this.#children.size > items.length) this.#drop(new Set(items.map(({ id }) => id)));
    this.#arrange(nodes);
  }

  /** @param {Item} item @param {any} context @returns {Child} */
  #shown(item, context) {
    const known = this.#children.get(item.id);
    let child = known;
    if (child instanceof Unshowable && child.item !== item) {
      child.node.remove();
      child = undefined; // the item has changed: try again
    }
    try {
      child ??= this.create(item);
      child.update(item, context);
    } catch (error) {
      console.error("A row could not be shown", item, error);
      child?.node.remove();
      child = new Unshowable(item);
    }
    if (child !== known) this.#children.set(item.id, child);
    return child;
  }

  /** @param {Set<any>} wanted */
  #drop(wanted) {
    for (const [id, child] of this.#children) {
      if (wanted.has(id)) continue;
      this.#children.delete(id);
      child.end?.();
      child.node.remove();
    }
  }

  /** @param {HTMLElement[]} nodes */
  #arrange(nodes) {
    if (nodes.length === this.#order.length && nodes.every((node, at) => node === this.#order[at])) return;
    const before = new Map(this.#order.filter((node) => node.parentNode === this.container).map((node, at) => [node, at]));
    this.#order = nodes;
    const places = nodes.map((node) => before.get(node) ?? -1);
    const fixed = staying(places, nodes.findIndex((node) => node.contains(document.activeElement)));
    /** @type {?HTMLElement} */
    let next = null;
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const node = /** @type {HTMLElement} */ (nodes[at]);
      if (!fixed.has(at)) this.container.insertBefore(node, next);
      next = node;
    }
  }
}

/** Replaces a row that cannot be shown, until its item changes. */
class Unshowable {
  /** @param {Item} item */
  constructor(item) {
    this.item = item;
    this.node = document.createElement("li");
    this.node.className = "unshowable";
    this.node.textContent = "This row cannot be shown.";
  }

  update() {
    // nothing of the item is shown
  }
}

/**
 * The children that need not be moved: the longest increasing run of old places (-1: a new child).
 * `kept`, an index or -1, is always among them.
 * @param {number[]} places
 */
export function staying(places, kept = -1) {
  const at = (/** @type {number} */ index) => places[index] ?? -1;
  const keep = kept >= 0 && at(kept) >= 0 ? kept : -1;
  /** @type {number[]} */
  const ends = []; // ends[n]: the index at which the best run of n + 1 children ends
  const previous = new Array(places.length).fill(-1);
  places.forEach((place, index) => {
    if (place < 0) return;
    if (keep >= 0 && index !== keep && index < keep !== place < at(keep)) return;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(ends[middle] ?? -1) < place) low = middle + 1;
      else high = middle;
    }
    previous[index] = low ? ends[low - 1] : -1;
    ends[low] = index;
  });
  const result = new Set();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index]) result.add(index);
  return result;
}
