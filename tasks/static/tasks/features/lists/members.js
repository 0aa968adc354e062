import { ApiError, explain } from "../../core/api.js";
import { button, h, hasFocus, iconButton, setText } from "../../core/dom.js";
import { membersOf, nameOf, roleIn, shownName } from "../../core/selectors.js";
import { counted, plain, quoted } from "../../core/text.js";
import { CommitSelect } from "../../shell/commit-select.js";
import { Dialog, errorLine, field } from "../../shell/dialog.js";
import { avatar } from "../accounts/avatar.js";
import { usernamesOf } from "./people.js";

/** @typedef {import("../../core/types.js").Member} Member */

/** @type {Record<string, string>} */
const ROLES = { owner: "Owner", editor: "May edit", viewer: "May read" };
/** @type {[string, string][]} */
const CHOICES = [["editor", "May edit"], ["viewer", "May read"]];

/** The members of a list. The results of requests arrive as events, like changes by others. */
export class MembersDialog {
  #list = "";
  #shown = "";

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/api.js").Api} parts.api
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../../shell/router.js").Router} parts.router
   * @param {string} parts.admin   where people are added; empty for those who may not
   * @param {() => void} parts.onSignedOut
   */
  constructor({ model, api, outbox, router, admin, onSignedOut }) {
    this.model = model;
    this.api = api;
    this.outbox = outbox;
    this.router = router;
    this.admin = admin;
    this.onSignedOut = onSignedOut;
    this.dialog = new Dialog("");
    this.people = h("ul", { class: "members" });
    this.known = h("datalist", { id: "known-people" });
    this.username = h("input", { autocapitalize: "none", spellcheck: false, required: true, placeholder: "Username", dir: "auto" });
    this.username.setAttribute("list", "known-people");
    this.role = h("select", { "aria-label": "Role of the new member" }, ...CHOICES.map(([value, label]) => h("option", { value }, label)));
    this.error = errorLine();
    const submit = h("button", { class: "button primary" }, "Add");
    const add = h("div", { class: "add-member" }, field("Username", this.username), this.role, submit);
    this.form = h("form", { class: "stack" }, add, this.known);
    this.form.addEventListener("submit", (event) => this.#add(event));
    this.sure = h("div", { class: "stack", hidden: true });
    this.leave = h("button", { type: "button", class: "button danger quiet-button", onclick: () => this.#leave() }, "Leave this list");
    this.dialog.content.append(this.people, this.sure, this.form, this.error, this.leave);
  }

  /** @param {string} list */
  open(list) {
    this.#list = list;
    this.#shown = this.error.textContent = this.username.value = "";
    this.#ask(null);
    this.dialog.show();
    this.show();
    if (!this.form.hidden) this.username.focus();
  }

  show() {
    if (!this.dialog.isOpen) return;
    const { shown } = this.model;
    const list = shown.lists.get(this.#list);
    if (!list) return this.dialog.close();
    const members = membersOf(shown, list.id);
    const owner = roleIn(shown, list) === "owner";
    const key = JSON.stringify([members, owner, list.name]);
    if (key === this.#shown) return;
    this.#shown = key;
    setText(this.dialog.heading, `People in “${list.name}”`);
    this.#keepingFocus(() => this.people.replaceChildren(...members.map((member) => this.#person(member, owner))));
    this.form.hidden = !owner;
    this.leave.hidden = owner;
    const inside = new Set(members.map(({ user }) => user.id));
    const known = new Set([...shown.members.values()].map(({ user }) => user.id)); // those whom one shares lists with come first
    const others = [...shown.users.values()].filter((user) => user.is_active && !inside.has(user.id));
    others.sort((a, b) => Number(known.has(b.id)) - Number(known.has(a.id)) || shownName(a).localeCompare(shownName(b)));
    this.known.replaceChildren(...others.map((user) => h("option", { value: user.username }, shownName(user))));
  }

  /** Keeps the focus on the same row, or moves it to the next one. @param {() => void} change */
  #keepingFocus(change) {
    const row = [...this.people.children].findIndex((each) => hasFocus(each));
    const tag = document.activeElement?.tagName.toLowerCase() ?? "";
    change();
    if (row < 0) return;
    const rows = [...this.people.children];
    const next = rows[Math.min(row, rows.length - 1)];
    const target = next?.querySelector(tag) ?? next?.querySelector("button, select");
    (target instanceof HTMLElement ? target : this.dialog.heading).focus();
  }

  /** @param {Member} member @param {boolean} owner */
  #person(member, owner) {
    const { user, role } = member;
    const name = shownName(user);
    const own = nameOf(this.model.shown, user.id) === "You" ? " (you)" : "";
    const changeable = owner && role !== "owner";
    const path = `/api/lists/${member.list}/members/${member.id}`;
    const label = h("span", { class: "member-name" }, h("span", {}, h("bdi", {}, name), own), name !== user.username && h("span", { class: "quiet" }, `@${user.username}`));
    if (!changeable) return h("li", {}, avatar(user), label, h("span", { class: "quiet" }, ROLES[role] ?? role));
    const select = new CommitSelect({ label: `Role of ${plain(name)}`, options: CHOICES, commit: (value) => void this.#request("PATCH", path, { role: value }) });
    select.update(role);
    return h("li", {}, avatar(user), label, select.node, iconButton("close", `Remove ${plain(name)}`, () => this.#ask(member), "small"));
  }

  /** Asks before a member is removed: what they are assigned to is nobody's then. @param {?Member} member  null: nothing is asked */
  #ask(member) {
    this.sure.hidden = !member;
    if (!member) return;
    const name = shownName(member.user);
    const ends = [...this.model.shown.tasks.values()].filter(({ list, assignee }) => list === member.list && assignee === member.user.id).length;
    const what = ends ? `${counted(ends, "task")} of it assigned to them will be nobody’s.` : "No task of it is assigned to them.";
    const text = `Remove ${quoted(name)} from this list? ${what}`;
    const remove = async () => {
      this.#ask(null);
      this.dialog.heading.focus();
      await this.#request("DELETE", `/api/lists/${member.list}/members/${member.id}`);
    };
    const cancel = button("Cancel", () => (this.#ask(null), this.dialog.heading.focus()));
    this.sure.replaceChildren(h("p", { class: "sure", id: "sure-remove", dir: "auto" }, text), h("div", { class: "buttons end" }, cancel, button("Yes, remove", () => void remove(), "danger")));
    cancel.setAttribute("aria-describedby", "sure-remove");
    cancel.focus();
  }

  /** @param {Event} event */
  async #add(event) {
    event.preventDefault();
    const typed = this.username.value.trim();
    const [user = typed, ...others] = usernamesOf(this.model.shown, typed);
    if (others.length) return void (this.error.textContent = `Several people are called ${plain(typed)}: ${[user, ...others].join(", ")}. Write the user name.`);
    const done = user && (await this.#request("POST", `/api/lists/${this.#list}/members`, { user, role: this.role.value }));
    if (done) this.username.value = "";
    this.username.focus();
  }

  async #leave() {
    const { shown } = this.model;
    const mine = membersOf(shown, this.#list).find(({ user }) => user.id === shown.me?.id);
    if (!mine) return;
    this.router.forgo(this.#list);
    if (await this.#request("DELETE", `/api/lists/${this.#list}/members/${mine.id}`)) this.dialog.close();
  }

  /** @param {string} username  who is not there */
  #tellUnknown(username) {
    const admin = this.admin ? h("a", { class: "link", href: this.admin }, "admin") : "admin";
    this.error.replaceChildren(`There is nobody called ${plain(username)}. Administrators add people in the `, admin, ".");
  }

  /** @param {string} method @param {string} path @param {any} [body] */
  async #request(method, path, body) {
    this.error.textContent = "";
    try {
      await this.outbox.arrived(this.#list);
      await this.api.request(method, path, body);
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.signedOut || error.foreign)) this.onSignedOut();
      if (body?.user && error instanceof ApiError && error.problem.errors?.user) this.#tellUnknown(body.user);
      else this.error.textContent = explain(error);
      this.#shown = ""; // resets a role that was refused
      this.show();
      return false;
    }
  }
}
