import { h } from "../../core/dom.js";

/**
 * Notes as Markdown, read only but for their check boxes. The server parses them to a tree of known kinds; here each becomes
 * an element, so that nothing is ever parsed as markup.
 *
 * @typedef {(line: number, checked: boolean) => void} Tick   a check box was changed
 * @typedef {string | {tag: string, children?: Tree[], text?: string, href?: string, start?: number, checked?: boolean, line?: number}} Tree
 */
const TAGS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "hr", "br", "table", "thead", "tbody", "tr", "th", "td"]);
const SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Whether a text has anything in it that Markdown would show differently. @param {string} text */
export const isMarkdown = (text) => /[*_\x60~#>|[\]]|^\s*([-+]|\d+[.)])\s|:\/\/|www\.|\S@\S/m.test(text);

/** @param {Tree[]} tree @param {?Tick} tick  null: check boxes can't be changed @returns {Node[]} */
export const drawn = (tree, tick) => tree.map((node) => draw(node, tick));

/** @param {Tree} node @param {?Tick} tick @returns {Node} */
function draw(node, tick) {
  if (typeof node === "string") return document.createTextNode(node);
  const children = drawn(node.children ?? [], tick);
  if (node.tag === "a") return link(node.href ?? "", children);
  if (!TAGS.has(node.tag)) return h("span", {}, ...children);
  const tag = /** @type {"p"} */ (node.tag.replace(/^h[1-6]$/, (name) => `h${Math.min(6, Number(name[1]) + 2)}`)); // below the title's level
  if (node.tag === "pre") return h("pre", { tabIndex: 0 }, node.text ?? "");
  const element = h(tag, {}, node.text ?? null, ...children);
  if (node.start !== undefined) element.setAttribute("start", String(node.start));
  if (node.line === undefined) return element;
  element.className = "has-box";
  element.prepend(box(node, element.textContent ?? "", tick));
  return element;
}

/** @param {{checked?: boolean, line?: number}} node @param {string} text @param {?Tick} tick */
function box({ checked = false, line = 0 }, text, tick) {
  const input = h("input", { type: "checkbox", checked, disabled: !tick, "aria-label": text.slice(0, 100) });
  input.addEventListener("change", () => tick?.(line, input.checked));
  return input;
}

/** A link that opens elsewhere and tells nothing of this page; only its text for an address of another kind. @param {string} href @param {Node[]} children */
function link(href, children) {
  const url = URL.parse?.(href, location.href) ?? null;
  if (!url || !SCHEMES.has(url.protocol)) return h("span", {}, ...children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", class: "link" }, ...children);
}

/** The notes with the check box of one line changed. @param {string} text @param {number} line @param {boolean} checked */
export function ticked(text, line, checked) {
  const lines = text.split("\n");
  const before = lines[line] ?? "";
  lines[line] = before.replace(/\[[ xX]\]/, checked ? "[x]" : "[ ]");
  return lines.join("\n");
}
