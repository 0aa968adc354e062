import { h, iconButton } from "../../core/dom.js";
import { membersOf, nameOf, roleIn, shownName } from "../../core/selectors.js";
import { avatar } from "../accounts/avatar.js";
import { Dialog, errorLine, field } from "../../shell/dialog.js";

const ROLES = { owner: "Owner", editor: "May edit", viewer: "May read" };

/** Who shares a list. The answers come back as events, like everybody else's changes. */
export class MembersDialog {
  #list = null;
  #shown = "";

  constructor(app) {
    this.app = app;
    this.dialog = new Dialog("");
    this.people = h("ul", { class: "members" });
    this.known = h("datalist", { id: "known-people" });
    this.username = h("input", { autocapitalize: "none", spellcheck: false, required: true, placeholder: "bob" });
    this.username.setAttribute("list", "known-people");
    this.role = roleSelect("editor", "Role of the new member");
    this.error = errorLine();
    const submit = h("button", { class: "button primary" }, "Add");
    const add = h("div", { class: "add-member" }, field("Username", this.username), this.role, submit);
    this.form = h("form", { class: "stack" }, add, this.known);
    this.form.addEventListener("submit", (event) => this.#add(event));
    this.leave = h("button", { type: "button", class: "button danger quiet-button", onclick: () => this.#leave() }, "Leave this list");
    this.dialog.content.append(this.people, this.form, this.error, this.leave);
  }

  open(list) {
    this.#list = list;
    this.#shown = this.error.textContent = this.username.value = "";
    this.dialog.show();
    this.show();
  }

  show() {
    if (!this.dialog.isOpen) return;
    const { shown } = this.app.model;
    const list = shown.lists.get(this.#list);
    if (!list) return this.dialog.close();
    const members = membersOf(shown, list.id);
    const owner = roleIn(shown, list) === "owner";
    const key = JSON.stringify([members, owner, list.name]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.dialog.heading.textContent = `People in “${list.name}”`;
    this.people.replaceChildren(...members.map((member) => this.#person(member, owner)));
    this.form.hidden = !owner;
    this.leave.hidden = owner;
    const inside = new Set(members.map(({ user }) => user.id));
    const others = [...shown.users.values()].filter((user) => user.is_active && !inside.has(user.id));
    this.known.replaceChildren(...others.map((user) => h("option", { value: user.username }, shownName(user))));
  }

  #person(member, owner) {
    const { user, role } = member;
    const name = shownName(user);
    const own = nameOf(this.app.model.shown, user.id) === "You" ? " (you)" : "";
    const changeable = owner && role !== "owner";
    const path = `/api/lists/${member.list}/members/${member.id}`;
    const select = changeable && roleSelect(role, `Role of ${name}`, () => this.#request("PATCH", path, { role: select.value }));
    return h(
      "li",
      {},
      avatar(user),
      h("span", { class: "member-name" }, name + own, h("span", { class: "quiet" }, `@${user.username}`)),
      select || h("span", { class: "quiet" }, ROLES[role]),
      changeable && iconButton("close", `Remove ${name}`, () => this.#request("DELETE", path), "small"),
    );
  }

  async #add(event) {
    event.preventDefault();
    const user = this.username.value.trim();
    const done = user && (await this.#request("POST", `/api/lists/${this.#list}/members`, { user, role: this.role.value }));
    if (done) this.username.value = "";
    this.username.focus();
  }

  async #leave() {
    const { shown } = this.app.model;
    const mine = membersOf(shown, this.#list).find(({ user }) => user.id === shown.me?.id);
    if (mine && (await this.#request("DELETE", `/api/lists/${this.#list}/members/${mine.id}`))) this.dialog.close();
  }

  async #request(method, path, body) {
    this.error.textContent = "";
    try {
      await this.app.api.request(method, path, body);
      return true;
    } catch (error) {
      if (error.signedOut) this.app.signedOut();
      this.error.textContent = error.message.replace(/^user: /, "");
      this.#shown = ""; // a role that was not accepted goes back to what it is
      this.show();
      return false;
    }
  }
}

function roleSelect(value, label, onchange = null) {
  const options = ["editor", "viewer"].map((role) => h("option", { value: role, selected: role === value }, ROLES[role]));
  return h("select", { "aria-label": label, onchange }, ...options);
}
