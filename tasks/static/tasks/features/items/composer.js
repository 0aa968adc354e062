import { button, find, h, setText } from "../../core/dom.js";
import { roleIn } from "../../core/selectors.js";
import { counted, lengthOf, linesOf, MOST, oneLine } from "../../core/text.js";

/**
 * The field for a new task. Each list has a draft of its own. When the list is no longer accessible, the draft stays in
 * the field, and the field is locked.
 *
 * @typedef {import("../../core/types.js").Choice} Choice
 */

const MOST_LINES = 200;

export class Composer {
  /** @type {?string} */
  #list = null;
  #locked = "";
  /** @type {?[string, ...Choice[]]} */
  #question = null;
  #shown = "";

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {(list: string, title: string) => string} parts.add      → the new task's id
   * @param {(id: string) => void} parts.reveal
   */
  constructor({ model, add, reveal }) {
    this.model = model;
    this.add = add;
    this.reveal = reveal;
    this.form = find("composer");
    this.input = /** @type {HTMLInputElement} */ (find("new-task"));
    this.notice = find("composer-notice");
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("paste", (event) => this.#pasted(event));
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.#escape());
  }

  show() {
    const { model } = this;
    if (!model.loaded) return;
    const list = model.missing?.id ?? model.selected.list;
    const text = (list && model.composers.get(list)) ?? "";
    if (list !== this.#list) this.#question = null;
    this.#list = list;
    this.#locked = this.#whyLocked(text);
    this.form.hidden = !list || (!!this.#locked && !text);
    this.input.readOnly = !!this.#locked;
    if (this.input.value !== text) this.input.value = text;
    this.input.dataset.touched = String(!!text);
    this.#showNotice();
  }

  /** @param {string} [text]  appended to the draft */
  focus(text = "") {
    if (text && this.#list) {
      const present = this.model.composers.get(this.#list);
      this.model.compose(this.#list, present ? `${present} ${text}` : text);
      this.show();
    }
    this.input.focus();
  }

  /** @param {string} text  what was typed */
  #whyLocked(text) {
    const { missing, shown, selected } = this.model;
    if (missing) return `You are not in ${missing.name ? `“${missing.name}”` : "this list"} any more, so this cannot be added. Copy it, or discard it.`;
    const list = shown.lists.get(selected.list ?? "");
    if (list && roleIn(shown, list) === "viewer") return text ? "You may only read this list now, so this cannot be added. Copy it, or discard it." : "viewer";
    return "";
  }

  #typed() {
    const text = oneLine(this.input.value);
    if (text !== this.input.value) {
      const caret = this.input.selectionEnd;
      this.input.value = text;
      this.input.setSelectionRange(caret, caret);
    }
    if (this.#list) this.model.compose(this.#list, this.input.value);
    this.input.dataset.touched = String(!!this.input.value);
    this.#showNotice();
  }

  #escape() {
    if (this.#question) this.#ask(null);
    else this.input.blur();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const title = this.input.value.trim();
    if (!title || !this.#list || this.#locked || lengthOf(title) > MOST.title) return;
    this.model.compose(this.#list, "");
    this.input.value = "";
    this.#addAll([title]);
  }

  /** @param {string[]} titles */
  #addAll(titles) {
    const list = this.#list;
    if (!list) return;
    const ids = titles.map((title) => this.add(list, title));
    this.#ask(null);
    this.reveal(ids.at(-1) ?? "");
  }

  /** Offers to make several tasks of several lines. @param {ClipboardEvent} event */
  #pasted(event) {
    const lines = linesOf(event.clipboardData?.getData("text/plain") ?? "");
    if (lines.length < 2 || this.#locked) return;
    event.preventDefault();
    const single = lines.join(" ");
    const one = () => {
      this.#ask(null);
      this.input.focus();
      this.input.setRangeText(single, this.input.selectionStart ?? 0, this.input.selectionEnd ?? 0, "end");
      this.#typed();
    };
    const long = lines.filter((line) => lengthOf(line) > MOST.title).length;
    if (lines.length > MOST_LINES || long) {
      const why = long ? `${counted(long, "line")} of ${lines.length} are longer than ${MOST.title} characters.` : `These are ${lines.length} lines; ${MOST_LINES} can be added at once.`;
      return this.#ask([why, ["Paste as one line", one], ["Cancel", () => this.#ask(null)]]);
    }
    this.#ask([`${lines.length} lines were pasted.`, [`Add ${lines.length} tasks`, () => this.#addAll(lines)], ["Paste as one line", one], ["Cancel", () => this.#ask(null)]]);
    this.notice.querySelector("button")?.focus();
  }

  /** @param {?[string, ...Choice[]]} question */
  #ask(question) {
    const asked = this.#question;
    this.#question = question;
    this.#showNotice();
    if (asked && !question) this.input.focus();
  }

  #discard() {
    if (this.#list) this.model.compose(this.#list, "");
    this.model.onChange();
  }

  #showNotice() {
    const over = lengthOf(this.input.value) - MOST.title;
    const tooLong = over > 0 ? `Too long to add: ${over} more than the ${MOST.title} characters that fit.` : "";
    /** @type {[string, ...Choice[]]} */
    const locked = [this.#locked, ["Discard", () => this.#discard()]];
    const [text, ...choices] = this.#locked ? locked : (this.#question ?? [tooLong]);
    this.input.setAttribute("aria-invalid", String(over > 0));
    this.notice.hidden = !text;
    const key = [text, ...choices.map(([label]) => label)].join("|");
    if (key === this.#shown) return;
    this.#shown = key;
    const said = h("p", { class: "notice-text", dir: "auto" });
    setText(said, text);
    this.notice.replaceChildren(said, h("div", { class: "choices" }, ...choices.map(([label, call]) => button(label, call, "small"))));
  }
}
