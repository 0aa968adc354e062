import { find, h, icon, iconButton, setAttribute, setColor, setText } from "../../core/dom.js";
import { membersOf, roleIn, shownName } from "../../core/selectors.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";

/** @typedef {import("../../core/types.js").TaskList} TaskList */

const MOST = 4;

/** The selected list's name, members and actions. */
export class Head {
  #members = "";
  #built = false;

  /** @param {{model: import("../../core/model.js").Model, edit: (list: TaskList) => void, share: (list: string) => void}} parts */
  constructor({ model, edit, share }) {
    this.model = model;
    this.container = find("head");
    const current = () => model.shown.lists.get(model.selected.list ?? "");
    const call = (/** @type {(list: TaskList) => void} */ use) => () => {
      const list = current();
      if (list) use(list);
    };
    this.dot = h("span", { class: "dot big" });
    this.title = h("h1", { tabIndex: -1, dir: "auto" });
    this.faces = h("span", { class: "faces" });
    const label = h("span", { class: "people-label" }, icon("people"), "Share");
    this.people = h("button", { type: "button", class: "button people", onclick: call(({ id }) => share(id)) }, this.faces, label);
    this.edit = iconButton("pencil", "Rename, recolour or delete this list", call(edit));
    this.role = h("p", { class: "quiet role" });
  }

  show() {
    const { shown, loaded, selected, missing } = this.model;
    if (!loaded) return;
    const list = shown.lists.get(selected.list ?? "");
    if (!this.#built) this.#build();
    document.title = list ? `${plain(list.name)} · Todo` : "Todo";
    this.container.hidden = !list && !missing;
    this.dot.hidden = this.edit.hidden = this.people.hidden = this.role.hidden = true;
    if (!list) return setText(this.title, "List not available");
    const role = roleIn(shown, list);
    setText(this.title, list.name);
    setColor(this.dot, list.color);
    this.dot.hidden = false;
    this.edit.hidden = role !== "owner";
    const everybody = list.kind === "everyone" ? "All people here read and write this list." : "";
    setText(this.role, role === "viewer" ? "You may read this list, not change it." : everybody);
    this.role.hidden = !this.role.textContent;
    this.#showPeople(list);
  }

  #build() {
    this.#built = true;
    const line = h("div", { class: "head-line" }, this.dot, this.title, this.edit, h("span", { class: "bar-space" }), this.people);
    this.container.replaceChildren(line, this.role);
  }

  /** @param {TaskList} list */
  #showPeople(list) {
    this.people.hidden = list.kind !== "list";
    if (this.people.hidden) return;
    const members = membersOf(this.model.shown, list.id);
    const key = JSON.stringify(members.map(({ user }) => user));
    if (key === this.#members) return;
    this.#members = key;
    setAttribute(this.people, "aria-label", `Share this list. Members: ${members.map(({ user }) => plain(shownName(user))).join(", ")}`);
    const more = members.length > MOST ? h("span", { class: "avatar" }) : null;
    if (more) more.dataset.letters = `+${members.length - MOST}`;
    this.faces.replaceChildren(...members.slice(0, MOST).map(({ user }) => avatar(user, 1)), ...(more ? [more] : []));
  }
}
