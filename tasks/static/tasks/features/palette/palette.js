import { h, icon, setAttribute, setColor } from "../../core/dom.js";
import { signsOf } from "../../shell/keyboard.js";

/**
 * A field with a list of choices below it, in a dialog: the command palette, and every choice that is made by name (a list
 * to move to, a label, a date). The choices are computed as one types, from memory; nothing is animated.
 *
 * @typedef {Object} Item
 * @property {string} id
 * @property {string} name
 * @property {() => unknown} run
 * @property {string} [hint]       after the name
 * @property {string} [keys]       its shortcut
 * @property {string} [icon]
 * @property {string} [color]      of a dot before the name
 * @property {boolean} [chosen]    has a tick
 * @property {boolean} [stays]     the palette stays open after it
 * @property {boolean} [beyond]    no match, a way to look further
 *
 * @typedef {{name: string, items: Item[]}} Group
 * @typedef {((query: string) => Group[] | Promise<Group[]>) & {none?: (query: string) => string}} Source   groups without
 *   items are not shown; `none` says what is shown where nothing matches
 */
export class Palette {
  /** @type {Item[]} */
  #items = [];
  #at = 0;
  #asked = 0;
  /** @type {Source} */
  #source = () => [];
  /** @type {() => void} */
  #then = () => {};

  constructor() {
    this.input = h("input", { id: "palette-input", type: "text", role: "combobox", autocomplete: "off", spellcheck: false, "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", dir: "auto", enterkeyhint: "go" });
    this.list = h("div", { id: "palette-list", class: "palette-list", role: "listbox", tabIndex: -1 });
    this.none = h("p", { class: "palette-none", role: "status" });
    const close = h("button", { type: "button", class: "icon-button palette-close", "aria-label": "Close", onclick: () => this.close() }, icon("close"));
    this.node = h("dialog", { class: "palette" }, h("div", { class: "palette-box" }, h("div", { class: "palette-field" }, icon("search"), this.input, close), this.list, this.none));
    this.node.addEventListener("pointerdown", ({ target }) => target === this.node && this.close());
    this.node.addEventListener("close", () => this.#closed());
    this.input.addEventListener("input", () => this.#show());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("pointermove", ({ target }) => this.#point(target));
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", ({ target }) => this.#point(target) && this.#run());
  }

  /** @param {{label: string, placeholder: string, source: Source, query?: string}} options */
  open({ label, placeholder, source, query = "" }) {
    this.#source = source;
    setAttribute(this.node, "aria-label", label);
    setAttribute(this.input, "aria-label", label);
    setAttribute(this.list, "aria-label", label);
    this.input.placeholder = placeholder;
    this.input.value = query;
    if (!this.node.isConnected) document.body.append(this.node);
    if (!this.node.open) this.node.showModal();
    this.input.focus();
    this.#show();
  }

  close() {
    this.node.close();
  }

  /** Shows the choices again, after something that they depend on has changed. */
  refresh() {
    if (this.node.open) this.#show(true);
  }

  async #show(keepsPlace = false) {
    const asked = (this.#asked += 1);
    const query = this.input.value.trim();
    const result = this.#source(query);
    const groups = Array.isArray(result) ? result : await result;
    if (asked !== this.#asked) return; // more was typed meanwhile
    const [place, chosen] = keepsPlace ? [this.#at, this.#items[this.#at]?.id] : [0, ""];
    const shown = groups.filter(({ items }) => items.length);
    this.#items = shown.flatMap(({ items }) => items);
    let at = 0;
    this.list.replaceChildren(...shown.map((group, n) => groupNode(group, n, () => at++)));
    this.none.textContent = this.#items.some(({ beyond }) => !beyond) ? "" : (this.#source.none?.(query) ?? "No matches.");
    this.list.hidden = !this.#items.length;
    const same = place > 0 ? this.#items.findIndex(({ id }) => id === chosen) : -1; // choices may have been added above it
    this.#go(same >= 0 ? same : Math.min(place, this.#items.length - 1));
  }

  /** @param {number} at */
  #go(at) {
    this.#at = at;
    for (const option of this.list.querySelectorAll("[role=option]")) {
      const current = option.id === `palette-${at}`;
      setAttribute(option, "aria-selected", String(current));
      if (current) option.scrollIntoView({ block: "nearest" });
    }
    if (at <= 0) this.list.scrollTop = 0;
    setAttribute(this.input, "aria-activedescendant", this.#items.length ? `palette-${at}` : null);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    const { length } = this.#items;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (by && length) this.#go(Math.abs(by) === 1 ? (this.#at + by + length) % length : Math.min(length - 1, Math.max(0, this.#at + by)));
    else if (event.key === "Enter") this.#run();
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) this.close();
    else return;
    event.preventDefault();
  }

  /** @param {EventTarget | null} target */
  #point(target) {
    const option = target instanceof Element ? target.closest("[role=option]") : null;
    if (!option) return false;
    const at = Number(option.id.split("-")[1]);
    if (at !== this.#at) this.#go(at);
    return true;
  }

  #run() {
    const item = this.#items[this.#at];
    if (!item) return;
    if (item.stays) {
      item.run();
      this.#show(true);
      return;
    }
    this.#then = item.run; // once the focus is back where it was
    this.close();
  }

  #closed() {
    const then = this.#then;
    this.#then = () => {};
    this.#asked += 1;
    this.list.replaceChildren();
    then();
  }
}

/** @param {Group} group @param {number} n @param {() => number} next */
function groupNode({ name, items }, n, next) {
  const heading = h("div", { class: "palette-group", id: `palette-group-${n}`, role: "presentation" }, name);
  return h("div", { role: "group", "aria-labelledby": heading.id }, heading, ...items.map((item) => optionNode(item, next())));
}

/** @param {Item} item @param {number} at */
function optionNode({ name, hint, keys, icon: picture, color, chosen }, at) {
  const mark = color === undefined ? h("span", { class: "palette-mark" }, picture ? icon(picture) : null) : h("span", { class: "palette-mark" }, setColor(h("span", { class: "dot" }), color));
  const tick = chosen ? h("span", { class: "palette-tick" }, icon("check"), h("span", { class: "visually-hidden" }, "chosen")) : null;
  const shortcut = keys ? h("span", { class: "palette-keys" }, ...keyNodes(keys)) : null;
  return h("div", { role: "option", id: `palette-${at}`, "aria-selected": "false" }, mark, h("span", { class: "palette-name", dir: "auto" }, name), hint ? h("span", { class: "palette-hint", dir: "auto" }, hint) : null, tick, shortcut);
}

/** @param {string} key */
export const keyNodes = (key) => signsOf(key).map((sign) => (sign === "then" ? h("span", { class: "then" }, "then") : h("kbd", {}, sign)));
