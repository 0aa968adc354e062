/** Helpers to create elements. Nothing is ever parsed as markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Node | string | number | false | null | undefined} Child  what is false or missing is left out
 */

/**
 * An element. Properties are set as properties where the element has them (`onclick`, `value`), else as attributes;
 * null and false leave an attribute out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === "class") node.className = value;
    else if (name in node && name !== "list") /** @type {any} */ (node)[name] = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) node.append(typeof child === "number" ? String(child) : child);
  }
  return node;
}

/** A picture from the page's sprite; always beside a text or a label, so hidden from screen readers. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** @param {string} name @param {string} label @param {(event: Event) => void} onclick */
export const iconButton = (name, label, onclick, kind = "") =>
  h("button", { type: "button", class: `icon-button ${kind}`, "aria-label": label, title: label, onclick }, icon(name));

/** @param {string} label @param {(event: Event) => void} onclick */
export const button = (label, onclick, kind = "") => h("button", { type: "button", class: `button ${kind}`, onclick }, label);

/** Sets the text only if it differs, to avoid layout and to keep selections; in the node that has it, which is not made again. @param {Node} node @param {string | number} text */
export function setText(node, text) {
  const { firstChild: only, textContent: before } = node;
  if (before === String(text)) return;
  (only instanceof Text && only === node.lastChild ? only : node).textContent = String(text);
}

/** Sets the attribute only if it differs, as setting the focused element's tabindex lays out the page; null removes it. @param {Element} node @param {string} name @param {string | number | null} value */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Sets a colour from the data as a custom property. The content security policy forbids style attributes.
 * @template {HTMLElement} T
 * @param {T} node
 * @param {string} color
 */
export function setColor(node, color) {
  if (/^#[0-9a-f]{6}$/i.test(color)) node.style.setProperty("--color", color);
  return node;
}

/** The page's element with this id. Throws if the template has none. @param {string} id @returns {HTMLElement} */
export function find(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element ${id}`);
  return node;
}

/** Whether the event's target is a form field that takes keys. @param {EventTarget | null} target */
export const isTextField = (target) =>
  target instanceof Element && !!target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

/** The focused element is `node` or within it. @param {Node} node */
export const hasFocus = (node) => node.contains(document.activeElement);
