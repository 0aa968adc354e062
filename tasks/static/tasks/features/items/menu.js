import { icon } from "../../core/dom.js";
import { whyOf } from "../lists/read-only.js";
import { knows } from "../objects.js";

/**
 * What can be done with tasks beside what has a button of its own; where they may only be read, they are opened.
 *
 * @typedef {import("../../core/types.js").Task} Task
 *
 * @param {Object} parts
 * @param {import("../../core/model.js").Model} parts.model
 * @param {import("./actions.js").TaskActions} parts.actions
 * @param {{tasks: Task[]}} parts.tasks   those of the view, in their order
 * @param {(property: import("./pickers.js").Property, anchor: HTMLElement, ids: string[]) => void} parts.pick
 * @param {(task: Task) => void} parts.open
 * @param {(task: Task) => void} parts.editTitle
 * @param {(task: Task) => void} parts.duplicate
 * @returns {(some: Task[], anchor: HTMLElement) => import("../../shell/picker.js").Option[]}
 */
export const taskMenu = ({ model, actions, tasks, pick, open, editTitle, duplicate }) => (some, anchor) => {
  const [task] = some;
  if (!task) return [];
  const choose = (/** @type {import("./pickers.js").Property} */ property) => () => pick(property, anchor, some.map(({ id }) => id));
  const { indent, outdent } = actions.nesting(task, tasks.tasks);
  const done = some.every(({ completed }) => completed);
  /** @type {[label: string, picture: string, run: (() => void) | null, keys?: string][]} */
  const all = [
    ["Open the details", "panel", () => open(task), "Enter"],
    [done ? "Reopen" : "Complete", "check", () => actions.completeAll(some, !done), "Ctrl Enter"],
    ["Edit the title", "pencil", () => editTitle(task), "E"],
    ["Schedule", "calendar", choose("due"), "D"],
    ["Priority", "flag", choose("priority")],
    ["Labels", "label", knows("task", "labels") ? choose("labels") : null],
    ["Section", "section", model.shown.sections?.size ? choose("section") : null],
    ["Make it a subtask", "indent", indent],
    ["Make it a task of its own", "outdent", outdent],
    ["Duplicate", "copy", () => duplicate(task)],
    ["Delete", "trash", () => actions.remove(task), "Del"],
  ];
  return (whyOf(model, some) ? all.slice(0, 1) : all).flatMap(([label, picture, run, keys]) => (run ? [{ label, sign: icon(picture), run, keys }] : []));
};
