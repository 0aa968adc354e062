import { button, h } from "../../core/dom.js";
import { fieldLabel } from "../../core/kinds.js";
import { quoted } from "../../core/text.js";
import { Dialog } from "../../shell/dialog.js";
import { valueText } from "./values.js";

/**
 * Two changes of the same fields side by side, with a choice for each field. Nothing is chosen without the person.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 *
 * @param {Object} parts
 * @param {import("../../core/types.js").State} parts.state
 * @param {Task} parts.task                         as it is now
 * @param {Fields} parts.mine                       what one wanted to write
 * @param {Fields} parts.theirs                     the present values of the fields that both changed
 * @param {string} parts.name                       who changed them
 * @param {(fields: Fields) => void} parts.save     the fields for which one's own value was chosen, and those that nobody else changed
 */
export function compare({ state, task, mine, theirs, name, save }) {
  const dialog = new Dialog("Two changes at the same time");
  dialog.node.classList.add("wide");
  dialog.node.addEventListener("close", () => dialog.node.remove());
  const names = Object.keys(theirs);
  const rows = names.map((field) => choiceOf(field, [["theirs", `${name}’s`, theirs[field]], ["mine", "Yours", mine[field]]], state));
  const apply = button("Save", () => {
    const taken = Object.fromEntries(Object.entries(mine).filter(([field]) => !names.includes(field) || form.querySelector(`[name="${field}"][value="mine"]:checked`)));
    dialog.close();
    if (Object.keys(taken).length) save(taken);
  }, "primary");
  const form = h("div", { class: "conflict" }, ...rows);
  dialog.content.append(h("p", { class: "quiet", dir: "auto" }, `${name} changed ${quoted(task.title)} while you did. Choose what it is to be.`), form, h("div", { class: "buttons end" }, button("Cancel", () => dialog.close()), apply));
  dialog.show();
  form.querySelector("input")?.focus();
}

/** @param {string} field @param {[value: string, label: string, shown: any][]} options @param {import("../../core/types.js").State} state */
function choiceOf(field, options, state) {
  const cards = options.map(([value, label, shown]) =>
    h("label", { class: "conflict-side" }, h("span", {}, h("input", { type: "radio", name: field, value, checked: value === "theirs" }), label), h("span", { class: "conflict-value", dir: "auto" }, TEXTS.includes(field) && shown ? shown : capital(valueText(state, field, shown)))),
  );
  return h("fieldset", {}, h("legend", {}, capital(fieldLabel("task", field))), h("div", { class: "conflict-sides" }, ...cards));
}

const TEXTS = ["title", "notes"]; // shown as they were written

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
