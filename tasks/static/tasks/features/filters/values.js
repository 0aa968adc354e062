import { nameKey } from "../../core/arranging.js";
import { toggled, valuesOf } from "../../core/filtering.js";
import { PRIORITIES } from "../../core/priorities.js";
import { nameOf, ofList, peopleOf, shownName, sortedLists } from "../../core/selectors.js";

/**
 * What tasks can be filtered by, and how a filter in force is said. Pure.
 *
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("../../core/filtering.js").Query} Query
 * @typedef {{name: string, value: any, kind: string, label: string, color?: string}} Value   of the parameter `name`
 */

/** @type {[value: string, label: string][]} */
const DUE = [["overdue", "Late"], ["today", "Today"], ["tomorrow", "Tomorrow"], ["week", "Next 7 days"], ["month", "Next 4 weeks"], ["any", "With a date"], ["none", "No date"]];

/** @type {Record<string, string>} */
const KINDS = { due: "Due", priority: "Priority", assignee: "Person", label: "Label", list: "List", section: "Section", completed: "State", search: "Text", due_before: "Due before", due_after: "Due after", created_by: "Made by", parent: "Parent" };

/** What the tasks of a view can be filtered by. @param {State} state @param {import("../../core/views.js").View} view @returns {Value[]} */
export function choicesOf(state, view) {
  const list = view.kind === "list" ? state.lists.get(view.id ?? "") : undefined;
  const people = list ? peopleOf(state, list) : [...new Map([...state.members.values()].map(({ user }) => [user.id, user])).values()];
  const others = people.filter(({ id }) => id !== state.me?.id).sort((a, b) => shownName(a).localeCompare(shownName(b)));
  const labels = list ? ofList(state.labels, list.id) : [...(state.labels?.values() ?? [])];
  const named = [...new Map(labels.map((label) => [nameKey(label.name), label])).values()].sort((a, b) => a.name.localeCompare(b.name));
  const lists = list ? [] : sortedLists(state).filter(({ archived_at: archived }) => !archived);
  const value = (/** @type {string} */ name, /** @type {any} */ of, /** @type {string} */ label, color = "") => ({ name, value: of, kind: KINDS[name] ?? name, label, ...(color && { color }) });
  const persons = view.kind === "assigned" ? [] : [value("assignee", "me", "Assigned to me"), value("assignee", "none", "Nobody"), ...others.map((person) => value("assignee", person.id, shownName(person)))];
  return [
    ...DUE.map(([of, label]) => value("due", of, label)),
    ...[...PRIORITIES].reverse().map(([of, label]) => value("priority", of, of === "none" ? "No priority" : label)),
    ...persons,
    ...named.map(({ name, color }) => value("label", name, name, color)),
    ...lists.map(({ id, name, color }) => value("list", id, name, color)),
  ];
}

/** The filters in force, each with its value in words. That only open tasks are shown is not said. @param {State} state @param {Query} query @returns {Value[]} */
export function valuesInForce(state, query) {
  return Object.entries(query).flatMap(([name, values]) =>
    valuesOf(name, values)
      .filter((value) => name !== "completed" || String(value) === "true")
      .map((value) => ({ name, value, kind: KINDS[name] ?? name.replaceAll("_", " "), ...said(state, name, value) })),
  );
}

/** @param {State} state @param {string} name @param {any} value @returns {{label: string, color?: string}} */
function said(state, name, value) {
  if (name === "due") return { label: DUE.find(([of]) => of === value)?.[1] ?? String(value) };
  if (name === "priority") return { label: value === "none" ? "No priority" : (PRIORITIES.find(([of]) => of === value)?.[1] ?? String(value)) };
  if (name === "assignee" || name === "created_by") return { label: value === "me" ? "Assigned to me" : value === "none" ? "Nobody" : nameOf(state, Number(value)) };
  if (name === "completed") return { label: "Completed" };
  if (name === "section" || name === "parent") return { label: value === "none" ? `No ${name}` : (state.sections?.get(value)?.name ?? state.tasks.get(value)?.title ?? "One that is gone") };
  if (name === "list") return { label: state.lists.get(value)?.name ?? "A list that is gone", color: state.lists.get(value)?.color ?? "" };
  if (name !== "label") return { label: String(value) };
  const label = labelOf(state, value);
  return { label: label?.name ?? String(value), color: label?.color ?? "" };
}

/** @param {State} state @param {string} value  an id or a name */
const labelOf = (state, value) => [...(state.labels?.values() ?? [])].find((each) => each.id === value || nameKey(each.name) === nameKey(value));

/** Whether what a filter asks for is not here any more: a list, a label, a section, a person or a task above. @param {State} state @param {Value} value */
export function isGone(state, { name, value }) {
  if (value === "none") return false;
  if (name === "list") return !state.lists.has(value);
  if (name === "label") return !labelOf(state, value);
  if (name === "section") return !state.sections?.has(value);
  if (name === "assignee") return value !== "me" && !nameOf(state, Number(value), "");
  return name === "parent" && !state.tasks.has(value);
}

/** The query without this value. @param {Query} query @param {Value} value */
export const without = (query, { name, value }) => toggled(query, name, value);
