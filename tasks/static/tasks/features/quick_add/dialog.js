import { h, icon, setText } from "../../core/dom.js";
import { firstWritable, isWritable, peopleOf } from "../../core/selectors.js";
import { lengthOf, MOST, quoted } from "../../core/text.js";
import { Chosen } from "./chosen.js";
import { QuickLine } from "./line.js";

/** A field for a new task, from anywhere. Enter adds and stays, with Shift it opens the task. */
export class QuickAddDialog {
  #list = "";
  /** @type {import("../../core/types.js").Fields} */
  #given = {};

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("./reader.js").Reader} parts.reader
   * @param {import("./adding.js").QuickAdd} parts.quickAdd
   * @param {(list: string, task: string) => void} parts.go
   * @param {(property: import("../items/pickers.js").Property, anchor: HTMLElement, draft: import("../items/pickers.js").Draft) => void} parts.pick
   */
  constructor({ model, reader, quickAdd, go, pick }) {
    this.model = model;
    this.quickAdd = quickAdd;
    this.go = go;
    this.input = h("input", { "aria-label": "New task", placeholder: "Pay rent tomorrow 5pm #home !high", dir: "auto", autocomplete: "off", enterkeyhint: "done", maxLength: 500 });
    this.chosen = new Chosen({ model, pick, target: () => ({ list: this.#list, fields: this.#given }), onChosen: () => this.input.focus() });
    this.said = h("p", { class: "quick-said", role: "status", dir: "auto" });
    const chips = h("div", { class: "quick-chips", hidden: true });
    const field = h("span", { class: "quick-field" }, this.input);
    const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => this.node.close() }, icon("close"));
    const add = h("button", { class: "button primary small" }, "Add");
    const foot = h("div", { class: "quick-foot" }, this.said, add);
    this.form = h("form", { class: "quick-form", autocomplete: "off" }, h("div", { class: "quick-line" }, field, close), this.chosen.node, chips, foot);
    this.node = h("dialog", { class: "palette quick-dialog", "aria-label": "Add a task" }, this.form);
    this.line = new QuickLine({ input: this.input, chips, reader, model, list: () => this.chosen.list, onRefuse: () => this.input.focus(), onShow: (spans) => this.chosen.read(spans) });
    this.node.addEventListener("pointerdown", ({ target }) => target === this.node && this.node.close());
    this.form.addEventListener("submit", (event) => this.#submit(event, false));
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && event.shiftKey && !event.isComposing && this.#submit(event, true));
    this.input.addEventListener("input", () => this.#typed());
  }

  /** What was written and not added is still there. @param {import("../../core/types.js").Fields} [given]  what the task has if nothing else is said */
  open(given = {}) {
    const list = this.#target();
    if (!list) return;
    this.#list = list.id;
    this.#given = given;
    this.chosen.update();
    setText(this.said, "");
    if (!this.node.isConnected) document.body.append(this.node);
    this.node.showModal();
    this.input.focus();
    this.line.update();
  }

  /** The list on the screen, or the first in which one may write. */
  #target() {
    const { shown, selected } = this.model;
    const here = shown.lists.get(selected.list ?? "");
    return here && isWritable(shown, here) ? here : firstWritable(shown);
  }

  #typed() {
    this.input.dataset.touched = String(!!this.input.value);
    this.line.update();
    setText(this.said, "");
  }

  /** @param {Event} event @param {boolean} opens */
  #submit(event, opens) {
    event.preventDefault();
    const { line } = this.line;
    if (!line.text.trim() || lengthOf(line.text.trim()) > MOST.title) return;
    const list = this.chosen.list ?? this.#list;
    const id = this.quickAdd.add({ ...line, list }, this.chosen.fields);
    this.input.value = "";
    this.line.clear();
    this.chosen.clear();
    const task = this.model.shown.tasks.get(id);
    setText(this.said, `Added ${quoted(task?.title ?? line.text)} to ${placeText(this.model.shown, task?.list ?? list)}`);
    if (!opens) return;
    this.node.close();
    this.go(task?.list ?? list, id);
  }
}

/** Where a task went, as the end of a sentence; of Everyone, who sees it. @param {import("../../core/types.js").State} state @param {string} id */
export function placeText(state, id) {
  const list = state.lists.get(id);
  if (list?.kind !== "everyone") return `${quoted(list?.name)}.`;
  const count = peopleOf(state, list).length;
  const who = count > 1 ? `all ${count} people see it` : "all who can sign in see it";
  return `Everyone: ${who}.`;
}
