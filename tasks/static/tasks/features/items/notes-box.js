import { isDirty } from "../../core/drafts.js";
import { button, h, hasFocus, setText } from "../../core/dom.js";
import { drawn, isMarkdown, ticked } from "./notes-view.js";

/**
 * The notes in the panel: so high at most that the rest of the task stays in sight, until all of them are asked for. While
 * nobody edits them they are shown as Markdown, if there is any in them; a click or Enter goes to the text.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("./notes-view.js").Tree} Tree
 */
const MOST_KEPT = 20;
const RETRY = 10_000; // ms

export class NotesBox {
  /** @type {?Task} */
  #task = null;
  #writable = false;
  /** @type {Map<string, Tree[]>} */
  #trees = new Map(); // by text
  #asked = "";
  #drawn = "";

  /**
   * @param {import("./editor.js").Editor} editor
   * @param {{parse: (text: string) => Promise<Tree[]>, change: (notes: string) => void}} calls   `parse`: the server's tree of a text
   */
  constructor(editor, { parse, change }) {
    this.editor = editor;
    this.parse = parse;
    this.change = change;
    this.input = editor.input;
    this.all = button("Show all", () => this.#toggle(), "small quiet-button");
    this.all.hidden = true;
    this.text = h("div", { class: "notes-text", dir: "auto", hidden: true });
    this.pencil = button("Edit notes", () => this.edit(), "small quiet-button");
    this.node = h("div", { class: "notes-box" }, this.text, editor.node, h("div", { class: "notes-buttons" }, this.pencil, this.all));
    this.input.addEventListener("input", () => this.#fold());
    this.input.addEventListener("focus", () => this.#show());
    this.input.addEventListener("blur", () => setTimeout(() => this.#show()));
    this.text.addEventListener("click", ({ target }) => this.#writable && target instanceof Element && !target.closest("a, input") && !String(getSelection()) && this.edit());
    new ResizeObserver(() => this.#fold()).observe(this.input);
  }

  /** @param {Task} task @param {boolean} writable */
  update(task, writable) {
    this.#task = task;
    this.#writable = writable;
    this.#show();
  }

  edit() {
    this.#setEditing(true);
    this.editor.focus();
  }

  #show() {
    const task = this.#task;
    if (!task) return;
    const draft = this.editor.model.draft(task.id, "notes");
    const editing = hasFocus(this.editor.node) || (!!draft && isDirty(draft)) || !isMarkdown(task.notes);
    const tree = editing ? undefined : this.#treeOf(task.notes);
    this.#setEditing(!tree);
    if (tree) this.#draw(task.notes, tree);
    this.#fold();
  }

  /** @param {boolean} editing */
  #setEditing(editing) {
    this.editor.node.hidden = !editing;
    this.text.hidden = editing;
    this.pencil.hidden = editing || !this.#writable;
  }

  /** @param {string} text @param {Tree[]} tree */
  #draw(text, tree) {
    const key = `${this.#writable} ${text}`;
    if (this.#drawn === key) return;
    this.#drawn = key;
    const tick = this.#writable ? (/** @type {number} */ line, /** @type {boolean} */ checked) => this.change(ticked(text, line, checked)) : null;
    this.text.replaceChildren(...drawn(tree, tick));
  }

  /** The text's tree; undefined until it has come, and while the server can't be reached. @param {string} text */
  #treeOf(text) {
    const known = this.#trees.get(text);
    if (known || this.#asked === text) return known;
    this.#asked = text;
    this.parse(text).then(
      (tree) => {
        if (this.#trees.size >= MOST_KEPT) this.#trees.clear();
        this.#trees.set(text, tree);
        if (this.#asked === text) this.#asked = "";
        if (this.#task?.notes === text) this.#show();
      },
      () => setTimeout(() => this.#askAgain(text), RETRY), // meanwhile the text itself is shown
    );
    return undefined;
  }

  /** @param {string} text  that the server did not read */
  #askAgain(text) {
    if (this.#asked !== text) return;
    this.#asked = "";
    if (this.#task?.notes === text && this.node.isConnected) this.#show();
  }

  /** The button is there while there is more than fits. */
  #fold() {
    const shown = this.text.hidden ? this.input : this.text;
    this.all.hidden = !this.#isWhole && shown.scrollHeight <= shown.clientHeight + 1;
  }

  get #isWhole() {
    return this.node.classList.contains("whole");
  }

  #toggle() {
    this.node.classList.toggle("whole");
    setText(this.all, this.#isWhole ? "Show less" : "Show all");
    this.all.setAttribute("aria-expanded", String(this.#isWhole));
    this.all.scrollIntoView({ block: "nearest" });
  }
}
