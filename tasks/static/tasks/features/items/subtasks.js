import { Children } from "../../core/children.js";
import { h, iconButton, setAttribute, setText } from "../../core/dom.js";
import { Stamp } from "../../core/stamp.js";
import { plain } from "../../core/text.js";
import { QuickLine } from "../quick_add/line.js";
import { dueChip, face } from "./chips.js";

/**
 * A task's subtasks in the panel, with a field for a new one, whose words are understood as those of any new task.
 *
 * @typedef {import("../../core/types.js").Task} Task
 *
 * @typedef {Object} SubtaskParts
 * @property {import("./actions.js").TaskActions} actions
 * @property {import("../quick_add/adding.js").QuickAdd} quickAdd
 * @property {(task: Task) => void} open
 * @property {() => Task} task        their parent
 */
export class Subtasks {
  /** @param {SubtaskParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.count = h("span", { class: "count" });
    this.list = h("ul", { class: "subtasks", role: "list" });
    this.children = new Children(this.list, () => new Subtask(parts));
    this.input = h("input", { class: "subtask-new", placeholder: "Add a subtask", "aria-label": "Add a subtask", autocomplete: "off", maxLength: 500, dir: "auto", enterKeyHint: "done" });
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && this.#add());
    this.input.addEventListener("input", () => this.line.update());
    const chips = h("div", { class: "quick-chips", hidden: true });
    this.field = h("div", { class: "subtask-field" }, h("span", { class: "quick-field" }, this.input), chips);
    const { reader, model } = parts.quickAdd;
    this.line = new QuickLine({ reader, model, input: this.input, chips, list: () => parts.task().list, onRefuse: () => this.input.focus() });
    this.node = h("section", { class: "panel-part" }, h("h2", {}, "Subtasks", this.count), this.list, this.field);
  }

  /** @param {Task} task @param {Task[]} subtasks @param {boolean} writable */
  update(task, subtasks, writable) {
    this.node.hidden = !!task.parent || (!writable && !subtasks.length);
    this.field.hidden = !writable;
    setText(this.count, subtasks.length ? `${subtasks.filter(({ completed }) => completed).length}/${subtasks.length}` : "");
    this.children.show(subtasks, { writable, minute: Math.floor(Date.now() / 60_000), state: this.parts.quickAdd.model.shown });
  }

  #add() {
    const { list, id } = this.parts.task();
    if (!this.input.value.trim()) return;
    this.parts.quickAdd.add({ ...this.line.line, list }, { parent: id });
    this.input.value = "";
    this.line.clear();
  }
}

class Subtask {
  /** @type {?Task} */
  #task = null;
  #stamp = new Stamp();

  /** @param {SubtaskParts} parts */
  constructor({ actions, open }) {
    const act = (/** @type {(task: Task) => void} */ call) => () => this.#task && call(this.#task);
    this.check = h("input", { type: "checkbox", class: "check", onchange: act((task) => actions.complete(task, this.check.checked)) });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: act(open) });
    this.meta = h("span", { class: "meta" });
    this.out = iconButton("outdent", "Make it a task of its own", act((task) => actions.edit(task, { parent: null }, "moving")), "small");
    this.remove = iconButton("trash", "Delete", act((task) => actions.remove(task)), "small");
    this.node = h("li", { class: "subtask" }, this.check, h("div", { class: "subtask-body" }, this.title, this.meta), this.out, this.remove);
  }

  /** @param {Task} task @param {{writable: boolean, minute: number, state: import("../../core/types.js").State}} context */
  update(task, { writable, minute, state }) {
    this.#task = task;
    if (this.#stamp.isNew(task, minute, state.users)) this.meta.replaceChildren(...[dueChip(task), face(task, state)].filter((chip) => chip instanceof Node));
    const title = plain(task.title);
    setText(this.title, task.title);
    this.node.classList.toggle("completed", task.completed);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = !writable;
    this.out.hidden = this.remove.hidden = !writable;
    setAttribute(this.check, "aria-label", `Complete ${title}`);
    setAttribute(this.out, "aria-label", `Make ${title} a task of its own`);
    setAttribute(this.remove, "aria-label", `Delete ${title}`);
  }
}
