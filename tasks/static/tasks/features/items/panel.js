import { ago } from "../../core/dates.js";
import { isDirty } from "../../core/drafts.js";
import { find, h, hasFocus, icon, setAttribute, setText } from "../../core/dom.js";
import { isWritable, nameOf, subtasksOf } from "../../core/selectors.js";
import { plain, quoted } from "../../core/text.js";
import { knows } from "../objects.js";
import { Editor } from "./editor.js";
import { NotesBox } from "./notes-box.js";
import { PanelBar } from "./panel-bar.js";
import { Properties } from "./properties.js";
import { Subtasks } from "./subtasks.js";

const TRY_MS = 500;
const TRIES = 20; // for which the details of a task that has left its list wait for its event

/**
 * The details of one task, in a panel beside the list, or over it on narrow screens.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").TaskList} List
 *
 * @typedef {{node: HTMLElement, update: (task: Task, writable: boolean) => void}} PanelPart
 *
 * @typedef {Object} PanelParts
 * @property {() => void} close
 * @property {(task: Task) => void} open             opens another task
 * @property {(property: import("./pickers.js").Property, anchor: HTMLElement, ids: string[]) => void} pick
 * @property {(text: string) => Promise<import("./notes-view.js").Tree[]>} parseNotes
 * @property {(id: string, step: number) => Task | undefined} [beside]   the task before or after this one in the view
 * @property {import("../quick_add/adding.js").QuickAdd} quickAdd   makes subtasks
 * @property {(() => PanelPart)[]} [parts]           further parts, below the subtasks
 * @property {(id: string) => Promise<boolean>} isReadable   whether the server still has the task for the person
 * @property {() => void} onOpen
 * @property {(id: string, hadFocus: boolean) => void} onClose
 */
export class Panel {
  /** @type {?string} */
  #id = null;
  /** @type {?Task} */
  #task = null;
  /** @type {?Parts} */
  #parts = null;
  #missed = ""; // the task that is not there any more, but may only have been moved

  /** @param {import("./editor.js").EditorParts & PanelParts} options */
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
    if (!task) return id && id === this.#task?.id ? this.#miss(id) : this.#hide(id);
    this.#missed = "";
    if (id !== this.#id) this.#build(task.id);
    this.#task = task;
    const list = model.shown.lists.get(task.list);
    this.#update(task, list, isWritable(model.shown, list) && model.shown.tasks.has(task.id));
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

  /**
   * The task has left its list. If it was moved to one that the person can read, the list's event shows it again, sooner or later:
   * until then its details stay as they are.
   * @param {string} id
   */
  async #miss(id) {
    if (this.#missed === id) return;
    this.#missed = id;
    const isOffline = () => this.options.model.status === "offline"; // nothing is asked meanwhile, nor given up
    for (let tries = 0; tries < TRIES && (isOffline() || (await this.options.isReadable(id))); tries += isOffline() ? 0 : 1) {
      await new Promise((resolve) => setTimeout(resolve, TRY_MS));
      if (this.#missed !== id) return; // it has come, or another one was opened
    }
    if (this.#missed === id && this.options.model.selected.task === id) this.#hide(id);
  }

  /** @param {?string} wanted */
  #hide(wanted) {
    this.#missed = "";
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
    const text = known ? `${quoted(task.title)} is gone: it was deleted, or moved to where you have no access.` : "This task does not exist any more, or you have no access to it.";
    this.options.toasts.show({ text });
    this.options.close();
  }

  /** @param {string} id */
  #build(id) {
    this.#id = id;
    this.#parts = new Parts(this.options, () => /** @type {Task} */ (this.#task));
    this.panel.replaceChildren(...this.#parts.nodes);
    const wasOpen = this.isOpen;
    this.panel.hidden = false;
    this.panel.scrollTo(0, 0);
    document.body.classList.add("with-detail");
    if (!wasOpen) this.options.onOpen();
  }

  /** @param {Task} task @param {List | undefined} list @param {boolean} writable */
  #update(task, list, writable) {
    setAttribute(this.panel, "aria-label", `Details of ${plain(task.title)}`);
    this.#parts?.update(task, { list, writable, history: this.#historyOf(task) });
  }

  /** @param {Task} task */
  #historyOf(task) {
    const { shown } = this.options.model;
    const by = (/** @type {?number} */ person, /** @type {string} */ moment) => `${person === shown.me?.id ? "you" : nameOf(shown, person)} ${ago(moment)}`;
    const added = by(task.created_by, task.created_at);
    const changed = by(task.updated_by, task.updated_at);
    return [`Added by ${added}.`, changed === added ? "" : `Last changed by ${changed}.`].filter(Boolean).join(" ");
  }
}

/** The panel's elements, for one task. */
class Parts {
  /** @param {import("./editor.js").EditorParts & PanelParts} options @param {() => Task} task */
  constructor(options, task) {
    const { actions, model } = options;
    this.model = model;
    this.bar = new PanelBar(options, task);
    this.check = h("input", { type: "checkbox", onchange: () => actions.complete(task(), this.check.checked) });
    this.title = new Editor(options, { field: "title", place: "panel", label: "Title" });
    this.notes = new Editor(options, { field: "notes", place: "panel", label: "Notes" });
    this.notes.input.placeholder = "Notes";
    this.notesBox = new NotesBox(this.notes, { parse: options.parseNotes, change: (notes) => actions.edit(task(), { notes }) });
    this.properties = new Properties({ open: (property, anchor) => options.pick(property, anchor, [task().id]) });
    this.subtasks = knows("task", "parent") ? new Subtasks({ actions, quickAdd: options.quickAdd, open: options.open, task }) : null;
    this.further = (options.parts ?? []).map((make) => make());
    this.history = h("p", { class: "history" });
    this.remove = h("button", { type: "button", class: "button danger quiet-button", onclick: () => actions.remove(task()) }, icon("trash"), "Delete");
    const more = [this.subtasks?.node, ...this.further.map(({ node }) => node)].filter((node) => node !== undefined);
    this.nodes = [
      this.bar.node,
      h("div", { class: "detail-title" }, this.check, this.title.node),
      this.properties.node,
      this.notesBox.node,
      ...more,
      h("footer", { class: "detail-foot" }, this.history, this.remove),
    ];
  }

  /** @param {Task} task @param {{list: List | undefined, writable: boolean, history: string}} context */
  update(task, { list, writable, history }) {
    const { shown } = this.model;
    this.title.update(task, writable);
    this.notes.update(task, writable);
    this.notesBox.update(task, writable);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    setAttribute(this.check, "aria-label", `Complete ${plain(task.title)}`);
    this.bar.update(task, list, shown.tasks.get(task.parent ?? ""));
    this.properties.update(task, shown, writable);
    this.subtasks?.update(task, subtasksOf(shown, task.id), writable);
    for (const part of this.further) part.update(task, writable);
    this.check.disabled = this.remove.disabled = !writable;
    setText(this.history, history);
  }
}
