import { h, icon, iconButton, setColor, setText } from "../../core/dom.js";
import { membersOf, roleIn } from "../../core/selectors.js";
import { avatar } from "../accounts/avatar.js";

const MOST = 4;

/** The selected list's name, its people, and what one may do with it. */
export class Head {
  #members = null;

  constructor(app, find) {
    this.app = app;
    this.container = find("head");
  }

  show() {
    const { model } = this.app;
    if (!model.loaded) return;
    const list = model.shown.lists.get(model.selected.list);
    if (!this.title) this.#build();
    document.title = list ? `${list.name} · Todo` : "Todo";
    this.container.hidden = !list;
    if (!list) return;
    const role = roleIn(model.shown, list);
    setText(this.title, list.name);
    setColor(this.dot, list.color);
    this.edit.hidden = role !== "owner";
    const everybody = list.kind === "everyone" ? "Everybody here reads and writes this list." : "";
    setText(this.role, role === "viewer" ? "You may read this list, not change it." : everybody);
    this.role.hidden = !this.role.textContent;
    this.#showPeople(list);
  }

  #build() {
    this.dot = h("span", { class: "dot big" });
    this.title = h("h1", { tabIndex: -1 });
    this.faces = h("span", { class: "faces" });
    this.people = h(
      "button",
      { type: "button", class: "button people", onclick: () => this.app.dialogs.members.open(this.app.model.selected.list) },
      this.faces,
      h("span", { class: "people-label" }, icon("people"), "Share"),
    );
    this.edit = iconButton("pencil", "Rename, recolour or delete this list", () =>
      this.app.dialogs.list.open(this.app.model.shown.lists.get(this.app.model.selected.list)),
    );
    this.role = h("p", { class: "quiet role" });
    const line = h("div", { class: "head-line" }, this.dot, this.title, this.edit, h("span", { class: "bar-space" }), this.people);
    this.container.replaceChildren(line, this.role);
  }

  #showPeople(list) {
    this.people.hidden = list.kind !== "list";
    if (this.people.hidden) return;
    const members = membersOf(this.app.model.shown, list.id);
    const key = JSON.stringify(members.map(({ user }) => user));
    if (key === this.#members) return;
    this.#members = key;
    const names = members.map(({ user }) => user.name || user.username).join(", ");
    this.people.setAttribute("aria-label", `Members: ${names}. Share this list`);
    const more = members.length > MOST ? h("span", { class: "avatar more-people" }, `+${members.length - MOST}`) : null;
    this.faces.replaceChildren(...members.slice(0, MOST).map(({ user }) => avatar(user)), ...(more ? [more] : []));
  }
}
