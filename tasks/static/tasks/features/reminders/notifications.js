import { addDays, dayOf, dueWords, momentIn, ownZone } from "../../core/dates.js";
import { afterFrame } from "../../core/motion.js";
import { isWritable } from "../../core/selectors.js";
import { plain, quoted } from "../../core/text.js";

/** When one wants to be reminded again. @type {[label: string, said: string, at: () => Date][]} */
const LATER = [
  ["10 minutes", "in 10 minutes", () => new Date(Date.now() + 600_000)],
  ["1 hour", "in an hour", () => new Date(Date.now() + 3_600_000)],
  ["Tomorrow morning", "tomorrow morning, at 9:00", () => momentIn(addDays(dayOf(new Date()), 1), "09:00:00", ownZone()) ?? new Date(Date.now() + 86_400_000)],
];

/**
 * Reminders that are due: a message in the page, and a notification of the system where the person allows it. The task can be
 * completed there, and the reminder put off.
 *
 * @typedef {{id: string, task: string, list: string, title: string, due_date: ?string, due_time: ?string, due_zone: ?string}} DueReminder
 */
export class Notifications {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../items/actions.js").TaskActions} parts.actions
   * @param {import("../objects.js").Objects} parts.objects
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {(list: string, task: string) => void} parts.go
   */
  constructor({ model, toasts, actions, objects, go }) {
    this.model = model;
    this.actions = actions;
    this.objects = objects;
    this.toasts = toasts;
    this.go = go;
  }

  /** Whether the system shows reminders, "granted", or why not: "default" for what was never asked, "denied", "insecure", "missing". */
  get state() {
    if (!("Notification" in globalThis)) return isSecureContext ? "missing" : "insecure";
    return isSecureContext ? Notification.permission : "insecure";
  }

  /** Whether asking makes sense. */
  get mayAsk() {
    return this.state === "default";
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
    this.toasts.show({ text: `${["Reminder: " + quoted(title), when].filter(Boolean).join(", due ")}.`, choices: this.#choices(reminder, open), stays: true });
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

  /** @param {DueReminder} reminder @param {() => void} open @returns {import("../../core/types.js").Choice[]} */
  #choices(reminder, open) {
    const { lists, tasks } = this.model.shown;
    const complete = () => {
      const task = this.model.shown.tasks.get(reminder.task);
      if (task && !task.completed) this.actions.complete(task, true);
    };
    const mayComplete = tasks.has(reminder.task) && isWritable(this.model.shown, lists.get(reminder.list));
    return [...(mayComplete ? [/** @type {import("../../core/types.js").Choice} */ (["Complete", complete])] : []), ["Snooze", () => this.#snooze(reminder)], ["Open", open]];
  }

  /** Asks for how long. @param {DueReminder} reminder */
  #snooze(reminder) {
    /** @type {import("../../core/types.js").Choice[]} */
    const choices = LATER.map(([label, said, at]) => [label, () => this.#remindAgain(reminder, at(), said)]);
    const isByKey = document.activeElement === document.body; // the button that had the focus is gone
    const toast = this.toasts.show({ text: `When are you to be reminded of ${quoted(reminder.title)} again?`, choices, stays: true });
    if (isByKey) afterFrame(() => toast.node.querySelector("button")?.focus());
  }

  /** A reminder at a time gets that time; one that comes before the due date stays, for another one beside it. @param {DueReminder} reminder @param {Date} at @param {string} said */
  #remindAgain({ id, task, title }, at, said) {
    const { me, reminders } = this.model.shown;
    const own = reminders?.get(id);
    const time = at.toISOString();
    if (own?.at) this.objects.update("reminder", own, { at: time });
    else this.objects.create("reminder", { task, at: time }, { minutes_before: null, user: me?.id, fires_at: time });
    this.toasts.show({ text: `You are reminded of ${quoted(title)} ${said}.` });
  }
}
