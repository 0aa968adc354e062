import { dueLabel, otherZone } from "../../core/dates.js";
import { h, hasFocus, icon, iconButton, setAttribute, setText } from "../../core/dom.js";
import { plain } from "../../core/text.js";
import { Editor } from "./editor.js";
import { prioritySign } from "./priority.js";

/**
 * One task in the list. It is updated only if something that it shows has changed.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{writable: boolean, selected: ?string, active: ?string, waiting: Set<string>, minute: number}} RowContext  with what all rows are shown
 * @typedef {import("./editor.js").EditorParts & {open: (task: Task) => void}} RowParts
 */
export class Row {
  /** @type {Record<string, any>} */
  #shown = {};
  /** @type {?Editor} */
  #editor = null;

  /** @param {RowParts} parts @param {Task} task */
  constructor(parts, task) {
    this.parts = parts;
    this.task = task;
    const { actions, open } = parts;
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => actions.complete(this.task, this.check.checked) });
    this.text = h("span", { class: "title-text" });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: () => open(this.task) }, this.text);
    this.meta = h("span", { class: "meta" });
    this.pencil = iconButton("pencil", "Edit", () => this.edit(), "pencil");
    this.remove = iconButton("trash", "Delete", () => actions.remove(this.task), "remove");
    this.more = iconButton("chevron", "Details", () => open(this.task), "more");
    this.body = h("div", { class: "body" }, this.title, h("span", { class: "tools" }, this.pencil, this.remove, this.more), this.meta);
    this.node = h("li", { class: "task" }, this.check, this.body);
    this.node.dataset.id = task.id;
    this.node.addEventListener("click", ({ target }) => [this.node, this.body, this.meta].some((each) => each === target) && open(this.task));
    this.node.addEventListener("animationend", ({ animationName }) => animationName === "changed" && this.node.classList.remove("changed"));
  }

  /** The focusable elements of a row, in tab order. @returns {HTMLElement[]} */
  get controls() {
    return [this.check, this.title, this.pencil, this.remove, this.more];
  }

  get isEditing() {
    return !!this.#editor;
  }

  /** @param {Task} task @param {RowContext} context */
  update(task, context) {
    const draft = this.parts.model.draft(task.id, "title");
    const editing = draft?.place === "row";
    const { writable } = context;
    const selected = context.selected === task.id;
    const active = context.active === task.id;
    const unsaved = context.waiting.has(task.id);
    const minute = task.due_date ? context.minute : 0;
    const shown = { task, writable, selected, active, unsaved, minute };
    if (!editing && !this.#editor && Object.entries(shown).every(([name, value]) => value === this.#shown[name])) return;
    this.#shown = shown;
    this.task = task;
    for (const [name, on] of Object.entries({ completed: task.completed, selected })) this.node.classList.toggle(name, on);
    setAttribute(this.node, "aria-current", selected ? "true" : null);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = this.remove.hidden = this.pencil.hidden = !writable;
    for (const control of this.controls) control.tabIndex = active ? 0 : -1; // one tab stop for the list; arrow keys move between rows
    setText(this.text, task.title);
    const due = dueLabel(task);
    this.#label(due);
    this.#showMeta(task, due, unsaved);
    this.#showEditor(editing, writable);
  }

  edit() {
    if (!this.#shown.writable) return this.parts.open(this.task);
    this.parts.model.edit(this.task, "title", "row");
    this.#showEditor(true, true);
    this.#editor?.focus();
  }

  /** Highlights a change by somebody else. */
  flash() {
    this.node.classList.remove("changed");
    requestAnimationFrame(() => this.node.classList.add("changed"));
  }

  /** @param {ReturnType<typeof dueLabel>} due */
  #label(due) {
    const { priority, completed } = this.task;
    const title = plain(this.task.title);
    const more = [due && `due ${due.text}`, due?.tone === "late" && !completed && "late", priority !== "none" && `priority ${priority}`].filter(Boolean);
    setAttribute(this.check, "aria-label", [`Complete ${title}`, ...more].join(", "));
    setAttribute(this.pencil, "aria-label", `Edit ${title}`);
    setAttribute(this.more, "aria-label", `Details of ${title}`);
    setAttribute(this.remove, "aria-label", `Delete ${title}`);
  }

  /** @param {Task} task @param {ReturnType<typeof dueLabel>} due @param {boolean} unsaved */
  #showMeta(task, due, unsaved) {
    const chips = [
      prioritySign(task.priority),
      due && h("span", { class: `chip due ${task.completed ? "later" : due.tone}`, title: otherZone(task) || null }, icon("calendar"), due.text),
      task.notes && h("span", { class: "chip", title: "Has notes" }, icon("notes"), h("span", { class: "visually-hidden" }, "Has notes")),
      unsaved && h("span", { class: "chip unsaved", title: "It is sent when the connection is back" }, icon("unsaved"), "Not saved yet"),
    ].filter((chip) => chip instanceof Node);
    if (chips.length || this.meta.firstChild) this.meta.replaceChildren(...chips);
  }

  /** @param {boolean} editing @param {boolean} writable */
  #showEditor(editing, writable) {
    if (editing && !this.#editor) {
      this.#editor = new Editor(this.parts, { field: "title", place: "row", label: "Title" });
      this.title.hidden = true;
      this.body.prepend(this.#editor.node);
    }
    if (editing) return this.#editor?.update(this.task, writable);
    if (!this.#editor) return;
    const focused = hasFocus(this.#editor.node);
    const { node } = this.#editor;
    this.#editor = null; // first: removing the node makes it lose the focus
    node.remove();
    this.title.hidden = false;
    if (focused) (writable ? this.pencil : this.title).focus({ preventScroll: true });
  }
}
