import { find, h, icon, iconButton, setAttribute, setColor, setText } from "../../core/dom.js";
import { isOfTasks } from "../../core/views.js";
import { dueCounts, membersOf, openCounts, roleIn, shownName } from "../../core/selectors.js";
import { labelsNamed } from "../../core/arranging.js";
import { dayOf } from "../../core/dates.js";
import { Stamp } from "../../core/stamp.js";
import { counted, MOST as MOST_TEXT, oneLine, plain } from "../../core/text.js";
import { avatar } from "../accounts/avatar.js";
import { labelsOfView } from "../labels/commands.js";

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

/** The view's name, which its owner changes by a click, how many tasks are open, the list's members, and what can be done. */
export class Head {
  #members = "";
  #built = false;
  #stamp = new Stamp();
  #count = -1;
  #picture = "";
  /** @type {?{list: string, end: (saves: boolean) => void}} */
  #renaming = null;

  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {(list: TaskList, name: string) => void} parts.rename
   * @param {(list: string) => void} parts.share
   * @param {(anchor: HTMLElement) => void} parts.openView             how the view is sorted and grouped
   * @param {(list: string, anchor: HTMLElement) => void} parts.openList
   * @param {(anchor: HTMLElement) => void} parts.openFilter           what can be done with a saved filter
   * @param {(anchor: HTMLElement) => void} parts.openLabel            what can be done with a label
   */
  constructor({ model, rename, share, openView, openList, openFilter, openLabel }) {
    this.model = model;
    this.rename = rename;
    this.container = find("head");
    const current = () => model.shown.lists.get(model.selected.list ?? "");
    const call = (/** @type {(list: TaskList) => void} */ use) => () => {
      const list = current();
      if (list) use(list);
    };
    this.dot = h("span", { class: "dot big" });
    this.picture = h("span", { class: "head-picture" });
    this.name = h("span", {});
    this.renamed = h("span", {});
    this.renamer = h("button", { type: "button", class: "rename", title: "Rename", hidden: true, onclick: call((list) => this.#edit(list)) }, this.renamed);
    this.title = h("h1", { tabIndex: -1, dir: "auto" }, this.name, this.renamer);
    this.count = h("span", { class: "count" });
    this.faces = h("span", { class: "faces" });
    const label = h("span", { class: "people-label" }, icon("people"), "Share");
    this.people = h("button", { type: "button", class: "button people", onclick: call(({ id }) => share(id)) }, this.faces, label);
    this.arrange = iconButton("arrange", "Sort, group and filter", () => openView(this.arrange));
    const openMore = call(({ id }) => openList(id, this.more));
    this.more = iconButton("more", "More for this list", () => (current() ? openMore() : (model.selected.view.kind === "label" ? openLabel : openFilter)(this.more)));
    for (const opener of [this.arrange, this.more]) setAttribute(opener, "aria-haspopup", "dialog");
    this.role = h("p", { class: "quiet role" });
  }

  /** @param {boolean} [onlyTasks] */
  show(onlyTasks = false) {
    const { shown, loaded, selected, missing } = this.model;
    if (!loaded) return;
    const { view } = selected;
    const list = shown.lists.get(selected.list ?? "");
    if (this.#renaming && this.#renaming.list !== selected.list) this.#renaming.end(false);
    const count = this.#countOf(view, list);
    if (count !== this.#count) this.#showCount(count);
    if (onlyTasks || !this.#stamp.isNew(...this.model.surroundings, this.#renaming)) return;
    if (!this.#built) this.#build();
    const name = list ? list.name : view.kind === "list" ? "" : nameOfView(shown, view);
    document.title = name ? `${plain(name)} · Todo` : "Todo";
    this.container.hidden = !name && !missing;
    for (const part of [this.dot, this.picture, this.renamer, this.people, this.role, this.more]) part.hidden = true;
    this.name.hidden = false;
    this.arrange.hidden = !name || !isOfTasks(view);
    if (list) this.#showList(list);
    else {
      setText(this.name, name || "List not available");
      setText(this.renamed, "");
      this.more.hidden = !(view.kind === "filter" ? shown.filters?.has(view.id ?? "") : labelsOfView(this.model).length);
      this.#showPicture(VIEWS[view.kind]?.[0] ?? { label: "label", filter: "filter" }[view.kind] ?? "");
    }
    setAttribute(this.more, "aria-label", `More for this ${list ? "list" : view.kind}`);
    this.more.title = this.more.ariaLabel ?? "";
  }

  /** @param {TaskList} list */
  #showList(list) {
    const role = roleIn(this.model.shown, list);
    setColor(this.dot, list.color);
    this.dot.hidden = false;
    this.more.hidden = false;
    this.renamer.hidden = role !== "owner" || !!list.archived_at || !!this.#renaming;
    this.name.hidden = !this.renamer.hidden;
    setText(this.renamer.hidden ? this.renamed : this.name, "");
    setText(this.renamer.hidden ? this.name : this.renamed, list.name);
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
    const line = h("div", { class: "head-line" }, this.dot, this.picture, this.title, this.count, h("span", { class: "bar-space" }), this.people, this.arrange, this.more);
    this.container.replaceChildren(line, this.role);
  }

  /** @param {number} count */
  #showCount(count) {
    this.#count = count;
    setText(this.count, count || "");
    setAttribute(this.count, "title", count ? counted(count, "open task") : null);
  }

  /** How many tasks are open here. @param {View} view @param {TaskList | undefined} list */
  #countOf(view, list) {
    const { tasks, lists, me } = this.model.shown;
    if (list) return openCounts(tasks).get(list.id) ?? 0;
    if (view.kind !== "today") return 0;
    const { today, late } = dueCounts(tasks, lists, me?.id, dayOf(new Date()));
    return today + late;
  }

  /** A field in the place of the name; leaving it or Enter renames, Escape does not. @param {TaskList} list */
  #edit(list) {
    const input = h("input", { class: "rename-field", value: list.name, "aria-label": "Name of the list", maxLength: MOST_TEXT.listName, dir: "auto" });
    const end = (/** @type {boolean} */ saves) => {
      if (!this.#renaming) return;
      this.#renaming = null;
      const focused = document.activeElement === input;
      input.remove();
      this.title.classList.remove("visually-hidden");
      this.#showList(list);
      const name = oneLine(input.value).trim();
      if (saves && name) this.rename(list, name);
      if (focused) this.renamer.focus();
    };
    input.addEventListener("blur", () => end(true));
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    });
    this.#renaming = { list: list.id, end };
    this.title.before(input);
    this.title.classList.add("visually-hidden");
    this.#showList(list);
    input.select();
  }

  /** @param {TaskList} list */
  #showPeople(list) {
    this.people.hidden = list.kind !== "list";
    if (this.people.hidden) return;
    const members = membersOf(this.model.shown, list.id);
    const key = JSON.stringify(members.map(({ user }) => [user.id, shownName(user)])); // a face that is drawn again under the pointer loses its click
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
  if (kind === "label") return labelsNamed(state, id)[0]?.name ?? String(id);
  if (kind === "filter") return state.filters?.get(id ?? "")?.name ?? "This filter is not here any more";
  return VIEWS[kind]?.[1] ?? "";
}
