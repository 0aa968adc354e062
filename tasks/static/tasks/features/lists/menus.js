import { GROUPS, SORTS } from "../../core/arranging.js";
import { explain } from "../../core/api.js";
import { arrange, arrangementOf, savedFields } from "../../core/arrangements.js";
import { button, h, icon } from "../../core/dom.js";
import { GAP, stepped } from "../../core/placing.js";
import { ofList, roleIn } from "../../core/selectors.js";
import { counted, quoted } from "../../core/text.js";
import { askText, field } from "../../shell/dialog.js";
import { Picker } from "../../shell/picker.js";
import { Popover } from "../../shell/popover.js";
import { LAYOUTS } from "../board/layout.js";
import { knows } from "../objects.js";

/**
 * What can be done with a view, a list and a section, beside their names. Loaded when the first is opened.
 *
 * @typedef {import("../../core/types.js").TaskList} TaskList
 * @typedef {import("../../core/types.js").Section} Section
 * @typedef {import("../../shell/picker.js").Option} Option
 */

export class ListMenus {
  /** @param {{model: import("../../core/model.js").Model, objects: import("../objects.js").Objects, onArranged: () => void,
   *   api: import("../../core/api.js").Api, outbox: import("../../core/outbox.js").Outbox, toasts: import("../../shell/toasts.js").Toasts, places: import("./places.js").Places,
   *   undo: (key: string) => void, edit: (list: TaskList) => void, share: (list: string) => void, filter: (anchor: HTMLElement) => void, layout: () => import("../board/layout.js").Layout}} parts  `undo`: takes back this change if it is the last one; `filter`: asks what to filter by */
  constructor({ model, objects, api, outbox, toasts, undo, onArranged, places, edit, share, filter, layout }) {
    this.layout = layout;
    this.filter = filter;
    this.model = model;
    this.objects = objects;
    this.onArranged = onArranged;
    this.api = api;
    this.outbox = outbox;
    this.toasts = toasts;
    this.undo = undo;
    this.places = places;
    this.edit = edit;
    this.share = share;
  }

  /** How the view is shown, sorted and grouped, and what can be added to it. @param {HTMLElement} anchor */
  view(anchor) {
    const { shown, selected } = this.model;
    const { view } = selected;
    const popover = new Popover("Sort, group and filter", "view-menu");
    const saved = view.kind === "filter" ? shown.filters?.get(view.id ?? "") : undefined;
    const now = arrangementOf(view, saved);
    /** @type {["sort" | "group", string, [string, string][]][]} */
    const selects = [["sort", "Sort by", SORTS], ["group", "Group by", GROUPS.filter(([group]) => group !== "list" || view.kind !== "list")]];
    const fields = selects.map(([what, label, choices]) => {
      const chosen = now[what] === "late" ? "due" : now[what];
      return field(label, selectOf(choices, chosen, (value) => this.arrange(what, value)));
    });
    const layout = this.layout();
    if (layout.mayChange) fields.unshift(field("Layout", selectOf(LAYOUTS, layout.kind, (kind) => (popover.close(), layout.set(kind)))));
    const more = button("Filter by …", () => (popover.close(), this.filter(anchor)), "");
    more.prepend(icon("filter"));
    popover.node.append(...fields, more);
    popover.show(anchor, fields[0]?.querySelector("select") ?? popover.node);
  }

  /** Sorts or groups the view that is shown. @param {"sort" | "group"} what @param {string} value */
  arrange(what, value) {
    const { shown, selected } = this.model;
    const filter = selected.view.kind === "filter" ? shown.filters?.get(selected.view.id ?? "") : undefined;
    if (filter) this.objects.update("filter", filter, savedFields({ [what]: value }));
    else arrange(selected.view, { [what]: value });
    this.onArranged();
  }

  /** What can be done with a list. @param {TaskList} list @param {HTMLElement} anchor */
  list(list, anchor) {
    const { places } = this;
    const role = roleIn(this.model.shown, list);
    const isOwn = role === "owner" && list.kind === "list";
    const isFavorite = places.isFavorite(list.id);
    const step = (/** @type {1 | -1} */ by) => () => void places.step(list.id, by);
    /** @type {(Option | false)[]} */
    const all = [
      list.kind !== "inbox" && !list.archived_at && { label: isFavorite ? "Remove from favourites" : "Add to favourites", sign: icon("star"), run: () => places.setFavorite(list.id, !isFavorite) },
      places.canStep(list.id, -1) && { label: "Move up", sign: icon("up"), run: step(-1) },
      places.canStep(list.id, 1) && { label: "Move down", sign: icon("down"), run: step(1) },
      role !== "viewer" && !list.archived_at && knows("section") && { label: "Add a section", sign: icon("section"), run: () => void this.addSection(list) },
      list.kind === "list" && { label: "Share", sign: icon("people"), run: () => this.share(list.id) },
      role === "owner" && { label: "Rename, recolour or delete", sign: icon("pencil"), run: () => this.edit(list) },
      isOwn && knows("list", "archived_at") && { label: list.archived_at ? "Bring it back from the archive" : "Archive", sign: icon("archive"), run: () => void this.archive(list, !list.archived_at) },
    ];
    new Picker({ label: list.name, options: () => all.filter((option) => option !== false) }).open(anchor);
  }

  /** What can be done with a section. @param {string} id @param {HTMLElement} anchor @param {"sideways" | ""} [way]  how they stand beside each other */
  section(id, anchor, way = "") {
    const section = this.model.shown.sections?.get(id);
    if (!section) return;
    const others = ofList(this.model.shown.sections, section.list).sort((a, b) => a.position - b.position);
    const at = others.findIndex((each) => each.id === id);
    const move = (/** @type {number} */ step) => () => this.objects.update("section", section, { position: stepped(others, at, step) });
    /** @type {(Option | false)[]} */
    const all = [
      { label: "Rename", sign: icon("pencil"), run: () => void this.#rename(section) },
      at > 0 && { label: way ? "Move left" : "Move up", sign: icon(way ? "outdent" : "up"), run: move(-1) },
      at < others.length - 1 && { label: way ? "Move right" : "Move down", sign: icon(way ? "indent" : "down"), run: move(1) },
      { label: "Delete, keep its tasks", sign: icon("trash"), run: () => this.#remove(section) },
    ];
    new Picker({ label: "Section", options: () => all.filter((option) => option !== false) }).open(anchor);
  }

  /** @param {TaskList} list @param {boolean} archived */
  async archive(list, archived) {
    try {
      await this.outbox.arrived(list.id);
      await this.api.request("POST", `/api/lists/${list.id}/${archived ? "archive" : "unarchive"}`);
      if (archived) this.toasts.show({ text: `Archived ${quoted(list.name)}.`, choices: [["Undo", () => void this.archive(list, false)]] });
    } catch (error) {
      this.toasts.problem(explain(error));
    }
  }

  /** @param {TaskList} list */
  async addSection(list) {
    const name = await askText({ title: "New section", label: "Name", yes: "Add" });
    if (name) this.makeSection(list.id, name);
  }

  /** Behind the others. @param {string} list @param {string} name */
  makeSection(list, name) {
    const last = ofList(this.model.shown.sections, list).reduce((most, { position }) => Math.max(most, position), 0);
    this.objects.create("section", { list, name, position: last + GAP });
  }

  /** @param {Section} section */
  #remove(section) {
    const count = [...this.model.shown.tasks.values()].filter((task) => task.section === section.id && !task.completed).length;
    const key = this.objects.remove("section", section);
    const kept = count ? ` Its ${counted(count, "task")} ${count > 1 ? "are" : "is"} in the list without a section.` : "";
    this.toasts.show({ text: `Deleted the section ${quoted(section.name)}.${kept}`, choices: [["Undo", () => this.undo(key)]] });
  }

  /** @param {Section} section */
  async #rename(section) {
    const name = await askText({ title: "Rename the section", label: "Name", value: section.name, yes: "Rename" });
    if (name) this.objects.update("section", section, { name });
  }
}

/** @param {[value: string, label: string][]} choices @param {string} chosen @param {(value: string) => void} change */
function selectOf(choices, chosen, change) {
  const select = h("select", { onchange: () => change(select.value) }, ...choices.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  return select;
}
