import { h, icon, setAttribute } from "../core/dom.js";
import { Popover } from "./popover.js";

/**
 * A choice in a popover: a list of options, with a field to search in where there are many. Arrow keys go from one to the
 * next, Enter or a click chooses; nothing is changed before.
 *
 * @typedef {Object} Option
 * @property {string} label
 * @property {boolean} [checked]
 * @property {Node} [sign]          before the label
 * @property {string | undefined} [hint]   after it
 * @property {string | undefined} [keys]   its shortcut, where there is a keyboard
 * @property {() => void} run
 *
 * @typedef {Object} Choices
 * @property {string} label         of the popover
 * @property {string} [search]      placeholder of the search; without one, there is none
 * @property {boolean} [several]    whether choosing leaves it open
 * @property {(query: string) => Option[]} options
 */

const MOST = 100;
let count = 0;

export class Picker {
  #active = 0;
  #drawn = "";
  /** @type {Option[]} */
  #options = [];

  /** @param {Choices} choices */
  constructor(choices) {
    this.choices = choices;
    const id = `picker-${(count += 1)}`;
    this.list = h("ul", { role: "listbox", id, "aria-label": choices.label, tabIndex: choices.search ? -1 : 0 });
    if (choices.several) this.list.setAttribute("aria-multiselectable", "true");
    const attributes = { role: "combobox", "aria-label": choices.search, "aria-controls": id, "aria-expanded": "true", "aria-autocomplete": "list" };
    this.input = choices.search ? h("input", { class: "picker-search", placeholder: choices.search, autocomplete: "off", dir: "auto", ...attributes }) : null;
    this.input?.addEventListener("input", () => this.#show(0));
    this.popover = new Popover(choices.label, "picker");
    this.popover.node.append(...(this.input ? [this.input] : []), this.list);
    this.popover.node.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {HTMLElement} anchor */
  open(anchor) {
    this.#options = this.choices.options("");
    this.#show(Math.max(0, this.#options.findIndex(({ checked }) => checked)));
    this.popover.show(anchor, this.input ?? this.list);
    this.#reveal();
    return this;
  }

  /** Draws the options again, since what they stand for has changed. */
  update() {
    if (this.popover.isOpen) this.#show(this.#active);
  }

  /** @param {number} active */
  #show(active) {
    this.#options = this.choices.options(this.input?.value.trim() ?? "").slice(0, MOST);
    this.#active = Math.max(0, Math.min(active, this.#options.length - 1));
    const key = JSON.stringify(this.#options.map(({ label, checked, hint }) => [label, checked, hint]));
    if (key === this.#drawn) return this.#mark();
    this.#drawn = key;
    const nodes = this.#options.map((option, at) => this.#option(option, at));
    this.list.replaceChildren(...nodes, ...(nodes.length ? [] : [h("li", { class: "picker-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing found")]));
    this.#mark();
  }

  /** @param {Option} option @param {number} at */
  #option({ label, checked = false, sign, hint, keys }, at) {
    const text = h("span", { class: "picker-label", dir: "auto" }, label);
    const node = h("li", { role: "option", id: `${this.list.id}-${at}`, "aria-selected": String(checked) }, sign, text, hint && h("span", { class: "picker-hint" }, hint), keys && h("kbd", {}, keys), checked && icon("check"));
    node.addEventListener("click", () => this.#choose(at));
    node.addEventListener("pointermove", () => at !== this.#active && this.#mark(at));
    return node;
  }

  #mark(at = this.#active) {
    this.#active = at;
    [...this.list.children].forEach((node, index) => node.classList.toggle("active", index === at));
    setAttribute(this.input ?? this.list, "aria-activedescendant", this.#options.length ? `${this.list.id}-${at}` : null);
  }

  #reveal() {
    this.list.children[this.#active]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.#options.length - 1;
    const next = { ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, ...(this.input ? {} : { Home: 0, End: last }) }[event.key];
    if (next !== undefined) {
      this.#mark((next + last + 1) % (last + 1 || 1));
      this.#reveal();
    } else if (event.key === "Enter" && !event.isComposing) this.#choose(this.#active);
    else if (event.key === " " && !this.input) this.#choose(this.#active);
    else return;
    event.preventDefault();
  }

  /** @param {number} at */
  #choose(at) {
    const option = this.#options[at];
    if (!option) return;
    if (!this.choices.several) this.popover.close();
    option.run();
    if (!this.choices.several) return;
    if (this.input) this.input.value = "";
    this.#show(at);
  }
}
