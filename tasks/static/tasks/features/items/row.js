import { dueLabel } from "../../core/dates.js";
import { h, icon, iconButton, setText } from "../../core/dom.js";
import { Editor } from "./editor.js";

/** One task in the list. It is laid out anew only if something that it shows has changed. */
export class Row {
  #shown = {};
  #editor = null;

  constructor(app, task) {
    this.app = app;
    this.task = task;
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => app.actions.complete(this.task, this.check.checked) });
    this.title = h("button", { type: "button", class: "title", onclick: () => this.edit() });
    this.meta = h("span", { class: "meta" });
    this.body = h("div", { class: "body" }, this.title, this.meta);
    this.more = iconButton("chevron", "Details", () => this.open(), "more");
    this.remove = iconButton("trash", "Delete", () => app.actions.removeTask(this.task), "remove");
    this.node = h("li", { class: "task" }, this.check, this.body, this.remove, this.more);
    this.node.dataset.id = task.id;
    this.node.addEventListener("click", ({ target }) => [this.node, this.body, this.meta].includes(target) && this.open());
    this.node.addEventListener("animationend", ({ animationName }) => animationName === "changed" && this.node.classList.remove("changed"));
  }

  /** @param context  {writable, selected: an id, waiting: ids, minute}: with what all rows are shown */
  update(task, context) {
    const draft = this.app.model.draft(task.id, "title");
    const editing = draft?.place === "row";
    const { writable } = context;
    const selected = context.selected === task.id;
    const unsaved = context.waiting.has(task.id);
    const minute = task.due_date ? context.minute : 0;
    const shown = { task, writable, selected, unsaved, minute };
    if (!editing && !this.#editor && Object.keys(shown).every((name) => shown[name] === this.#shown[name])) return;
    this.#shown = shown;
    this.task = task;
    this.node.className = `task${task.completed ? " completed" : ""}${selected ? " selected" : ""}${this.#flashing()}`;
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = this.remove.hidden = !writable;
    setText(this.title, task.title);
    this.#label();
    this.#showMeta(task, unsaved);
    this.#showEditor(editing, writable);
  }

  edit() {
    if (!this.#shown.writable) return this.open();
    this.app.model.edit(this.task, "title", "row");
    this.#showEditor(true, true);
    this.#editor.focus();
  }

  open() {
    this.app.navigate(this.task.list, this.task.id, this.more);
  }

  /** Draws the eye to what somebody else has changed. */
  flash() {
    this.node.classList.remove("changed");
    void this.node.offsetWidth; // starts the animation again
    this.node.classList.add("changed");
  }

  #flashing() {
    return this.node.classList.contains("changed") ? " changed" : "";
  }

  #label() {
    const { title, priority } = this.task;
    if (this.labelled === title + priority) return;
    this.labelled = title + priority;
    this.check.setAttribute("aria-label", `Complete ${title}${priority === "none" ? "" : `, priority ${priority}`}`);
    this.title.setAttribute("aria-label", `Edit ${title}`);
    this.more.setAttribute("aria-label", `Details of ${title}`);
    this.remove.setAttribute("aria-label", `Delete ${title}`);
  }

  #showMeta(task, unsaved) {
    const due = dueLabel(task);
    const chips = [
      due && h("span", { class: `chip due ${task.completed ? "later" : due.tone}` }, icon("calendar"), due.text),
      task.notes && h("span", { class: "chip", title: "Has notes" }, icon("notes"), h("span", { class: "visually-hidden" }, "Has notes")),
      unsaved && h("span", { class: "chip unsaved", title: "It is sent when the connection is back" }, icon("unsaved"), "Not saved yet"),
    ].filter(Boolean);
    if (chips.length || this.meta.firstChild) this.meta.replaceChildren(...chips);
  }

  #showEditor(editing, writable) {
    if (editing && !this.#editor) {
      this.#editor = new Editor(this.app, { field: "title", place: "row", label: "Title" });
      this.title.hidden = true;
      this.body.prepend(this.#editor.node);
    }
    if (editing) return this.#editor.update(this.task, writable);
    if (!this.#editor) return;
    const focused = this.#editor.node.contains(document.activeElement);
    const { node } = this.#editor;
    this.#editor = null; // first: removing the node makes it lose the focus
    node.remove();
    this.title.hidden = false;
    if (focused) this.title.focus({ preventScroll: true });
  }
}
