import { h, icon, setAttribute, setColor } from "../../core/dom.js";
import { PRIORITIES } from "../../core/priorities.js";
import { isWritable, ofList, peopleOf, shownName, sortedLists } from "../../core/selectors.js";
import { avatar } from "../accounts/avatar.js";
import { prioritySign } from "../items/priority.js";
import { fitting, fold, isComplete, openSign } from "./signs.js";

/**
 * Names to choose from below a line for a new task, behind the signs @, #, * and !. They are those that the page has in
 * memory, so nothing is asked for. The focus stays in the field, as in the combobox pattern of WAI-ARIA.
 *
 * @typedef {{names: string[], text: string, hint?: string, picture: () => Node}} Suggestion   `names`: the first is shown;
 *   `text`: what is written behind the sign
 * @typedef {import("./signs.js").OpenSign} OpenSign
 */

const MOST = 8;
const EDGE = 8; // px between the names and the window's edge
const GAP = 4; // and between them and the field
let count = 0;

export class Suggestions {
  /** @type {Suggestion[]} */
  #shown = [];
  #active = -1;
  /** @type {?OpenSign} */
  #open = null;
  #closed = -1; // where the sign stands behind which nothing is suggested any more

  /**
   * @param {Object} parts
   * @param {HTMLInputElement} parts.input
   * @param {import("../../core/model.js").Model} parts.model
   * @param {() => ?string} parts.list   the list that the task goes to
   */
  constructor({ input, model, list }) {
    this.input = input;
    this.model = model;
    this.list = list;
    const id = `suggestions-${(count += 1)}`;
    this.node = h("ul", { class: "suggestions", role: "listbox", id, "aria-label": "Suggestions", popover: "manual" });
    (input.closest("dialog, aside, main") ?? document.body).append(this.node);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": id, "aria-expanded": "false" })) input.setAttribute(name, value);
    this.node.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    input.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    for (const name of ["input", "click"]) input.addEventListener(name, () => this.update());
    input.addEventListener("keyup", ({ key }) => ["ArrowLeft", "ArrowRight", "Home", "End"].includes(key) && this.update());
    input.addEventListener("blur", () => this.#hide());
    new ResizeObserver(() => this.#place()).observe(input.closest("form, section") ?? input); // chips come below the line
  }

  /** Shows what fits the name at the caret. */
  update() {
    const { value, selectionStart, selectionEnd } = this.input;
    const open = selectionStart === selectionEnd && document.activeElement === this.input && !this.input.readOnly ? openSign(value, selectionStart ?? 0) : null;
    if (open?.start !== this.#closed) this.#closed = -1;
    if (!open || open.start === this.#closed) return this.#hide();
    const found = fitting(this.#of(open.sign), open.query).slice(0, MOST);
    const isDone = isComplete(found, open.query);
    if (!found.length || (found.length === 1 && isDone)) return this.#hide();
    this.#open = open;
    this.#shown = found;
    this.node.replaceChildren(...found.map((each, at) => this.#option(each, at)));
    this.#mark(isDone ? -1 : 0); // Enter is for the task where the name is complete
    setAttribute(this.input, "aria-expanded", "true");
    if (!this.node.matches(":popover-open")) this.node.showPopover();
    this.#place();
  }

  /** @param {string} sign @returns {Suggestion[]} */
  #of(sign) {
    const { shown } = this.model;
    const list = this.list() ?? "";
    const dot = (/** @type {string} */ color) => setColor(h("span", { class: "dot" }), color);
    switch (sign) {
      case "@":
        return named(peopleOf(shown, shown.lists.get(list))).map(({ person, text }) => ({ names: [shownName(person), person.username], text, ...(shownName(person) === person.username ? {} : { hint: `@${person.username}` }), picture: () => avatar(person, 1) }));
      case "#":
        return sortedLists(shown).filter((each) => isWritable(shown, each)).map(({ name, color, kind }) => ({ names: [name], text: name, picture: () => (kind === "everyone" ? icon("globe") : dot(color)) }));
      case "*":
        return ofList(shown.labels, list).sort((a, b) => a.name.localeCompare(b.name)).map(({ name, color }) => ({ names: [name], text: /^\p{L}\S*$/u.test(name) ? name : `"${name}"`, picture: () => dot(color) }));
      default:
        return [...PRIORITIES].reverse().slice(0, -1).map(([value, name], at) => ({ names: [name, String(at + 1)], text: value, hint: String(at + 1), picture: () => prioritySign(value) ?? h("span", {}) }));
    }
  }

  /** @param {Suggestion} suggestion @param {number} at */
  #option({ names, hint, picture }, at) {
    const node = h("li", { role: "option", id: `${this.node.id}-${at}` }, picture(), h("span", { class: "suggestion-name", dir: "auto" }, names[0]), hint && h("span", { class: "suggestion-hint" }, hint));
    node.addEventListener("click", () => this.#take(at));
    node.addEventListener("pointermove", () => at !== this.#active && this.#mark(at));
    return node;
  }

  /** @param {number} at  -1 for none */
  #mark(at) {
    this.#active = at;
    [...this.node.children].forEach((node, index) => setAttribute(node, "aria-selected", String(index === at)));
    setAttribute(this.input, "aria-activedescendant", at < 0 ? null : `${this.node.id}-${at}`);
    this.node.children[at]?.scrollIntoView({ block: "nearest" });
  }

  #hide() {
    this.#open = null;
    if (!this.node.matches(":popover-open")) return;
    this.node.hidePopover();
    setAttribute(this.input, "aria-expanded", "false");
    setAttribute(this.input, "aria-activedescendant", null);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.#open || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const takes = (event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.#active >= 0;
    if (step) this.#mark((this.#active + step + this.#shown.length + Number(this.#active < 0 && step < 0)) % this.#shown.length);
    else if (takes) this.#take(this.#active);
    else if (event.key === "Escape") this.#close();
    else return event.key === "Enter" && this.#hide();
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Nothing more behind this sign. */
  #close() {
    this.#closed = this.#open?.start ?? -1;
    this.#hide();
  }

  /** Writes the name into the line. @param {number} at */
  #take(at) {
    const { input } = this;
    const suggestion = this.#shown[at];
    if (!this.#open || !suggestion) return;
    const end = input.selectionEnd ?? input.value.length;
    const isSpaced = /^\s/.test(input.value.slice(end));
    input.setRangeText(`${this.#open.sign}${suggestion.text}${isSpaced ? "" : " "}`, this.#open.start, end, "end");
    this.#close();
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  /** Below the sign, or above it where there is more room. */
  #place() {
    if (!this.#open || !this.node.matches(":popover-open")) return;
    const field = this.input.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const below = innerHeight - field.bottom - GAP - EDGE;
    const isBelow = below >= height || below >= field.top;
    const left = Math.max(EDGE, Math.min(field.left + this.#offset(), document.documentElement.clientWidth - EDGE - width));
    this.node.style.setProperty("--left", `${left}px`);
    this.node.style.setProperty("--top", `${isBelow ? field.bottom + GAP : Math.max(EDGE, field.top - GAP - height)}px`);
  }

  /** How far the sign is from the field's edge, in px. */
  #offset() {
    const { font, direction, paddingLeft } = getComputedStyle(this.input);
    const context = document.createElement("canvas").getContext("2d");
    if (!context || !this.#open || direction === "rtl") return 0;
    context.font = font;
    return parseFloat(paddingLeft) + context.measureText(this.input.value.slice(0, this.#open.start)).width - this.input.scrollLeft;
  }
}

/** People by a name that means one of them alone. @param {import("../../core/types.js").Person[]} people */
function named(people) {
  const names = Map.groupBy(people, (person) => fold(shownName(person)));
  return people.map((person) => ({ person, text: names.get(fold(shownName(person)))?.length === 1 ? shownName(person) : person.username }));
}
