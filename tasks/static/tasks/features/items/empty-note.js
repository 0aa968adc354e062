import { find, h, icon } from "../../core/dom.js";
import { membersOf, roleIn } from "../../core/selectors.js";
import { quoted } from "../../core/text.js";

/**
 * What is said where no tasks are.
 *
 * @typedef {import("../../core/model.js").Model} Model
 */

/** @type {Record<string, [picture: string, title: string, text: string]>} */
const OF_VIEW = {
  today: ["check", "Nothing is due today", "What is due today, and what is late, stands here: of all lists, yours or nobody’s."],
  upcoming: ["calendar", "Nothing planned", "Give a task a date, and it stands here under its day."],
  assigned: ["person", "Nothing is assigned to you", "What others or you assign to you stands here, whatever its list."],
  label: ["label", "No open task with this label", "Give it to a task, in the task’s details."],
  filter: ["list", "Nothing matches", "No open task fits this filter now."],
};

/** @type {[picture: string, title: string, text: string]} */
const FILTERED = ["filter", "Nothing matches", "No open task fits the filters above. Take one away to see more."];

export class EmptyNote {
  /** @param {{newList: () => void}} parts */
  constructor({ newList }) {
    this.newList = newList;
    this.node = find("empty");
  }

  /** @param {Model} model @param {{open: number, done: number, list: ?string, isFiltered: boolean}} shown */
  show(model, { open, done, list, isFiltered }) {
    const { view } = model.selected;
    this.node.hidden = open > 0 || (view.kind !== "list" && !OF_VIEW[view.kind]);
    if (this.node.hidden) return;
    const spanning = isFiltered && view.kind !== "filter" ? FILTERED : OF_VIEW[view.kind];
    const [picture, title, text, ...more] = spanning ?? (list ? this.#ofList(model, list, done) : this.#ofNone(model));
    if (this.node.dataset.shown === title + text) return;
    this.node.dataset.shown = title + text;
    this.node.replaceChildren(h("span", { class: "empty-mark" }, icon(picture)), h("h2", {}, title), h("p", { dir: "auto" }, text), ...more);
  }

  /** @param {Model} model @param {string} id @param {number} done @returns {[string, string, string]} */
  #ofList({ shown }, id, done) {
    const list = shown.lists.get(id);
    if (done) return ["check", "All done", "Everything in this list is completed. Enjoy it, or add what comes next."];
    if (list?.archived_at) return ["list", "Nothing here", "This list is archived."];
    if (roleIn(shown, list) === "viewer") return ["list", "Nothing here yet", "When an editor adds a task, it appears here."];
    const shared = list?.kind === "everyone" || membersOf(shown, id).length > 1;
    return ["list", "Nothing here yet", `Type below and press Enter. ${shared ? "Others in this list see it at once." : "Only you see this list."}`];
  }

  /** @param {Model} model @returns {[string, string, string, ...HTMLElement[]]} */
  #ofNone({ missing }) {
    if (missing) {
      const why = missing.how === "deleted" ? `${missing.by || "Somebody"} deleted it.` : `${missing.by || "Its owner"} removed you from it, or it is gone.`;
      return ["list", "This list is not here any more", [missing.name && quoted(missing.name), why].filter(Boolean).join(": ")];
    }
    const make = h("button", { type: "button", class: "button primary", onclick: this.newList }, "Make a list");
    return ["list", "No list yet", "Tasks live in lists, alone or shared with others.", make];
  }
}
