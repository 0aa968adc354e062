import { nameKey } from "../../core/arranging.js";
import { COLORS } from "../../core/colors.js";
import { h, icon, setColor } from "../../core/dom.js";
import { quoted } from "../../core/text.js";
import { askText } from "../../shell/dialog.js";
import { Picker } from "../../shell/picker.js";
import { labelsOfView } from "./commands.js";

const MOST_LETTERS = 60;

/** What can be done with the label whose view is shown, in each list that has it. Loaded when it is first opened. */
export class LabelMenu {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../objects.js").Objects} parts.objects
   * @param {import("../../shell/router.js").Router} parts.router
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {(key: string) => void} parts.undo   takes back this change if it is the last one
   */
  constructor({ model, objects, router, toasts, undo }) {
    this.model = model;
    this.objects = objects;
    this.router = router;
    this.toasts = toasts;
    this.undo = undo;
  }

  /** @param {HTMLElement} anchor */
  menu(anchor) {
    const options = () => [
      { label: "Rename", sign: icon("pencil"), run: () => void this.rename() },
      { label: "Change the colour", sign: icon("label"), run: () => this.recolor(anchor) },
      { label: "Delete the label, keep its tasks", sign: icon("trash"), run: () => this.remove() },
    ];
    new Picker({ label: "Label", options }).open(anchor);
  }

  async rename() {
    const labels = labelsOfView(this.model);
    const name = await askText({ title: "Rename the label", label: "Name", value: labels[0]?.name ?? "", yes: "Rename", most: MOST_LETTERS });
    if (!name) return;
    for (const label of labels) this.objects.update("label", label, { name });
    this.router.goTo({ kind: "label", id: nameKey(name) });
  }

  /** @param {HTMLElement} anchor */
  recolor(anchor) {
    const labels = labelsOfView(this.model);
    const options = () =>
      Object.entries(COLORS).map(([label, color]) => ({
        label,
        checked: labels.every((each) => each.color === color),
        sign: setColor(h("span", { class: "dot" }), color),
        run: () => labels.forEach((each) => this.objects.update("label", each, { color })),
      }));
    new Picker({ label: "Colour of the label", options }).open(anchor);
  }

  remove() {
    const labels = labelsOfView(this.model);
    const name = labels[0]?.name;
    if (!name) return;
    const [key = ""] = labels.map((label) => this.objects.remove("label", label));
    this.router.goTo({ kind: "today", id: null });
    /** @type {import("../../core/types.js").Choice[]} */
    const undo = labels.length === 1 ? [["Undo", () => this.undo(key)]] : []; // each list's label is a change of its own
    this.toasts.show({ text: `Deleted the label ${quoted(name)}. Its tasks are kept.`, choices: undo });
  }
}
