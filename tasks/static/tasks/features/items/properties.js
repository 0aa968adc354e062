import { dueLabel, otherZone } from "../../core/dates.js";
import { h, icon, setAttribute } from "../../core/dom.js";
import { PRIORITIES } from "../../core/priorities.js";
import { nameOf, personOf } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";
import { knows } from "../objects.js";
import { labelChips } from "./chips.js";
import { prioritySign } from "./priority.js";
import { ruleText } from "./rule-text.js";

/**
 * A task's properties in the panel: one button each, which opens what it is chosen with.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("./pickers.js").Property} Property
 */
export class Properties {
  /** @type {[Property, PropertyButton][]} */
  #buttons;

  /** @param {{open: (property: Property, anchor: HTMLElement) => void}} calls */
  constructor({ open }) {
    /** @type {[Property, string, boolean][]} */
    const all = [["due", "Due", true], ["priority", "Priority", true], ["assignee", "Assignee", knows("task", "assignee")], ["labels", "Labels", knows("task", "labels")], ["list", "List", true], ["section", "Section", knows("task", "section")]];
    const known = all.filter(([, , isKnown]) => isKnown);
    this.#buttons = known.map(([property, label]) => [property, new PropertyButton(property, label, (anchor) => open(property, anchor))]);
    this.node = h("div", { class: "properties", role: "group", "aria-label": "Properties" }, ...this.#buttons.map(([, { node }]) => node));
  }

  /** @param {Task} task @param {State} state @param {boolean} writable */
  update(task, state, writable) {
    for (const [property, button] of this.#buttons) {
      const { text, nodes, kind = "" } = WORDS[property](task, state);
      button.update(text, nodes, { kind, writable });
      if (property === "section") button.node.hidden = ![...(state.sections?.values() ?? [])].some(({ list }) => list === task.list);
      if (property === "list") button.node.hidden = !!task.parent;
    }
  }
}

class PropertyButton {
  #shown = "";

  /** @param {Property} property @param {string} label @param {(anchor: HTMLElement) => void} open */
  constructor(property, label, open) {
    this.label = label;
    this.node = h("button", { type: "button", class: "property-button", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: () => open(this.node) });
    this.node.dataset.property = property;
  }

  /** @param {string} text  "" for nothing chosen @param {() => Node[]} nodes @param {{kind: string, writable: boolean}} how */
  update(text, nodes, { kind, writable }) {
    this.node.disabled = !writable;
    const key = `${text}|${kind}`;
    if (this.#shown === key) return;
    this.#shown = key;
    this.node.className = `property-button ${kind}`;
    this.node.classList.toggle("unset", !text);
    setAttribute(this.node, "aria-label", text ? `${this.label}: ${plain(text)}` : this.label);
    setAttribute(this.node, "title", [this.label, plain(text)].filter(Boolean).join(": "));
    this.node.replaceChildren(...nodes());
  }
}

/** @typedef {{text: string, nodes: () => Node[], kind?: string}} Words  what a button says */

/** @param {string} text */
const label = (text) => h("span", { class: "property-text", dir: "auto" }, text);

/** @type {Record<Property, (task: Task, state: State) => Words>} */
const WORDS = {
  due: (task) => {
    const due = dueLabel(task);
    const repeats = task.recurrence ? `, ${ruleText(task.recurrence)}` : "";
    const there = otherZone(task);
    const text = due ? [due.text + repeats, there].filter(Boolean).join(" · ") : "";
    return { text, kind: due && !task.completed ? `due ${due.tone}` : "", nodes: () => [icon(repeats ? "repeat" : "calendar"), label(text || "Due")] };
  },
  priority: ({ priority }) => {
    const text = priority === "none" ? "" : (PRIORITIES.find(([value]) => value === priority)?.[1] ?? priority);
    return { text, kind: `priority ${priority}`, nodes: () => [prioritySign(priority) ?? icon("flag"), label(text || "Priority")] };
  },
  assignee: ({ assignee }, state) => {
    const person = assignee ? personOf(state, assignee) : null;
    const text = assignee ? nameOf(state, assignee) : "";
    return { text, nodes: () => [person ? avatar(person, 1) : icon("person"), label(text || "Assignee")] };
  },
  labels: ({ labels = [] }, state) => {
    const chips = labelChips(labels, state, 20);
    const spaced = chips.flatMap((chip) => [chip, document.createTextNode(" ")]); // so that the names are words
    return { text: chips.map(({ title }) => title).join(" "), nodes: () => (chips.length ? spaced : [icon("label"), label("Labels")]), kind: chips.length ? "with-labels" : "" };
  },
  list: ({ list }, state) => {
    const { name = "", kind } = state.lists.get(list) ?? {};
    return { text: kind === "everyone" ? `${name} (all people)` : name, nodes: () => [icon(kind === "everyone" ? "globe" : "list"), label(name)] };
  },
  section: ({ section }, state) => {
    const name = state.sections?.get(section ?? "")?.name ?? "";
    return { text: name, nodes: () => [icon("section"), label(name || "Section")] };
  },
};
