import { ownZone, partsIn } from "../../core/dates.js";
import { h, iconButton } from "../../core/dom.js";

/**
 * A person's own reminders of a task.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Reminder} Reminder
 */

/** @type {[minutes: number, label: string][]} */
const BEFORE = [[0, "When it is due"], [10, "10 minutes before"], [30, "30 minutes before"], [60, "1 hour before"], [1440, "1 day before"], [10080, "1 week before"]];

const DAY = 86_400_000; // after which the server does not send it any more

export class Reminders {
  /** @type {?Task} */
  #task = null;

  /** @param {import("./pickers.js").PickerParts} parts */
  constructor({ model, objects }) {
    this.model = model;
    this.objects = objects;
    this.list = h("ul", { class: "reminders" });
    const options = BEFORE.map(([minutes, label]) => h("option", { value: String(minutes) }, label));
    this.add = h("select", { "aria-label": "Add a reminder" }, h("option", { value: "" }, "Add a reminder"), ...options);
    this.add.addEventListener("change", () => this.#make(Number(this.add.value)));
    this.node = h("div", { class: "property" }, h("span", {}, "Remind me"), h("div", { class: "property-fields" }, this.list, this.add));
  }

  /** @param {Task} task */
  update(task) {
    this.#task = task;
    const own = [...(this.model.shown.reminders?.values() ?? [])].filter((each) => each.task === task.id);
    this.list.replaceChildren(...own.map((each) => this.#item(each)));
    this.add.disabled = !task.due_date;
    this.add.value = "";
  }

  /** @param {Reminder} reminder */
  #item(reminder) {
    const { fires_at: fires, sent_at: sent } = reminder;
    const isMissed = !sent && (fires === null ? !!this.#task?.due_date : !!fires && new Date(fires).getTime() < Date.now() - DAY);
    const text = `${reminderText(reminder)}${isMissed ? " (this time has passed)" : ""}`;
    const remove = iconButton("close", `Remove the reminder: ${text}`, () => this.#change(() => this.objects.remove("reminder", reminder)), "small");
    return h("li", {}, h("span", {}, text), remove);
  }

  /** @param {number} minutes */
  #make(minutes) {
    const task = this.#task;
    if (!task || this.add.value === "") return;
    this.#change(() => this.objects.create("reminder", { task: task.id, minutes_before: minutes }, { at: null, user: this.model.shown.me?.id }));
  }

  /** @param {() => void} change */
  #change(change) {
    change();
    if (this.#task) this.update(this.#task);
  }
}

/** @param {Reminder} reminder */
function reminderText({ at, minutes_before: minutes }) {
  if (minutes !== null && minutes !== undefined) return BEFORE.find(([value]) => value === minutes)?.[1] ?? `${minutes} minutes before`;
  const parts = at && partsIn(new Date(at), ownZone());
  return parts ? `${parts.day} ${parts.time}` : "Reminder";
}
