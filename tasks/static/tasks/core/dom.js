/** A very small renderer: make elements, and keep a container's children in step with a list of keys. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Properties are set as properties where the element has them (`onclick`, `value`), else as attributes;
 * null and false leave an attribute out. Children are nodes or texts: nothing is ever parsed as markup.
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name in node) node[name] = value;
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A picture from the page's sprite; always beside a text or a label, so hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

export const iconButton = (name, label, onclick, kind = "") =>
  h("button", { type: "button", class: `icon-button ${kind}`, "aria-label": label, title: label, onclick }, icon(name));

/** Sets the text only where it differs, so that nothing is laid out anew, nor a selection lost, for no reason. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A colour from the data, as a custom property: a style attribute is forbidden here, and no other value gets in. */
export function setColor(node, color) {
  if (/^#[0-9a-f]{6}$/i.test(color)) node.style.setProperty("--color", color);
  return node;
}

/**
 * Children of one container, one for each key, in the order of the keys.
 *
 * A child is {node, update(item, context)}; it lives as long as the key of its item is there. As few nodes as possible are
 * moved, and never the one that holds the focus, which would lose it and the caret.
 */
export class Children {
  #children = new Map();
  #order = [];

  constructor(container, create) {
    this.container = container;
    this.create = create;
  }

  get(key) {
    return this.#children.get(key);
  }

  /** `items` are objects whose `id` is their key; `context` is what all of them are shown with. */
  show(items, context) {
    const children = items.map((item) => {
      const child = this.#children.get(item.id) ?? this.create(item);
      this.#children.set(item.id, child);
      child.update(item, context);
      return child;
    });
    if (this.#children.size > items.length) {
      const wanted = new Set(items.map(({ id }) => id));
      for (const [id, child] of this.#children) {
        if (wanted.has(id)) continue;
        child.node.remove();
        this.#children.delete(id);
      }
    }
    this.#arrange(children.map(({ node }) => node));
  }

  #arrange(nodes) {
    if (nodes.length === this.#order.length && nodes.every((node, at) => node === this.#order[at])) return;
    const before = new Map(this.#order.filter((node) => node.parentNode === this.container).map((node, at) => [node, at]));
    this.#order = nodes;
    const places = nodes.map((node) => before.get(node) ?? -1);
    const fixed = staying(places, nodes.findIndex((node) => node.contains(document.activeElement)));
    let next = null;
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      if (!fixed.has(at)) this.container.insertBefore(nodes[at], next);
      next = nodes[at];
    }
  }
}

/**
 * Which of the new children may stay where they are: the longest run of rising old places (-1: a new child).
 * `kept`, an index or -1, is one of them in any case.
 */
export function staying(places, kept = -1) {
  const keep = kept >= 0 && places[kept] >= 0 ? kept : -1;
  const ends = []; // ends[n]: the index at which the best run of n + 1 children ends
  const previous = new Array(places.length).fill(-1);
  places.forEach((place, at) => {
    if (place < 0) return;
    if (keep >= 0 && at !== keep && at < keep !== place < places[keep]) return;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[ends[middle]] < place) low = middle + 1;
      else high = middle;
    }
    previous[at] = low ? ends[low - 1] : -1;
    ends[low] = at;
  });
  const result = new Set();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at]) result.add(at);
  return result;
}
