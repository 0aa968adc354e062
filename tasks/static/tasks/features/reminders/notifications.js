import { dueWords } from "../../core/dates.js";
import { plain, quoted } from "../../core/text.js";

/**
 * Reminders that are due: a message in the page, and a notification of the system where the person allows it.
 *
 * @typedef {{id: string, task: string, list: string, title: string, due_date: ?string, due_time: ?string, due_zone: ?string}} DueReminder
 */
export class Notifications {
  /**
   * @param {Object} parts
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {(list: string, task: string) => void} parts.go
   */
  constructor({ toasts, go }) {
    this.toasts = toasts;
    this.go = go;
  }

  /** Whether asking makes sense: browsers answer for secure pages only. */
  get mayAsk() {
    return "Notification" in globalThis && isSecureContext && Notification.permission === "default";
  }

  async ask() {
    const answer = await Notification.requestPermission();
    const text = answer === "granted" ? "Reminders are shown by your system, too." : "Reminders are shown in this page only.";
    this.toasts.show({ text });
  }

  /** @param {DueReminder} reminder */
  show(reminder) {
    const { task, list, title } = reminder;
    const when = dueWords(/** @type {any} */ (reminder));
    const open = () => this.go(list, task);
    this.toasts.show({ text: `${["Reminder: " + quoted(title), when].filter(Boolean).join(", due ")}.`, choices: [["Open", open]], stays: true });
    if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
    try {
      const shown = new Notification(plain(title), { body: when ? `Due ${when}` : "Reminder", tag: `reminder-${reminder.id}` }); // the tag: once for all tabs
      shown.onclick = () => {
        globalThis.focus();
        shown.close();
        open();
      };
    } catch {
      // some phones allow it to service workers only
    }
  }
}
