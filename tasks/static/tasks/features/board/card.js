import { Children } from "../../core/children.js";
import { dueLabel, otherZone } from "../../core/dates.js";
import { h, icon, setAttribute, setColor, setText } from "../../core/dom.js";
import { personOf, remindedAt, subtasksOf } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";
import { bell } from "../items/chips.js";
import { prioritySign } from "../items/priority.js";

/**
 * A task on a board. The number of its subtasks unfolds them.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{complete: (task: Task, completed: boolean) => void, open: (task: Task) => void, unfolded?: Set<string>}} CardParts   `unfolded`: the ids of
 *   the tasks whose subtasks are shown
 * @typedef {{writable: boolean, selected: ?string, active: ?string, minute: number, state: import("../../core/types.js").State, progress: Map<string, {all: number, done: number}>}} CardContext
 */
const MOST_LABELS = 3;

export class Card {
  /** @type {any[]} */
  #shown = [];

  /** @type {?CardContext} */
  #context = null;

  /** @param {CardParts} parts @param {Task} task */
  constructor({ complete, open, unfolded = new Set() }, task) {
    this.task = task;
    this.unfolded = unfolded;
    const press = (/** @type {Task} */ pressed, /** @type {boolean} */ completed) => {
      this.#shown = []; // the check is ahead of it: the card is drawn again even if the change is refused before the next frame
      complete(pressed, completed);
    };
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => press(this.task, this.check.checked) });
    this.text = h("span", { class: "title-text" });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: () => open(this.task) }, this.text);
    this.meta = h("span", { class: "card-meta" });
    this.count = h("span");
    this.toggle = h("button", { type: "button", class: "chip card-toggle", onclick: () => this.#unfold() }, icon("subtasks"), this.count);
    this.list = h("ul", { class: "card-subtasks", role: "list" });
    this.subtasks = new Children(this.list, (subtask) => new CardSubtask({ complete: press, open }, subtask));
    this.node = h("li", { class: "card" }, this.check, h("div", { class: "card-body" }, this.title, this.meta), this.list);
    this.node.dataset.id = task.id;
    this.node.addEventListener("click", ({ target }) => target instanceof Element && !target.closest("button, input") && open(this.task));
  }

  /** @param {Task} task @param {CardContext} context */
  update(task, context) {
    const { writable, selected, active, minute, state, progress } = context;
    this.#context = context;
    const more = /** @type {any} */ (task);
    const labels = (more.labels ?? []).map((/** @type {string} */ id) => /** @type {any} */ (state).labels?.get(id)).filter(Boolean);
    const person = more.assignee ? personOf(state, more.assignee) : undefined;
    const part = progress.get(task.id);
    const subtasks = part && this.unfolded.has(task.id) ? subtasksOf(state, task.id) : [];
    const shown = [task, writable, selected === task.id, active === task.id, task.due_date && minute, person, part?.all, part?.done, remindedAt(state, task.id), subtasks.length, ...subtasks, ...labels];
    if (shown.length === this.#shown.length && shown.every((each, at) => each === this.#shown[at])) return;
    this.#shown = shown;
    this.task = task;
    this.node.classList.toggle("selected", selected === task.id);
    setAttribute(this.node, "aria-current", selected === task.id ? "true" : null);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = !writable;
    for (const control of this.controls) control.tabIndex = active === task.id ? 0 : -1;
    setText(this.text, task.title);
    setAttribute(this.check, "aria-label", `Complete ${plain(task.title)}`);
    this.#showSubtasks(part, subtasks, { writable, isActive: active === task.id });
    this.#showMeta(task, { labels, person, part, state });
  }

  #unfold() {
    if (!this.unfolded.delete(this.task.id)) this.unfolded.add(this.task.id);
    if (this.#context) this.update(this.task, this.#context);
  }

  /** @param {{all: number, done: number} | undefined} part @param {Task[]} subtasks @param {{writable: boolean, isActive: boolean}} context */
  #showSubtasks(part, subtasks, context) {
    setText(this.count, part ? `${part.done}/${part.all}` : "");
    const what = part ? `${part.done} of ${part.all} subtasks completed` : "";
    setAttribute(this.toggle, "title", `${what}: ${subtasks.length ? "hide" : "show"} them`);
    setAttribute(this.toggle, "aria-label", `${this.count.textContent}, ${what}`);
    setAttribute(this.toggle, "aria-expanded", String(subtasks.length > 0));
    this.list.hidden = !subtasks.length;
    this.subtasks.show(subtasks, context);
  }

  /** @param {Task} task @param {{labels: any[], person: import("../../core/types.js").Person | undefined, part: {all: number, done: number} | undefined, state: import("../../core/types.js").State}} more */
  #showMeta(task, { labels, person, part, state }) {
    const due = dueLabel(task);
    const chips = [
      prioritySign(task.priority),
      due && h("span", { class: `chip due ${due.tone}`, title: otherZone(task) || null }, icon("calendar"), due.text),
      /** @type {any} */ (task).recurrence && h("span", { class: "chip", title: "Repeats" }, icon("repeat"), h("span", { class: "visually-hidden" }, "Repeats")),
      bell(task, state),
      ...labels.slice(0, MOST_LABELS).map(({ name, color }) => setColor(h("span", { class: "label", dir: "auto" }, name), color)),
      part && this.toggle,
      task.notes && h("span", { class: "chip", title: "Has notes" }, icon("notes"), h("span", { class: "visually-hidden" }, "Has notes")),
      person && avatar(person, 1),
    ].filter((chip) => chip instanceof Node);
    const isFocused = document.activeElement === this.toggle;
    if (chips.length || this.meta.firstChild) this.meta.replaceChildren(...chips);
    if (isFocused) this.toggle.focus({ preventScroll: true });
  }

  flash() {
    this.node.classList.remove("changed");
    requestAnimationFrame(() => this.node.classList.add("changed"));
  }

  /** The focusable elements, in tab order. @returns {HTMLElement[]} */
  get controls() {
    return [this.check, this.title, this.toggle];
  }
}

/** A subtask below its task: commands by key are about it while it has the focus. */
class CardSubtask {
  /** @param {CardParts} parts @param {Task} task */
  constructor({ complete, open }, task) {
    this.task = task;
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => complete(this.task, this.check.checked) });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: () => open(this.task) });
    this.node = h("li", { class: "subtask" }, this.check, this.title);
    this.node.dataset.id = task.id;
  }

  /** @param {Task} task @param {{writable: boolean, isActive: boolean}} context */
  update(task, { writable, isActive }) {
    this.task = task;
    setText(this.title, task.title);
    this.node.classList.toggle("completed", task.completed);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = !writable;
    this.check.tabIndex = this.title.tabIndex = isActive ? 0 : -1;
    setAttribute(this.check, "aria-label", `Complete ${plain(task.title)}`);
  }
}
