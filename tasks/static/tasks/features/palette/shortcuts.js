import { h } from "../../core/dom.js";
import { nameOfCommand } from "../../shell/commands.js";
import { Dialog } from "../../shell/dialog.js";
import { setSingleKeys, singleKeys } from "../../shell/keyboard.js";
import { keyNodes } from "./palette.js";

/** All shortcuts, from the table that binds them, and a switch for those that are one character. */
export class Shortcuts {
  /** @param {{commands: import("../../shell/commands.js").Commands}} parts */
  constructor({ commands }) {
    this.commands = commands;
    this.dialog = new Dialog("Keyboard shortcuts");
    this.dialog.node.classList.add("wide");
    this.single = h("input", { type: "checkbox", onchange: () => setSingleKeys(this.single.checked) });
    this.groups = h("div", { class: "shortcut-groups" });
    const note = h("p", { class: "quiet hint" }, "They act on the selected tasks, or else on the task that has the focus or is open. Letters are not taken while you write. In a new task and subtask, words such as “tomorrow” or “!high” are understood, and @, #, * and ! suggest names; a title that you edit stays as you write it.");
    this.dialog.content.append(h("label", { class: "switch" }, this.single, h("span", {}, "Single-key shortcuts, such as N, E and ?")), note, this.groups);
  }

  open() {
    this.single.checked = singleKeys();
    const groups = Map.groupBy(this.commands.existing.filter(({ keys }) => keys?.length), ({ group }) => group);
    this.groups.replaceChildren(...[...groups].map(([name, commands]) => section(name, commands)));
    this.dialog.show();
    this.dialog.heading.focus();
  }
}

/** @param {string} name @param {import("../../shell/commands.js").Command[]} commands */
function section(name, commands) {
  const rows = commands.map((command) => {
    const keys = (command.keys ?? []).flatMap((key, at) => [...(at ? [h("span", { class: "then" }, "or")] : []), ...keyNodes(key)]);
    return h("div", {}, h("dt", {}, ...keys), h("dd", {}, nameOfCommand(command)));
  });
  return h("section", {}, h("h3", {}, name), h("dl", { class: "keys" }, ...rows));
}
