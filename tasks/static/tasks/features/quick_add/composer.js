import { button, find, h, setText } from "../../core/dom.js";
import { roleIn } from "../../core/selectors.js";
import { targetOf } from "../../core/target.js";
import { counted, lengthOf, linesOf, MOST, oneLine, plain, quoted, withoutMarks } from "../../core/text.js";
import { Chosen } from "./chosen.js";
import { QuickLine } from "./line.js";

/**
 * The field for a new task at the foot of a list, with its properties below while it has the focus. Enter adds it, with Shift
 * and opens it. Each list has a draft of its own. When the list is no longer accessible, the draft stays in the field, and the
 * field is locked.
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
   * @param {import("./reader.js").Reader} parts.reader
   * @param {import("./adding.js").QuickAdd} parts.quickAdd
   * @param {(property: import("../items/pickers.js").Property, anchor: HTMLElement, draft: import("../items/pickers.js").Draft) => void} parts.pick
   * @param {(id: string) => void} parts.reveal
   * @param {(list: string, task: string) => void} parts.open
   */
  constructor({ model, reader, quickAdd, pick, reveal, open }) {
    this.model = model;
    this.quickAdd = quickAdd;
    this.reveal = reveal;
    this.open = open;
    this.form = find("composer");
    this.input = /** @type {HTMLInputElement} */ (find("new-task"));
    this.notice = find("composer-notice");
    this.line = new QuickLine({ input: this.input, chips: find("composer-chips"), reader, model, list: () => this.chosen.list, onRefuse: () => this.input.focus(), onShow: (spans) => this.chosen.read(spans) });
    this.chosen = new Chosen({ model, pick, target: () => ({ list: this.#list, fields: targetOf(model).fields }), onChosen: () => this.input.focus() });
    find("composer-chips").before(this.chosen.node);
    for (const name of ["focusin", "focusout"]) this.form.addEventListener(name, () => find("main").classList.toggle("composing", name === "focusin"));
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("paste", (event) => this.#pasted(event));
    this.input.addEventListener("keydown", (event) => this.#key(event));
  }

  show() {
    const { model } = this;
    if (!model.loaded) return;
    const list = model.missing?.id ?? targetOf(model).list;
    const text = (list && model.composers.get(list)) ?? "";
    const isOther = list !== this.#list;
    if (isOther) this.#question = null;
    this.#list = list;
    if (isOther) this.chosen.clear();
    else this.chosen.update();
    this.#locked = this.#whyLocked(text);
    this.form.hidden = !list || (!!this.#locked && !text);
    this.input.readOnly = !!this.#locked;
    if (this.input.value !== text) this.input.value = text;
    this.input.dataset.touched = String(!!text);
    this.input.placeholder = this.#placeholder();
    this.line.update();
    this.#showNotice();
  }

  /** Short, for a phone: to which list a task for today goes stands below the field. */
  #placeholder() {
    if (targetOf(this.model).fields.due_date) return "Add a task for today";
    const name = this.model.shown.lists.get(this.#list ?? "")?.name;
    return name ? `Add a task to ${plain(name)}` : "Add a task";
  }

  /** Whether the view has the field. */
  get isThere() {
    return !this.form.hidden;
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
    const { missing, shown } = this.model;
    if (missing) return `You are not in ${missing.name ? quoted(missing.name) : "this list"} any more, so this cannot be added. Copy it, or discard it.`;
    const list = shown.lists.get(targetOf(this.model).list ?? "");
    if (list?.archived_at) return text ? "This list is archived now, so this cannot be added. Copy it, or discard it." : "archived";
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
    this.line.update();
    this.#showNotice();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.#question) this.#ask(null);
    else if (event.key === "Escape") this.input.blur();
    else if (event.key === "Enter" && event.shiftKey) this.#submit(event, true);
  }

  /** @param {Event} event @param {boolean} [opens]  whether to open the new task */
  #submit(event, opens = false) {
    event.preventDefault();
    const { line } = this.line;
    const { list, fields } = this.chosen;
    if (!line.text.trim() || !list || !this.#list || this.#locked || lengthOf(line.text.trim()) > MOST.title) return;
    const id = this.quickAdd.add({ ...line, list }, fields, this.model.selected.view);
    this.model.compose(this.#list, "");
    this.input.value = "";
    this.line.clear();
    this.chosen.clear();
    this.#ask(null);
    const to = this.model.shown.tasks.get(id)?.list ?? list;
    if (opens) this.open(to, id);
    else this.#reveal(id, to);
  }

  /** Shows the new task, unless it belongs to another list than the one on the screen. @param {string} id @param {string} list */
  #reveal(id, list) {
    const { selected } = this.model;
    if (selected.view.kind !== "list" || selected.list === list) this.reveal(id);
  }

  /** @param {string[]} lines */
  async #addLines(lines) {
    const { list, fields } = this.chosen;
    if (!list) return;
    this.#ask([`Reading ${lines.length} lines …`]);
    const ids = await this.quickAdd.addAll(list, lines, fields);
    this.chosen.clear();
    this.#ask(null);
    const id = ids.at(-1) ?? "";
    this.#reveal(id, this.model.shown.tasks.get(id)?.list ?? list);
  }

  /** Offers to make several tasks of several lines. @param {ClipboardEvent} event */
  #pasted(event) {
    const lines = linesOf(event.clipboardData?.getData("text/plain") ?? "");
    if (lines.length < 2 || this.#locked) return;
    event.preventDefault();
    const single = lines.join(" ");
    const texts = withoutMarks(lines);
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
    this.#ask([`${lines.length} lines were pasted.`, [`Add ${lines.length} tasks`, () => void this.#addLines(texts)], ["Paste as one line", one], ["Cancel", () => this.#ask(null)]]);
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
