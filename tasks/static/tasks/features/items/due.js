import { dueFields, dueHere, otherZone } from "../../core/dates.js";
import { h, hasFocus, icon, iconButton, setText } from "../../core/dom.js";

/**
 * The due date and time, shown in this device's time zone. A time that was set in another zone names that zone and keeps
 * it when it is changed.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
export class DueProperty {
  /** @type {?Task} */
  #task = null;

  /** @param {{send: (fields: import("../../core/types.js").Fields) => void}} parts */
  constructor({ send }) {
    this.send = send;
    this.date = h("input", { type: "date", "aria-label": "Due date", max: "9999-12-31", onchange: () => this.#changed() });
    this.time = h("input", { type: "time", "aria-label": "Due time", onchange: () => this.#changed() });
    this.clear = iconButton("close", "Remove the date", () => this.#send({ due_date: null, due_time: null, due_zone: null }), "small");
    this.zone = h("span", { class: "hint", id: "due-zone" });
    this.time.setAttribute("aria-describedby", "due-zone");
    const inputs = h("span", { class: "due-inputs" }, this.date, this.time, this.clear, this.zone);
    this.node = h("div", { class: "property", role: "group", "aria-label": "Due" }, h("span", {}, icon("calendar"), "Due"), inputs);
  }

  /** @param {Task} task @param {boolean} writable */
  update(task, writable) {
    this.#task = task;
    const due = dueHere(task);
    setValue(this.date, due?.day ?? "");
    setValue(this.time, due?.time ?? "");
    this.time.hidden = this.clear.hidden = !task.due_date;
    const there = otherZone(task);
    setText(this.zone, there && due?.moment ? `Set as ${there}` : there);
    this.zone.hidden = !there;
    for (const input of [this.date, this.time, this.clear]) input.disabled = !writable;
  }

  /** A date with an incomplete year is not sent. */
  #changed() {
    const day = this.date.value;
    if (!day && !this.date.validity.badInput) this.#send({ due_date: null, due_time: null, due_zone: null });
    else if (day >= "1900" && !this.time.validity.badInput) this.#send(dueFields(day, this.time.value || null, this.#task?.due_zone ?? null));
  }

  /** Sends only the fields that differ. @param {import("../../core/types.js").Fields} fields */
  #send(fields) {
    const task = /** @type {any} */ (this.#task);
    const changed = Object.entries(fields).filter(([name, value]) => task[name] !== value);
    if (changed.length) this.send(Object.fromEntries(changed));
  }
}

/** Does not overwrite a focused field. @param {HTMLInputElement} input @param {string} value */
function setValue(input, value) {
  if (!hasFocus(input) && input.value !== value) input.value = value;
}
