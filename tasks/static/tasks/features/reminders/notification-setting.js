import { button, h, setText } from "../../core/dom.js";

/** @type {Record<string, string>} */
const TEXTS = {
  granted: "On: your system shows reminders too, while this page is open in a tab.",
  default: "Off: reminders are shown in this page only. Your browser asks you when you turn them on.",
  denied: "Blocked by your browser. Allow notifications for this site in its settings: a press on the sign before the address leads there.",
  insecure: "Off: browsers show notifications only of sites with HTTPS, and this one is open without it.",
  missing: "This browser shows no notifications of sites. Reminders are shown in this page only.",
};

/** Whether the system shows reminders, and how that is turned on. */
export class NotificationSetting {
  /** @param {import("./notifications.js").Notifications} notifications */
  constructor(notifications) {
    this.notifications = notifications;
    this.state = h("p", { class: "hint notification-state", "aria-live": "polite" });
    this.ask = button("Turn on notifications", () => void this.#ask(), "small");
    this.node = h("div", { class: "stack" }, this.state, h("div", {}, this.ask));
    void this.#follow();
  }

  clear() {
    this.show();
  }

  show() {
    const { state } = this.notifications;
    setText(this.state, TEXTS[state] ?? "");
    this.ask.hidden = state !== "default";
  }

  async #ask() {
    await this.notifications.ask();
    this.show();
  }

  /** The person may change it in the browser's own settings meanwhile. */
  async #follow() {
    const status = await navigator.permissions?.query({ name: "notifications" }).catch(() => null);
    status?.addEventListener("change", () => this.show());
  }
}
