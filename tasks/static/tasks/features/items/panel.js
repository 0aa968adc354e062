import { ago } from "../../core/dates.js";
import { isDirty } from "../../core/drafts.js";
import { find, h, hasFocus, icon, iconButton, setAttribute, setColor, setText } from "../../core/dom.js";
import { nameOf, roleIn, sortedLists } from "../../core/selectors.js";
import { plain, quoted } from "../../core/text.js";
import { CommitSelect } from "../../shell/commit-select.js";
import { ask } from "../../shell/dialog.js";
import { DueProperty } from "./due.js";
import { Editor } from "./editor.js";
import { NotesBox } from "./notes-box.js";
import { PRIORITIES } from "./priority.js";

/**
 * The details of one task, in a panel beside the list, or over it on narrow screens.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").TaskList} List
 */
export class Panel {
  /** @type {?string} */
  #id = null;
  /** @type {?Task} */
  #task = null;
  /** @type {?Parts} */
  #parts = null;

  /**
   * @param {import("./editor.js").EditorParts & {close: () => void, go: (list: string, task: string) => void,
   *   onOpen: () => void, onClose: (id: string, hadFocus: boolean) => void}} options
   */
  constructor(options) {
    this.options = options;
    this.panel = find("detail");
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.options.close());
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  show() {
    const { model } = this.options;
    if (!model.loaded) return;
    const id = model.selected.task;
    const task = id ? (model.shown.tasks.get(id) ?? this.#ghost(id)) : undefined;
    if (!task) return this.#hide(id);
    if (id !== this.#id) this.#build(task.id);
    this.#task = task;
    const list = model.shown.lists.get(task.list);
    this.#update(task, list, roleIn(model.shown, list) !== "viewer" && model.shown.tasks.has(task.id));
  }

  focus() {
    if (this.isOpen && !hasFocus(this.panel)) this.panel.focus({ preventScroll: true });
  }

  /** @param {Task} task @param {"title" | "notes"} field */
  focusField(task, field) {
    if (this.#id === task.id) this.#parts?.[field].focus();
  }

  /** A deleted task is still shown while it has an unsaved text. @param {string} id */
  #ghost(id) {
    const drafts = /** @type {const} */ (["title", "notes"]).map((field) => this.options.model.draft(id, field));
    return drafts.find((draft) => draft?.place === "panel" && isDirty(draft))?.task;
  }

  /** @param {?string} wanted */
  #hide(wanted) {
    const task = this.#task;
    const shown = this.#id;
    this.#id = this.#task = this.#parts = null;
    if (this.isOpen) {
      const focused = hasFocus(this.panel);
      this.panel.hidden = true;
      this.panel.replaceChildren();
      document.body.classList.remove("with-detail");
      this.options.onClose(shown ?? "", focused);
    }
    if (!wanted) return;
    const known = task?.id === wanted;
    const text = known ? `${quoted(task.title)} is gone: somebody deleted it.` : "This task does not exist any more, or you have no access to it.";
    this.options.toasts.show({ text });
    this.options.close();
  }

  /** @param {string} id */
  #build(id) {
    this.#id = id;
    this.#parts = new Parts(this.options, {
      task: () => /** @type {Task} */ (this.#task),
      move: (list) => this.#move(list),
    });
    this.panel.replaceChildren(...this.#parts.nodes);
    const wasOpen = this.isOpen;
    this.panel.hidden = false;
    this.panel.scrollTo(0, 0);
    document.body.classList.add("with-detail");
    if (!wasOpen) this.options.onOpen();
  }

  /** @param {Task} task @param {List | undefined} list @param {boolean} writable */
  #update(task, list, writable) {
    const { model } = this.options;
    const lists = sortedLists(model.shown).filter((each) => each.id === task.list || roleIn(model.shown, each) !== "viewer");
    setAttribute(this.panel, "aria-label", `Details of ${plain(task.title)}`);
    this.#parts?.update(task, { list, lists, writable, history: this.#historyOf(task) });
  }

  /** @param {Task} task */
  #historyOf(task) {
    const { shown } = this.options.model;
    const by = (/** @type {?number} */ person, /** @type {string} */ moment) => `${person === shown.me?.id ? "you" : nameOf(shown, person)} ${ago(moment)}`;
    const added = by(task.created_by, task.created_at);
    const changed = by(task.updated_by, task.updated_at);
    return `Added by ${added}.${changed === added ? "" : ` Last changed by ${changed}.`}`;
  }

  /** Asks before a task is moved to Everyone. @param {string} to */
  async #move(to) {
    const task = this.#task;
    const list = this.options.model.shown.lists.get(to);
    if (!task || !list) return;
    if (list.kind === "everyone") {
      const text = `${quoted(task.title)} and its notes will be visible to all people here.`;
      if (!(await ask({ title: "Show this task to everyone?", text, yes: "Show to everyone" }))) return this.show();
    }
    this.options.actions.move(task, to);
    this.options.go(to, task.id);
  }
}

/** The panel's elements, for one task. */
class Parts {
  /** @param {import("./editor.js").EditorParts & {close: () => void}} options @param {{task: () => Task, move: (list: string) => void}} calls */
  constructor(options, { task, move }) {
    const { actions } = options;
    const send = (/** @type {string} */ what) => (/** @type {any} */ fields) => actions.edit(task(), fields, `the change of the ${what} of`);
    this.check = h("input", { type: "checkbox", onchange: () => actions.complete(task(), this.check.checked) });
    this.title = new Editor(options, { field: "title", place: "panel", label: "Title" });
    this.notes = new Editor(options, { field: "notes", place: "panel", label: "Notes" });
    this.notes.input.placeholder = "Notes";
    this.notesBox = new NotesBox(this.notes);
    this.due = new DueProperty({ send: send("due date") });
    const setPriority = (/** @type {string} */ priority) => void send("priority")({ priority });
    this.priority = new CommitSelect({ label: "Priority", options: PRIORITIES, commit: setPriority, commitsOnLeave: true });
    this.list = new CommitSelect({ label: "List", commit: move });
    this.history = h("p", { class: "history" });
    this.remove = h("button", { type: "button", class: "button danger quiet-button", onclick: () => actions.remove(task()) }, icon("trash"), "Delete");
    this.dot = h("span", { class: "dot" });
    this.listName = h("span", { class: "detail-list", dir: "auto" });
    const property = (/** @type {string} */ label, /** @type {string} */ name, /** @type {HTMLElement} */ input) =>
      h("div", { class: "property" }, h("span", {}, icon(name), label), input);
    this.nodes = [
      h("header", { class: "detail-bar" }, this.dot, this.listName, h("span", { class: "bar-space" }), iconButton("close", "Close the details", options.close)),
      h("div", { class: "detail-title" }, this.check, this.title.node),
      h("div", { class: "properties" }, this.due.node, property("Priority", "flag", this.priority.node), property("List", "list", this.list.node)),
      this.notesBox.node,
      h("footer", { class: "detail-foot" }, this.history, this.remove),
    ];
  }

  /** @param {Task} task @param {{list: List | undefined, lists: List[], writable: boolean, history: string}} context */
  update(task, { list, lists, writable, history }) {
    this.title.update(task, writable);
    this.notes.update(task, writable);
    this.notesBox.show();
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    setAttribute(this.check, "aria-label", `Complete ${plain(task.title)}`);
    setText(this.listName, list?.name ?? "");
    if (list) setColor(this.dot, list.color);
    this.due.update(task, writable);
    this.priority.update(task.priority, writable);
    this.list.setOptions(lists.map(({ id, name, kind }) => [id, kind === "everyone" ? `${name} (all people)` : name]));
    this.list.update(task.list, writable);
    this.check.disabled = this.remove.disabled = !writable;
    setText(this.history, history);
  }
}
