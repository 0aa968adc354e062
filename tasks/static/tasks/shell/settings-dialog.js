import { h } from "../core/dom.js";
import { setPreference } from "../core/preferences.js";
import { Dialog, field } from "./dialog.js";
import { singleKeys } from "./keyboard.js";
import { messageSeconds } from "./toasts.js";

/** @type {[keys: string, what: string][]} */
const KEYS = [
  ["N", "Add a task"],
  ["↑ ↓ Home End", "Go from task to task"],
  ["Enter", "Open the task, or press what has the focus"],
  ["E or F2", "Edit the title in place"],
  ["Space", "Complete the task, on its check box"],
  ["Delete", "Delete the task"],
  ["Ctrl + Enter", "Save the notes"],
  ["Esc", "Leave a field, close the details"],
  ["Ctrl + Z", "Undo"],
  ["?", "Show this"],
];

/** The settings of this browser, further parts that features bring, and the keys. */
export class SettingsDialog {
  /** @param {{title: string, node: HTMLElement, clear: () => void}[]} parts   `clear` is called before the dialog opens */
  constructor(parts) {
    this.parts = parts;
    this.dialog = new Dialog("Settings");
    this.keys = h("input", { type: "checkbox", onchange: () => setPreference("single-keys", this.keys.checked ? "on" : "off") });
    const options = [["8", "8 seconds"], ["20", "20 seconds"], ["0", "Until I close it"]].map(([value, label]) => h("option", { value }, label));
    this.seconds = h("select", { onchange: () => setPreference("message-seconds", this.seconds.value) }, ...options);
    const rows = KEYS.map(([keys, what]) => h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, what)));
    const single = h("label", { class: "switch" }, this.keys, h("span", {}, "Single-key shortcuts (N, E, ?)"));
    this.keyboard = h("h3", { tabIndex: -1 }, "Keyboard");
    this.dialog.content.append(
      part(h("h3", {}, "Messages"), field("Messages with “Undo” stay", this.seconds)),
      ...parts.map(({ title, node }) => part(h("h3", {}, title), node)),
      part(this.keyboard, h("dl", { class: "keys" }, ...rows), single),
    );
  }

  open() {
    for (const each of this.parts) each.clear();
    this.keys.checked = singleKeys();
    this.seconds.value = String(messageSeconds());
    this.dialog.show();
  }

  /** Opens the dialog at the keys. */
  openKeys() {
    this.open();
    this.keyboard.focus();
    this.keyboard.scrollIntoView();
  }
}

/** @param {...HTMLElement} nodes */
const part = (...nodes) => h("section", { class: "settings-part" }, ...nodes);
