import { ago } from "../../core/dates.js";
import { h, icon, iconButton, setColor, setText } from "../../core/dom.js";
import { isDirty } from "../../core/drafts.js";
import { nameOf, roleIn, sortedLists } from "../../core/selectors.js";
import { quoted } from "./actions.js";
import { Editor } from "./editor.js";

export const PRIORITIES = [["none", "None"], ["low", "Low"], ["medium", "Medium"], ["high", "High"], ["urgent", "Urgent"]];

/** All of one task, in a panel beside the list. */
export class Detail {
  #id = null;
  #task = null;
  #lists = "";

  constructor(app, find) {
    this.app = app;
    this.panel = find("detail");
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.close());
  }

  show() {
    const { model } = this.app;
    if (!model.loaded) return;
    const id = model.selected.task;
    const task = id && (model.shown.tasks.get(id) ?? this.#ghost(id));
    if (!task) return this.#hide(id);
    if (id !== this.#id) this.#build(id);
    this.#task = task;
    const list = model.shown.lists.get(task.list);
    this.#update(task, list, roleIn(model.shown, list) !== "viewer" && model.shown.tasks.has(id));
  }

  close() {
    this.app.navigate(this.app.model.selected.list, null);
  }

  focus() {
    if (!this.panel.contains(document.activeElement)) this.panel.focus({ preventScroll: true });
  }

  /** A task that is gone is still shown while one's own text in it is not settled. */
  #ghost(id) {
    const drafts = ["title", "notes"].map((field) => this.app.model.draft(id, field));
    return drafts.find((draft) => draft?.place === "panel" && isDirty(draft))?.task;
  }

  #hide(id) {
    const task = this.#task;
    const shown = this.#id;
    this.#id = this.#task = null;
    if (!this.panel.hidden) {
      const focused = this.panel.contains(document.activeElement);
      this.panel.hidden = true;
      this.panel.replaceChildren();
      document.body.classList.remove("with-detail");
      if (focused) this.app.focusRow(shown);
    }
    if (!id) return;
    if (task?.id === id) this.app.toasts.show({ text: `${quoted(task.title)} is gone: somebody deleted it.` });
    this.close();
  }

  #build(id) {
    const { app } = this;
    this.#id = id;
    this.#lists = "";
    const send = (fields) => app.actions.editTask(this.#task, fields);
    const field = (label, name, ...inputs) => h("label", { class: "property" }, h("span", {}, icon(name), label), ...inputs);
    this.check = h("input", { type: "checkbox", onchange: () => app.actions.complete(this.#task, this.check.checked) });
    this.title = new Editor(app, { field: "title", place: "panel", label: "Title" });
    this.notes = new Editor(app, { field: "notes", place: "panel", label: "Notes", lines: true });
    this.notes.input.placeholder = "Notes";
    this.date = h("input", { type: "date", "aria-label": "Due date", max: "9999-12-31", onchange: () => this.#due(send) });
    this.time = h("input", { type: "time", "aria-label": "Due time", onchange: () => send({ due_time: this.time.value || null }) });
    this.noDate = iconButton("close", "Remove the date", () => send({ due_date: null, due_time: null, due_zone: null }), "small");
    const options = PRIORITIES.map(([value, label]) => h("option", { value }, label));
    this.priority = h("select", { onchange: () => send({ priority: this.priority.value }) }, ...options);
    this.list = h("select", { onchange: () => this.#move(send) });
    this.history = h("p", { class: "history" });
    const remove = () => app.actions.removeTask(this.#task);
    this.remove = h("button", { type: "button", class: "button danger quiet-button", onclick: remove }, icon("trash"), "Delete");
    this.listName = h("span", { class: "detail-list" });
    this.dot = h("span", { class: "dot" });
    const inputs = h("span", { class: "due-inputs" }, this.date, this.time, this.noDate);
    const due = h("div", { class: "property", role: "group", "aria-label": "Due" }, h("span", {}, icon("calendar"), "Due"), inputs);
    const close = iconButton("close", "Close the details", () => this.close());
    this.panel.replaceChildren(
      h("header", { class: "detail-bar" }, this.dot, this.listName, h("span", { class: "bar-space" }), close),
      h("div", { class: "detail-title" }, this.check, this.title.node),
      this.notes.node,
      h("div", { class: "properties" }, due, field("Priority", "flag", this.priority), field("List", "list", this.list)),
      h("footer", { class: "detail-foot" }, this.history, this.remove),
    );
    this.panel.hidden = false;
    this.panel.scrollTo(0, 0);
    document.body.classList.add("with-detail");
  }

  #update(task, list, writable) {
    this.title.update(task, writable);
    this.notes.update(task, writable);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.setAttribute("aria-label", `Complete ${task.title}`);
    setText(this.listName, list?.name ?? "");
    if (list) setColor(this.dot, list.color);
    setValue(this.date, task.due_date ?? "");
    setValue(this.time, (task.due_time ?? "").slice(0, 5));
    this.time.hidden = this.noDate.hidden = !task.due_date;
    setValue(this.priority, task.priority);
    this.#showLists(task.list);
    for (const input of [this.check, this.date, this.time, this.noDate, this.priority, this.list, this.remove]) input.disabled = !writable;
    setText(this.history, this.#historyOf(task));
  }

  #showLists(current) {
    const { shown } = this.app.model;
    const lists = sortedLists(shown).filter((each) => each.id === current || roleIn(shown, each) !== "viewer");
    const key = JSON.stringify(lists.map(({ id, name }) => [id, name]));
    if (key !== this.#lists) this.list.replaceChildren(...lists.map(({ id, name }) => h("option", { value: id }, name)));
    this.#lists = key;
    this.list.value = current;
  }

  #historyOf(task) {
    const { shown } = this.app.model;
    const by = (person, moment) => `${person === shown.me?.id ? "you" : nameOf(shown, person)} ${ago(moment)}`;
    const added = by(task.created_by, task.created_at);
    const changed = by(task.updated_by, task.updated_at);
    return `Added by ${added}.${changed === added ? "" : ` Last changed by ${changed}.`}`;
  }

  /** A year that is only half typed is no date yet. */
  #due(send) {
    const day = this.date.value;
    if (!day && !this.date.validity.badInput) send({ due_date: null, due_time: null, due_zone: null });
    else if (day >= "1900") send({ due_date: day });
  }

  #move(send) {
    send({ list: this.list.value });
    this.app.navigate(this.list.value, this.#id);
  }
}

/** A field that somebody is in is theirs until they leave it. */
function setValue(input, value) {
  if (input !== document.activeElement && input.value !== value) input.value = value;
}
