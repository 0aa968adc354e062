import { dueLabel } from "../../core/dates.js";
import { h, icon, setText } from "../../core/dom.js";
import { Lazy } from "../../core/lazy.js";
import { pieces, shifted } from "./ranges.js";

/**
 * A field for a new task. What the server understands of the line is tinted in place and shown as chips below. A click on a
 * chip, or Backspace right behind the words, gives them back: they stay text. Behind a sign, names are suggested.
 *
 * @typedef {import("./reader.js").Span} Span
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("./ranges.js").Range} Range
 */

const SIGN = /(^|\s)[@#*!]/;
const PAUSE = 80; // ms after a key before the server is asked
const HINT_PAUSE = 500; // ms after its answer before it is said what is not understood

/** @type {Record<string, string>} */
const ICONS = { date: "calendar", time: "calendar", recurrence: "repeat", list: "list", assignee: "person", priority: "flag", label: "label", reminder: "bell" };

export class QuickLine {
  /** @type {Span[]} */
  #spans = [];
  /** @type {Range[]} */
  #refused = [];
  #text = "";
  #timer = 0;
  #hintTimer = 0;
  #tinted = "";
  #told = "[]";
  #isWaiting = false; // the line could not be read without a connection

  /**
   * @param {Object} parts
   * @param {HTMLInputElement} parts.input       in an element of its own, over which the tint is laid
   * @param {HTMLElement} parts.chips
   * @param {import("./reader.js").Reader} parts.reader
   * @param {import("../../core/model.js").Model} parts.model
   * @param {() => ?string} parts.list           the list that the task goes to if the line names none
   * @param {(spans: Span[]) => void} [parts.onShow]   this is what is understood now
   * @param {() => void} parts.onRefuse          the line was given back to the person: the focus belongs into the field
   */
  constructor({ input, chips, reader, model, list, onRefuse, onShow = () => {} }) {
    this.onShow = onShow;
    this.input = input;
    this.chips = chips;
    this.reader = reader;
    this.list = list;
    this.onRefuse = onRefuse;
    this.hint = h("p", { class: "quick-hint", role: "status", dir: "auto" });
    chips.after(this.hint);
    this.tint = h("span", { class: "quick-tint", dir: "auto", "aria-hidden": "true" });
    input.before(this.tint);
    input.addEventListener("scroll", () => this.#follow());
    input.addEventListener("keydown", (event) => event.key === "Backspace" && this.#backspace(event));
    const named = () => this.#spans.find(({ kind }) => kind === "list")?.value?.id ?? list();
    const suggestions = new Lazy(async () => new (await import("./suggestions.js")).Suggestions({ input, model, list: named }));
    input.addEventListener("input", () => !suggestions.now && SIGN.test(input.value) && suggestions.use((each) => each.update()));
  }

  /** The line as it is now. @returns {import("./reader.js").Line} */
  get line() {
    return { text: this.input.value, list: this.list(), refused: this.#refused };
  }

  /** The field may have another text: what was understood stays at its words until the server has read it again. */
  update() {
    const text = this.input.value;
    if (text === this.#text && this.#isWaiting && this.reader.isOnline()) this.#read();
    if (text === this.#text) return this.#show();
    this.#spans = shifted(this.#text, text, this.#spans);
    this.#refused = shifted(this.#text, text, this.#refused);
    this.#text = text;
    if (!text.trim()) this.#refused = [];
    clearTimeout(this.#timer);
    this.#hintAt([]);
    if (text.trim()) this.#timer = setTimeout(() => this.#read(), PAUSE);
    this.#show();
  }

  /** Nothing is refused any more: a new task begins. */
  clear() {
    this.#refused = [];
    this.#spans = [];
    this.update();
  }

  async #read() {
    const { line } = this;
    this.#isWaiting = false;
    const reading = this.reader.known(line) ?? (await this.reader.read(line));
    this.#isWaiting = !reading && !this.reader.isOnline();
    if (!reading || line.text !== this.input.value) return;
    this.#spans = reading.spans;
    this.#show();
    this.#hintAt(reading.hints);
  }

  /** What is not understood, once nothing is typed for a while: a name is not complete before. @param {{message: string}[]} hints */
  #hintAt(hints) {
    clearTimeout(this.#hintTimer);
    if (!hints.length) return setText(this.hint, "");
    this.#hintTimer = setTimeout(() => setText(this.hint, hints.map(({ message }) => message).join(" ")), HINT_PAUSE);
  }

  /** @param {Span} span */
  #refuse(span) {
    this.#refused = [...this.#refused, { start: span.start, end: span.end }].sort((a, b) => a.start - b.start);
    this.#spans = this.#spans.filter((each) => each !== span);
    this.#show();
    this.#read();
    this.onRefuse();
  }

  /** @param {KeyboardEvent} event */
  #backspace(event) {
    const { selectionStart, selectionEnd } = this.input;
    const span = selectionStart === selectionEnd && this.#spans.find(({ end }) => end === selectionStart);
    if (!span || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#refuse(span);
  }

  #show() {
    const spans = JSON.stringify(this.#spans);
    const tinted = this.#spans.length ? this.input.value + spans : "";
    if (tinted !== this.#tinted) this.#showTint();
    this.#tinted = tinted;
    if (spans === this.#told) return;
    this.#told = spans;
    this.#showChips();
    this.onShow(this.#spans);
  }

  #showTint() {
    const nodes = this.#spans.length ? pieces(this.input.value, this.#spans).map(({ text, marked }) => (marked ? h("mark", {}, text) : text)) : [];
    this.tint.replaceChildren(h("span", {}, ...nodes));
    if (nodes.length) this.#follow();
  }

  #showChips() {
    const kept = new Map([...this.chips.children].map((node) => [/** @type {HTMLElement} */ (node).dataset.span, node]));
    const nodes = this.#spans.map((span) => {
      const label = labelOf(span);
      const key = `${span.kind}|${label}`;
      const present = /** @type {HTMLButtonElement | undefined} */ (kept.get(key));
      const node = present ?? h("button", { type: "button", class: "quick-chip" }, icon(ICONS[span.kind] ?? "check"), h("span", {}), icon("close"));
      node.dataset.span = key;
      node.onclick = () => this.#refuse(span);
      node.title = "Keep the words as text";
      setText(/** @type {Element} */ (node.children[1]), label);
      node.setAttribute("aria-label", `${label}: keep “${span.text}” as text instead`);
      return node;
    });
    if (nodes.length !== this.chips.children.length || nodes.some((node, at) => node !== this.chips.children[at])) this.chips.replaceChildren(...nodes);
    this.chips.hidden = !nodes.length;
  }

  #follow() {
    const text = this.tint.firstElementChild;
    if (text instanceof HTMLElement) text.style.setProperty("--scrolled", `${-this.input.scrollLeft}px`);
  }
}

/** How a span is said. @param {Span} span */
function labelOf({ kind, text, value }) {
  if (kind === "date" && typeof value === "string") {
    const [day, time] = value.split("T");
    return dueLabel(/** @type {any} */ ({ due_date: day ?? null, due_time: time ?? null, due_zone: null }))?.text ?? text;
  }
  if (kind === "priority" && typeof value === "string") return value.charAt(0).toUpperCase() + value.slice(1);
  if (typeof value?.name === "string") return value.id === null ? `${value.name} (new)` : value.name;
  return text.replace(/^[*]/, "");
}
