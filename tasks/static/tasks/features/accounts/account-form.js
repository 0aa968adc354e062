import { ApiError, explain } from "../../core/api.js";
import { deviceZone } from "../../core/dates.js";
import { h, hasFocus, setText } from "../../core/dom.js";
import { errorLine, field } from "../../shell/dialog.js";

const UTC = "Etc/UTC"; // one that was chosen: "UTC" is what an account has that never had another, see zone.js
const ZONES = "Days and times are those of this time zone. At first it is your browser's.";
const NAMES = "Others see this name; without one, they see your username.";
const MAILS = "For reminders by mail, where this server sends them.";

/** The person's name, time zone and address for mails. Each is saved when it is changed. */
export class AccountForm {
  #shown = "";

  /** @param {{model: import("../../core/model.js").Model, api: import("../../core/api.js").Api, onSignedOut: (foreign: boolean) => void}} parts */
  constructor({ model, api, onSignedOut }) {
    this.model = model;
    this.api = api;
    this.onSignedOut = onSignedOut;
    this.name = h("input", { autocomplete: "name", maxLength: 150, dir: "auto", onchange: () => this.#save({ name: this.name.value.trim() }) });
    this.zone = h("select", { onchange: () => this.#save({ time_zone: this.zone.value }) });
    this.email = h("input", { type: "email", autocomplete: "email", onchange: () => this.#save({ email: this.email.value.trim() }) });
    this.error = errorLine();
    this.done = h("p", { class: "hint", "aria-live": "polite" });
    const hint = (/** @type {string} */ text) => h("p", { class: "hint" }, text);
    this.node = h("div", { class: "stack" }, field("Your name", this.name), hint(NAMES), field("Time zone", this.zone), hint(ZONES), field("Email", this.email), hint(MAILS), this.error, this.done);
  }

  clear() {
    this.#shown = "";
    setText(this.error, "");
    setText(this.done, "");
    this.show();
  }

  /** Shows what the account has now, but in the field that has the focus. */
  show() {
    const { name = "", username = "", email = "", time_zone: present = "" } = this.model.shown.me ?? {};
    const shown = JSON.stringify([name, email, present]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.name.placeholder = username;
    if (!hasFocus(this.name)) this.name.value = name;
    if (!hasFocus(this.zone)) this.#showZone(present === "UTC" ? UTC : present);
    if (!hasFocus(this.email)) this.email.value = email;
  }

  /** @param {string} zone */
  #showZone(zone) {
    const names = [...new Set([UTC, deviceZone(), zone, ...Intl.supportedValuesOf("timeZone")])].filter((name) => name && name !== "UTC");
    this.zone.replaceChildren(...names.sort().map((name) => h("option", { value: name }, name === UTC ? "UTC" : name.replaceAll("_", " "))));
    this.zone.value = zone;
  }

  /** @param {{name?: string, time_zone?: string, email?: string}} fields */
  async #save(fields) {
    setText(this.error, "");
    setText(this.done, "");
    try {
      await this.api.request("PATCH", "/api/me", fields);
      setText(this.done, "Saved.");
    } catch (error) {
      if (error instanceof ApiError && (error.signedOut || error.foreign)) this.onSignedOut(error.foreign);
      setText(this.error, explain(error));
    }
  }
}
