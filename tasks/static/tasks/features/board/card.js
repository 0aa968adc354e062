import { dueLabel, otherZone } from "../../core/dates.js";
import { h, icon, setAttribute, setColor, setText } from "../../core/dom.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";
import { prioritySign } from "../items/priority.js";

/**
 * A task on a board.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {{writable: boolean, selected: ?string, active: ?string, minute: number, state: import("../../core/types.js").State, progress: Map<string, {all: number, done: number}>}} CardContext
 */
const MOST_LABELS = 3;

export class Card {
  /** @type {any[]} */
  #shown = [];

  /** @param {{complete: (task: Task, completed: boolean) => void, open: (task: Task) => void}} parts @param {Task} task */
  constructor({ complete, open }, task) {
    this.task = task;
    this.check = h("input", { type: "checkbox", class: "check", onchange: () => complete(this.task, this.check.checked) });
    this.text = h("span", { class: "title-text" });
    this.title = h("button", { type: "button", class: "title", dir: "auto", onclick: () => open(this.task) }, this.text);
    this.meta = h("span", { class: "card-meta" });
    this.node = h("li", { class: "card" }, this.check, h("div", { class: "card-body" }, this.title, this.meta));
    this.node.dataset.id = task.id;
    this.node.addEventListener("click", ({ target }) => target instanceof Element && !target.closest("button, input") && open(this.task));
  }

  /** @param {Task} task @param {CardContext} context */
  update(task, { writable, selected, active, minute, state, progress }) {
    const more = /** @type {any} */ (task);
    const labels = (more.labels ?? []).map((/** @type {string} */ id) => /** @type {any} */ (state).labels?.get(id)).filter(Boolean);
    const person = state.users.get(more.assignee) ?? (state.me && more.assignee === state.me.id ? state.me : undefined);
    const part = progress.get(task.id);
    const shown = [task, writable, selected === task.id, active === task.id, task.due_date && minute, person, part?.all, part?.done, ...labels];
    if (shown.length === this.#shown.length && shown.every((each, at) => each === this.#shown[at])) return;
    this.#shown = shown;
    this.task = task;
    this.node.classList.toggle("selected", selected === task.id);
    setAttribute(this.node, "aria-current", selected === task.id ? "true" : null);
    this.check.className = `check ${task.priority}`;
    this.check.checked = task.completed;
    this.check.disabled = !writable;
    this.check.tabIndex = this.title.tabIndex = active === task.id ? 0 : -1;
    setText(this.text, task.title);
    setAttribute(this.check, "aria-label", `Complete ${plain(task.title)}`);
    this.#showMeta(task, { labels, person, part });
  }

  /** @param {Task} task @param {{labels: any[], person: import("../../core/types.js").Person | undefined, part: {all: number, done: number} | undefined}} more */
  #showMeta(task, { labels, person, part }) {
    const due = dueLabel(task);
    const chips = [
      prioritySign(task.priority),
      due && h("span", { class: `chip due ${due.tone}`, title: otherZone(task) || null }, icon("calendar"), due.text),
      /** @type {any} */ (task).recurrence && h("span", { class: "chip", title: "Repeats" }, icon("repeat"), h("span", { class: "visually-hidden" }, "Repeats")),
      ...labels.slice(0, MOST_LABELS).map(({ name, color }) => setColor(h("span", { class: "label", dir: "auto" }, name), color)),
      part && h("span", { class: "chip", title: `${part.done} of ${part.all} subtasks completed` }, icon("subtasks"), `${part.done}/${part.all}`),
      task.notes && h("span", { class: "chip", title: "Has notes" }, icon("notes"), h("span", { class: "visually-hidden" }, "Has notes")),
      person && avatar(person, 1),
    ].filter((chip) => chip instanceof Node);
    if (chips.length || this.meta.firstChild) this.meta.replaceChildren(...chips);
  }

  flash() {
    this.node.classList.remove("changed");
    requestAnimationFrame(() => this.node.classList.add("changed"));
  }

  /** The focusable elements, in tab order. @returns {HTMLElement[]} */
  get controls() {
    return [this.check, this.title];
  }
}
