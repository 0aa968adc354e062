import { find, h, icon, iconButton, setAttribute, setColor, setText } from "../../core/dom.js";
import { isOfTasks } from "../../core/views.js";
import { membersOf, roleIn, shownName } from "../../core/selectors.js";
import { nameKey } from "../../core/arranging.js";
import { plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";

/**
 * @typedef {import("../../core/types.js").TaskList} TaskList
 * @typedef {import("../../core/types.js").State} State
 * @typedef {import("../../core/views.js").View} View
 */

const MOST = 4;

/** @type {Record<string, [picture: string, title: string]>} */
export const VIEWS = {
  today: ["today", "Today"],
  upcoming: ["calendar", "Upcoming"],
  assigned: ["person", "Assigned to me"],
  trash: ["trash", "Trash"],
  search: ["search", "Search"],
};

/** The view's name, the list's members, and what can be done with them. */
export class Head {
  #members = "";
  #built = false;
  #picture = "";

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {(list: TaskList) => void} parts.edit
   * @param {(list: string) => void} parts.share
   * @param {(anchor: HTMLElement) => void} parts.openView             how the view is sorted and grouped
   * @param {(list: TaskList, anchor: HTMLElement) => void} parts.openList
   * @param {(anchor: HTMLElement) => void} parts.openFilter           what can be done with a saved filter
   */
  constructor({ model, edit, share, openView, openList, openFilter }) {
    this.model = model;
    this.container = find("head");
    const current = () => model.shown.lists.get(model.selected.list ?? "");
    const call = (/** @type {(list: TaskList) => void} */ use) => () => {
      const list = current();
      if (list) use(list);
    };
    this.dot = h("span", { class: "dot big" });
    this.picture = h("span", { class: "head-picture" });
    this.title = h("h1", { tabIndex: -1, dir: "auto" });
    this.faces = h("span", { class: "faces" });
    const label = h("span", { class: "people-label" }, icon("people"), "Share");
    this.people = h("button", { type: "button", class: "button people", onclick: call(({ id }) => share(id)) }, this.faces, label);
    this.edit = iconButton("pencil", "Rename, recolour or delete this list", call(edit));
    this.arrange = iconButton("arrange", "Sort, group and filter", () => openView(this.arrange));
    const openMore = call((list) => openList(list, this.more));
    this.more = iconButton("more", "More for this list", () => (current() ? openMore() : openFilter(this.more)));
    for (const opener of [this.arrange, this.more]) setAttribute(opener, "aria-haspopup", "dialog");
    this.role = h("p", { class: "quiet role" });
  }

  show() {
    const { shown, loaded, selected, missing } = this.model;
    if (!loaded) return;
    const { view } = selected;
    const list = shown.lists.get(selected.list ?? "");
    if (!this.#built) this.#build();
    const name = list ? list.name : view.kind === "list" ? "" : nameOfView(shown, view);
    document.title = name ? `${plain(name)} · Todo` : "Todo";
    this.container.hidden = !name && !missing;
    for (const part of [this.dot, this.picture, this.edit, this.people, this.role, this.more]) part.hidden = true;
    this.arrange.hidden = !name || !isOfTasks(view);
    setText(this.title, name || "List not available");
    if (list) this.#showList(list);
    else this.more.hidden = !(view.kind === "filter" && shown.filters?.has(view.id ?? ""));
    setAttribute(this.more, "aria-label", list ? "More for this list" : "More for this filter");
    this.more.title = this.more.ariaLabel ?? "";
    if (!list) this.#showPicture(VIEWS[view.kind]?.[0] ?? { label: "label", filter: "filter" }[view.kind] ?? "");
  }

  /** @param {TaskList} list */
  #showList(list) {
    const role = roleIn(this.model.shown, list);
    setColor(this.dot, list.color);
    this.dot.hidden = false;
    this.edit.hidden = role !== "owner";
    this.more.hidden = role === "viewer";
    const note = list.archived_at ? "This list is archived: it can be read, not changed." : role === "viewer" ? "You may read this list, not change it." : list.kind === "everyone" ? "All people here read and write this list." : "";
    setText(this.role, note);
    this.role.hidden = !note;
    this.#showPeople(list);
  }

  /** @param {string} name */
  #showPicture(name) {
    this.picture.hidden = !name;
    if (!name || name === this.#picture) return;
    this.#picture = name;
    this.picture.replaceChildren(icon(name));
  }

  #build() {
    this.#built = true;
    const line = h("div", { class: "head-line" }, this.dot, this.picture, this.title, this.edit, h("span", { class: "bar-space" }), this.people, this.arrange, this.more);
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

/** @param {State} state @param {View} view */
function nameOfView(state, { kind, id }) {
  if (kind === "label") return [...(state.labels?.values() ?? [])].find(({ name }) => nameKey(name) === id)?.name ?? String(id);
  if (kind === "filter") return state.filters?.get(id ?? "")?.name ?? "This filter is not here any more";
  return VIEWS[kind]?.[1] ?? "";
}
