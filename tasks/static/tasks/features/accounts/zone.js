import { deviceZone, useZone } from "../../core/dates.js";
import { preference, setPreference } from "../../core/preferences.js";

const UNSET = "UTC"; // what a new account has; somebody who chooses it in the settings has "Etc/UTC"

/**
 * The page's days are those of the person's time zone, as in the API and in mails. Where it is still unset, it becomes this
 * device's, once.
 */
export class Zone {
  #seen = "";

  /** @param {{model: import("../../core/model.js").Model, api: import("../../core/api.js").Api}} parts */
  constructor({ model, api }) {
    this.model = model;
    this.api = api;
  }

  show() {
    const zone = this.model.shown.me?.time_zone;
    if (!zone || zone === this.#seen) return;
    this.#seen = zone;
    const here = deviceZone();
    const isUnset = zone === UNSET && here !== UNSET && preference("zone-set") !== String(this.model.shown.me?.id);
    useZone(isUnset ? here : zone);
    if (isUnset) this.#set(here);
  }

  /** Without a connection, or if the server does not know the zone, the next page tries again. @param {string} zone */
  async #set(zone) {
    try {
      await this.api.request("PATCH", "/api/me", { time_zone: zone });
      setPreference("zone-set", String(this.model.shown.me?.id));
    } catch (error) {
      console.warn("The time zone could not be set", error);
    }
  }
}
