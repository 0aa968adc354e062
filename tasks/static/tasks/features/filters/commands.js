import { arrangementOf } from "../../core/arrangements.js";
import { isOfTasks, usualArrangement } from "../../core/views.js";

/**
 * Whether filters are in force in the view that is shown, or its saved filter was changed.
 * @param {import("../../core/model.js").Model} model
 */
export function isFiltered({ selected: { view }, shown }) {
  const { query = {} } = arrangementOf(view, shown.filters?.get(view.id ?? ""));
  return view.kind === "filter" || Object.keys(query).length > 0;
}

/** Whether the view is sorted or grouped in another way than usual. @param {import("../../core/model.js").Model} model */
export function isArranged({ selected: { view }, shown }) {
  const { sort, group } = arrangementOf(view, shown.filters?.get(view.id ?? ""));
  const usual = usualArrangement(view);
  return sort !== usual.sort || group !== usual.group;
}

/**
 * @param {Object} parts
 * @param {import("../../core/model.js").Model} parts.model
 * @param {import("../../core/lazy.js").Lazy<import("./filters.js").Filters>} parts.filters
 * @param {() => HTMLElement} parts.anchor   what the choices stand at
 * @returns {import("../../shell/commands.js").Command[]}
 */
export function filterCommands({ model, filters, anchor }) {
  const group = "Filters";
  const isTasks = () => isOfTasks(model.selected.view);
  const isSaved = () => model.selected.view.kind === "filter" && !!model.shown.filters?.has(model.selected.view.id ?? "");
  return [
    { id: "filter", name: "Filter this view", group, keys: ["F"], words: "narrow label priority due person", when: isTasks, run: () => filters.open((each) => each.pick(anchor())) },
    { id: "filter.save", name: "Save this view as a filter", group, words: "keep", when: isTasks, run: () => filters.open((each) => void each.save()) },
    { id: "filter.clear", name: "Clear the filters", group, words: "remove all", when: () => isFiltered(model) && !isSaved(), run: () => filters.use((each) => each.clear()) },
    { id: "filter.rename", name: "Rename this filter", group, when: isSaved, run: () => filters.open((each) => void each.rename()) },
    { id: "filter.delete", name: "Delete this filter", group, when: isSaved, run: () => filters.open((each) => each.remove()) },
  ];
}
