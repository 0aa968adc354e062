import { labelsNamed } from "../../core/arranging.js";
import { isWritable } from "../../core/selectors.js";

/** @typedef {import("../../core/types.js").Label} Label */

/**
 * The labels of the view that is shown which one may change: those of one name in several lists are one view.
 * @param {import("../../core/model.js").Model} model
 * @returns {Label[]}
 */
export function labelsOfView({ selected: { view }, shown }) {
  if (view.kind !== "label") return [];
  return labelsNamed(shown, view.id).filter(({ list }) => isWritable(shown, shown.lists.get(list)));
}

/**
 * @param {Object} parts
 * @param {import("../../core/model.js").Model} parts.model
 * @param {import("../../core/lazy.js").Lazy<import("./label-menu.js").LabelMenu>} parts.labels
 * @param {() => HTMLElement} parts.anchor   what the choices stand at
 * @returns {import("../../shell/commands.js").Command[]}
 */
export function labelCommands({ model, labels, anchor }) {
  const group = "Labels";
  const when = () => labelsOfView(model).length > 0;
  return [
    { id: "label.rename", name: "Rename this label", group, when, run: () => labels.open((each) => void each.rename()) },
    { id: "label.color", name: "Change the colour of this label", group, when, run: () => labels.open((each) => each.recolor(anchor())) },
    { id: "label.delete", name: "Delete this label", group, when, run: () => labels.open((each) => each.remove()) },
  ];
}
