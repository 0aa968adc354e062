import { COLORS } from "../../core/colors.js";
import { h, setColor, setText } from "../../core/dom.js";
import { membersOf, openCounts } from "../../core/selectors.js";
import { counted, lengthOf, MOST, oneLine, quoted } from "../../core/text.js";
import { Dialog, errorLine, field } from "../../shell/dialog.js";

/** @typedef {import("../../core/types.js").TaskList} TaskList */

/** Creates, renames, recolours and deletes lists. */
export class ListDialog {
  /** @type {?TaskList} */
  #list = null;

  /** @param {{model: import("../../core/model.js").Model, actions: () => import("./actions.js").ListActions, onMade: () => void}} parts */
  constructor({ model, actions, onMade }) {
    this.model = model;
    this.actions = actions;
    this.onMade = onMade;
    this.dialog = new Dialog("");
    this.name = h("input", { required: true, "aria-label": "Name", placeholder: "Groceries, Launch, Garden …", dir: "auto" });
    this.name.addEventListener("input", () => this.#check());
    this.error = errorLine();
    this.legend = h("legend", {}, "Colour");
    this.colors = h("fieldset", { class: "swatches" }, this.legend);
    this.sure = h("p", { class: "sure", role: "alert", dir: "auto" });
    this.remove = h("button", { type: "button", class: "button danger quiet-button", onclick: () => this.#remove() });
    this.save = h("button", { class: "button primary" }, "Save");
    const buttons = h("div", { class: "buttons" }, this.remove, h("span", { class: "bar-space" }), this.save);
    this.form = h("form", { class: "stack" }, field("Name", this.name), this.error, this.colors, this.sure, buttons);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.content.append(this.form);
  }

  /** @param {?TaskList} [list]  null for a new one */
  open(list = null, name = "") {
    this.#list = list;
    setText(this.dialog.heading, list ? "Edit list" : "New list");
    setText(this.save, list ? "Save" : "Make list");
    this.name.value = name || (list?.name ?? "");
    this.#showColors(list?.color ?? Object.values(COLORS)[this.model.shown.lists.size % Object.keys(COLORS).length] ?? "");
    this.#ask(false);
    this.#check();
    this.remove.hidden = list?.kind !== "list";
    this.dialog.show();
    this.name.select();
  }

  /** A custom colour is added to the choices. @param {string} chosen */
  #showColors(chosen) {
    const known = Object.values(COLORS).includes(chosen);
    /** @type {[string, string][]} */
    const colors = known ? Object.entries(COLORS) : [...Object.entries(COLORS), ["Its own", chosen]];
    const swatches = colors.map(([label, value]) => {
      const radio = h("input", { type: "radio", name: "color", value, checked: value === chosen, "aria-label": label });
      return setColor(h("label", { class: "swatch", title: label }, radio), value);
    });
    this.colors.replaceChildren(this.legend, ...swatches);
  }

  #check() {
    const over = lengthOf(this.name.value.trim()) - MOST.listName;
    setText(this.error, over > 0 ? `Too long: ${over} more than the ${MOST.listName} characters that fit.` : "");
    return over <= 0;
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const name = oneLine(this.name.value).trim();
    if (!name || !this.#check()) return this.name.focus();
    const color = String(new FormData(this.form).get("color"));
    this.dialog.close();
    if (this.#list) return this.actions().edit(this.#list, { name, color });
    this.actions().add(name, color);
    this.onMade();
  }

  #remove() {
    if (!this.sure.textContent) return this.#ask(true);
    this.dialog.close();
    if (this.#list) this.actions().remove(this.#list);
  }

  /** Deleting a list is told to all its members, so it takes a confirmation. @param {boolean} sure */
  #ask(sure) {
    setText(this.sure, sure && this.#list ? this.#question(this.#list) : "");
    setText(this.remove, sure ? "Yes, delete it" : "Delete list");
  }

  /** @param {TaskList} list */
  #question({ id, name }) {
    const { shown } = this.model;
    const count = openCounts(shown.tasks).get(id) ?? 0;
    const tasks = count ? `its ${counted(count, "open task")} and all completed ones` : "all its tasks";
    const others = membersOf(shown, id).length - 1;
    const whose = others > 0 ? [`${counted(others, "other member")} will not see it any more.`] : [];
    return [`Delete ${quoted(name)} with ${tasks}?`, ...whose, "You can restore it from the trash."].join(" ");
  }
}
