import { button, h, icon } from "../../core/dom.js";
import { oneLine } from "../../core/text.js";

/** What stands behind the columns of a list's sections: it becomes a field for the next one's name, and stays it until it is left. */
export class AddSection {
  #list = "";

  /** @param {(name: string) => void} make */
  constructor(make) {
    this.make = make;
    this.open = h("button", { type: "button", class: "lane-add", onclick: () => this.#edit(true) }, icon("plus"), "Add section");
    this.input = h("input", { placeholder: "Name of the section", "aria-label": "Name of the section", maxLength: 200, autocomplete: "off", dir: "auto", enterKeyHint: "done" });
    const buttons = h("div", { class: "buttons" }, h("button", { class: "button small primary" }, "Add section"), button("Cancel", () => this.#edit(false), "small quiet-button"));
    this.form = h("form", { hidden: true }, this.input, buttons);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && this.#leave(event));
    this.node = h("section", { class: "lane lane-new", "aria-label": "Add section" }, this.open, this.form);
  }

  /** A name that is half written is not for another list. @param {{list: string}} item */
  update({ list }) {
    if (list !== this.#list) this.#show(false);
    this.#list = list;
  }

  /** @param {boolean} isEditing */
  #show(isEditing) {
    this.input.value = "";
    this.form.hidden = !isEditing;
    this.open.hidden = isEditing;
  }

  /** @param {boolean} isEditing */
  #edit(isEditing) {
    this.#show(isEditing);
    (isEditing ? this.input : this.open).focus();
    this.node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #leave(event) {
    event.stopPropagation();
    this.#edit(false);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const name = oneLine(this.input.value).trim();
    if (!name) return this.input.focus();
    this.make(name);
    this.#edit(true);
  }
}
