import { button, h } from "../core/dom.js";
import { setPreference } from "../core/preferences.js";
import { Dialog, field } from "./dialog.js";
import { messageSeconds } from "./toasts.js";

/** The settings of this browser, and further parts that features bring. */
export class SettingsDialog {
  /**
   * @param {{title: string, part: {node: HTMLElement, clear: () => void, show?: () => void}}[]} parts   `clear` is called before the dialog opens, `show` while it is open
   * @param {{showKeys: () => void}} calls
   */
  constructor(parts, { showKeys }) {
    this.parts = parts;
    this.dialog = new Dialog("Settings");
    const options = [["8", "8 seconds"], ["20", "20 seconds"], ["0", "Until I close it"]].map(([value, label]) => h("option", { value }, label));
    this.seconds = h("select", { onchange: () => setPreference("message-seconds", this.seconds.value) }, ...options);
    const keys = button("Keyboard shortcuts", showKeys, "small");
    this.dialog.content.append(
      part(h("h3", {}, "Messages"), field("Messages with “Undo” stay", this.seconds)),
      ...parts.map((each) => part(h("h3", {}, each.title), each.part.node)),
      part(h("h3", {}, "Keyboard"), keys),
    );
  }

  open() {
    for (const { part: each } of this.parts) each.clear();
    this.seconds.value = String(messageSeconds());
    this.dialog.show();
  }

  show() {
    if (this.dialog.isOpen) for (const { part: each } of this.parts) each.show?.();
  }
}

/** @param {...HTMLElement} nodes */
const part = (...nodes) => h("section", { class: "settings-part" }, ...nodes);
