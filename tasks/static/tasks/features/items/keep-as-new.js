import { copiedFields } from "../../core/kinds.js";
import { firstWritable, isWritable, peopleOf } from "../../core/selectors.js";

/**
 * Creates a copy of a task that is gone, with every field that a copy takes over: in its own list, or where the person can't
 * write there, in the list that a new task from anywhere goes to. Returns its id and list; null where there is no list.
 *
 * @typedef {import("../../core/types.js").Fields} Fields
 * @param {{model: import("../../core/model.js").Model, actions: import("./actions.js").TaskActions}} parts
 * @param {Fields & {list: string, title: string}} task
 * @param {Partial<import("../../core/types.js").Operation>} [line]   that the server is to read
 */
export function keepTask({ model: { shown }, actions }, task, { quick, given } = {}) {
  const own = shown.lists.get(task.list);
  const list = own && isWritable(shown, own) ? own : firstWritable(shown);
  if (!list) return null;
  const fitting = (/** @type {Fields} */ fields) => fieldsIn(shown, list, fields);
  const options = quick && { quick: { ...quick, list: list.id }, ...(given && { given: fitting(given) }) };
  const { id } = actions.add(list.id, task.title, fitting(copiedFields("task", task)), options);
  return { id, list };
}

/** Those fields that a task in the list can have. @param {import("../../core/types.js").State} state @param {import("../../core/types.js").TaskList} list @param {Fields} fields @returns {Fields} */
function fieldsIn(state, list, fields) {
  const isHere = (/** @type {Map<string, {list: string}> | undefined} */ table, /** @type {string} */ id) => table?.get(id)?.list === list.id;
  /** @type {Record<string, (value: any) => any>} */
  const fits = {
    parent: (parent) => (isHere(state.tasks, parent) ? parent : null),
    section: (section) => (isHere(state.sections, section) ? section : null),
    labels: (labels) => labels?.filter((/** @type {string} */ label) => isHere(state.labels, label)),
    assignee: (assignee) => (peopleOf(state, list).some(({ id }) => id === assignee) ? assignee : null),
  };
  const own = Object.entries(fields).filter(([name]) => name !== "title" && name !== "list");
  const fitting = own.map(([name, value]) => [name, fits[name] ? fits[name](value) : value]);
  return Object.fromEntries(fitting.filter(([, value]) => value !== null && value !== undefined));
}
