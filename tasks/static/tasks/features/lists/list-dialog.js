import { quoted } from "../items/actions.js";
import { h, setColor } from "../../core/dom.js";
import { openCounts } from "../../core/selectors.js";
import { Dialog, field } from "../../shell/dialog.js";

const COLORS = {
  Indigo: "#4f6bed", Sky: "#1f8ac0", Teal: "#148f82", Green: "#3d8b40",
  Amber: "#c27c0e", Orange: "#d3601f", Red: "#cf3f4f", Pink: "#c2478f", Violet: "#8455cf", Slate: "#667085",
};

/** Makes a list, or renames, recolours and deletes one. */
export class ListDialog {
  #list = null;

  constructor(app) {
    this.app = app;
    this.dialog = new Dialog("");
    this.name = h("input", { required: true, "aria-label": "Name", placeholder: "Groceries, Launch, Garden …" });
    this.name.maxLength = 200;
    this.colors = h("fieldset", { class: "swatches" }, h("legend", {}, "Colour"));
    this.sure = h("p", { class: "sure", role: "alert" });
    this.remove = h("button", { type: "button", class: "button danger quiet-button", onclick: () => this.#remove() });
    this.save = h("button", { class: "button primary" }, "Save");
    const buttons = h("div", { class: "buttons" }, this.remove, h("span", { class: "bar-space" }), this.save);
    this.form = h("form", { class: "stack" }, field("Name", this.name), this.colors, this.sure, buttons);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.content.append(this.form);
  }

  /** @param list  null for a new one */
  open(list = null, name = "") {
    this.#list = list;
    this.dialog.heading.textContent = list ? "Edit list" : "New list";
    this.save.textContent = list ? "Save" : "Make list";
    this.name.value = list?.name ?? name;
    this.#showColors(list?.color ?? Object.values(COLORS)[this.app.model.shown.lists.size % Object.keys(COLORS).length]);
    this.#ask(false);
    this.remove.hidden = list?.kind !== "list";
    this.dialog.show();
    this.name.select();
  }

  /** A colour that was chosen elsewhere is among those to choose from. */
  #showColors(chosen) {
    const known = Object.values(COLORS).includes(chosen);
    const colors = known ? Object.entries(COLORS) : [...Object.entries(COLORS), ["Its own", chosen]];
    const swatch = ([label, value]) => {
      const radio = h("input", { type: "radio", name: "color", value, checked: value === chosen, "aria-label": label });
      return setColor(h("label", { class: "swatch", title: label }, radio), value);
    };
    this.colors.replaceChildren(this.colors.firstChild, ...colors.map(swatch));
  }

  #submit(event) {
    event.preventDefault();
    const name = this.name.value.trim();
    if (!name) return this.name.focus();
    const color = new FormData(this.form).get("color");
    this.dialog.close();
    if (this.#list) this.app.actions.editList(this.#list, { name, color });
    else this.app.actions.addList(name, color);
  }

  #remove() {
    if (!this.sure.textContent) return this.#ask(true);
    this.dialog.close();
    this.app.actions.removeList(this.#list);
  }

  /** There is no undo for this, so it is asked. */
  #ask(sure) {
    const count = this.#list && (openCounts(this.app.model.shown.tasks).get(this.#list.id) ?? 0);
    const question = sure && `Delete ${quoted(this.#list.name)} with all its tasks (${count} open), for all its members?`;
    this.sure.textContent = sure ? `${question} This cannot be undone.` : "";
    this.remove.textContent = sure ? "Yes, delete it for good" : "Delete list";
  }
}
