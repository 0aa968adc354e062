import { dueLabel } from "../../core/dates.js";
import { h, hasFocus, icon, setAttribute, setColor, setText } from "../../core/dom.js";
import { isSame } from "../../core/kinds.js";
import { nameOf, remindedAt } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { bell, dueChip, face, labelChips } from "./chips.js";
import { Editor } from "./editor.js";
import { prioritySign } from "./priority.js";

/**
 * One task in the list. It is updated only if something that it shows has changed.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").State} State
 *
 * @typedef {Object} RowContext   with what all rows are shown
 * @property {object} stamp         another one if anything of this has changed but for the tasks
 * @property {(task: Task) => boolean} mayWrite
 * @property {?string} selected
 * @property {?string} active
 * @property {Set<string>} waiting
 * @property {number} minute
 * @property {State} state
 * @property {boolean} spans        the view shows tasks of several lists, so each names its own
 * @property {Map<string, {all: number, done: number}>} progress
 * @property {(task: Task) => boolean} isNested   whether it stands below its parent
 *
 * @typedef {import("./editor.js").EditorParts & {open: (task: Task) => void, toolbar: import("./toolbar.js").Toolbar}} RowParts
 */
const MOST_LABELS = 2;
const BESIDE_TITLE = /** @type {const} */ (["list", "parent", "priority", "due_date", "due_time", "due_zone", "recurrence", "labels", "notes", "assignee", "completed"]); // the task's fields beside its title

export class Row {
  /** @type {Record<string, any>} */
  #shown = {};
  /** @type {?object} */
  #stamp = null;
  /** @type {?Editor} */
  #editor = null;

  /** @param {RowParts} parts @param {Task} task */
  constructor(parts, task) {
    this.parts = parts;
    this.task = task;
    const { open } = parts;
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => this.#complete() });
    this.text = h("span", { class: "title-text" });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: () => open(this.task), ondblclick: () => this.edit() }, this.text);
    this.meta = h("span", { class: "meta" });
    this.tools = h("span", { class: "tools" });
    this.body = h("div", { class: "body" }, this.title, this.tools, this.meta);
    this.node = h("li", { class: "task" }, this.check, this.body);
    this.node.dataset.id = task.id;
    this.node.addEventListener("click", ({ target }) => [this.node, this.body, this.meta].some((each) => each === target) && open(this.task));
    this.node.addEventListener("animationend", ({ animationName }) => animationName === "changed" && this.node.classList.remove("changed"));
  }

  /** The focusable elements of a row, in tab order. @returns {HTMLElement[]} */
  get controls() {
    return [this.check, this.title, ...this.parts.toolbar.buttonsIn(this)];
  }

  get isEditing() {
    return !!this.#editor;
  }

  get isWritable() {
    return !!this.#shown.writable;
  }

  end() {
    this.parts.toolbar.leave(this);
  }

  /** @param {Task} task @param {RowContext} context */
  update(task, context) {
    const draft = this.parts.model.draft(task.id, "title");
    const editing = draft?.place === "row";
    const isAlone = !task.parent && !context.progress.has(task.id) && !this.#shown.progress;
    const isOfTask = isAlone && context.stamp === this.#stamp && !editing && !this.#editor; // nothing but the task itself can differ
    const before = this.#shown.task;
    if (isOfTask && task === before) return;
    const isTitle = before && task !== before && BESIDE_TITLE.every((name) => isSame(task[name], before[name]));
    if (isOfTask && isTitle) {
      this.task = this.#shown.task = task;
      return this.#showTitle(dueLabel(task), context);
    }
    this.#stamp = context.stamp;
    const shown = shownOf(task, context);
    const differing = Object.keys(shown).filter((name) => /** @type {any} */ (shown)[name] !== this.#shown[name]);
    if (!editing && !this.#editor && !differing.length) return;
    this.#shown = shown;
    this.task = task;
    const due = dueLabel(task);
    if (!isTitle || differing.length > 1) {
      this.#showState();
      this.#showMeta(due, context, shown.unsaved);
    }
    this.#showTitle(due, context);
    this.#showEditor(editing, shown.writable);
  }

  /** @param {ReturnType<typeof dueLabel>} due @param {RowContext} context */
  #showTitle(due, { state }) {
    setText(this.text, this.task.title);
    this.#label(due, state);
    this.parts.toolbar.update(this);
  }

  #showState() {
    const { task, selected, active, writable, nested } = this.#shown;
    for (const [name, on] of Object.entries({ completed: task.completed, selected, nested })) this.node.classList.toggle(name, on);
    setAttribute(this.node, "aria-current", selected ? "true" : null);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = !writable;
    for (const control of [this.check, this.title]) setAttribute(control, "tabindex", active ? 0 : -1); // one tab stop for the list; arrow keys move between rows
  }

  edit() {
    if (!this.isWritable) return this.parts.open(this.task);
    this.parts.model.edit(this.task, "title", "row");
    this.#showEditor(true, true);
    this.#editor?.focus();
  }

  /** The check is ahead of what the row was drawn of: it is drawn again even if the change is refused before the next frame. */
  #complete() {
    this.#shown.task = null;
    this.parts.actions.complete(this.task, this.check.checked);
  }

  /** Highlights a change by somebody else. */
  flash() {
    const { classList } = this.node;
    if (!classList.contains("changed")) return classList.add("changed");
    classList.remove("changed"); // it begins again
    requestAnimationFrame(() => classList.add("changed"));
  }

  /** @param {ReturnType<typeof dueLabel>} due @param {State} state */
  #label(due, state) {
    const { priority, completed, assignee, title } = this.task;
    const more = [
      due && `due ${due.text}`,
      due?.tone === "late" && !completed && "late",
      this.task.recurrence && "repeats",
      this.#shown.reminded && "with a reminder",
      priority !== "none" && `priority ${priority}`,
      assignee && `assigned to ${nameOf(state, assignee).replace(/^You$/, "you")}`,
    ];
    setAttribute(this.check, "aria-label", [`Complete ${plain(title)}`, ...more.filter(Boolean)].join(", "));
  }

  /** @param {ReturnType<typeof dueLabel>} due @param {RowContext} context @param {boolean} unsaved */
  #showMeta(due, { state, progress, spans }, unsaved) {
    const { task } = this;
    const part = progress.get(task.id);
    const list = spans ? state.lists.get(task.list) : undefined;
    const chips = [
      prioritySign(task.priority),
      dueChip(task, due),
      bell(task, state),
      ...labelChips(task.labels ?? [], state, MOST_LABELS),
      part && h("span", { class: "chip", title: `${part.done} of ${part.all} subtasks completed` }, icon("subtasks"), `${part.done}/${part.all}`),
      task.notes && h("span", { class: "chip notes-sign", title: "Has notes" }, icon("notes"), h("span", { class: "visually-hidden" }, "Has notes")),
      list && h("span", { class: "chip of-list", title: `In ${list.name}` }, setColor(h("span", { class: "dot" }), list.color), h("span", { class: "chip-text", dir: "auto" }, list.name)),
      unsaved && h("span", { class: "chip unsaved", title: "It is sent when the connection is back. The words of a new task are read then" }, icon("unsaved"), "Not saved yet"),
      face(task, state),
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
    if (focused) this.title.focus({ preventScroll: true });
  }
}

/** What a row shows, as values to compare. @param {Task} task @param {RowContext} context */
function shownOf(task, { mayWrite, selected, active, waiting, minute, state, spans, progress, isNested }) {
  const part = progress.get(task.id);
  return {
    task,
    writable: mayWrite(task),
    selected: selected === task.id,
    active: active === task.id,
    unsaved: waiting.has(task.id),
    minute: task.due_date ? minute : 0,
    reminded: remindedAt(state, task.id),
    labels: task.labels?.length ? state.labels : null,
    person: task.assignee ? state.members : null,
    list: spans ? state.lists.get(task.list) : null,
    progress: part ? `${part.done}/${part.all}` : "",
    nested: isNested(task),
  };
}
