import { explain } from "../../core/api.js";
import { dayOf, dayText } from "../../core/dates.js";
import { button, h, icon, setText } from "../../core/dom.js";
import { nameOf } from "../../core/selectors.js";
import { counted, quoted } from "../../core/text.js";
import { ask } from "../../shell/dialog.js";

/**
 * What was deleted, by day, and can be brought back as long as the server keeps it. A field finds it by its title.
 *
 * @typedef {{id: string, kind: string, title: string, tasks: number, deleted_at: string, deleted_by: ?number, object: any}} Entry
 */
const PAUSE = 250; // ms after a key before the server is asked

export class Trash {
  #day = "";
  #visit = 0;
  #timer = 0;

  /**
   * @param {Object} parts
   * @param {import("../../core/api.js").Api} parts.api
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {import("../items/actions.js").TaskActions} parts.actions
   * @param {(list: string, task?: string) => void} parts.go
   */
  constructor({ api, model, toasts, actions, go }) {
    this.api = api;
    this.actions = actions;
    this.model = model;
    this.toasts = toasts;
    this.go = go;
    this.list = h("ul", { class: "trash" });
    this.more = h("div", { class: "buttons" });
    this.empty = button("Empty the trash", () => this.#empty(), "small danger quiet-button");
    this.note = h("p", { class: "quiet hint" });
    this.field = h("input", { type: "search", placeholder: "Search the trash", "aria-label": "Search the trash", autocomplete: "off", maxLength: 500, dir: "auto", enterKeyHint: "search", oninput: () => this.#search() });
    const form = h("form", { class: "search-form", role: "search", hidden: true, onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, icon("search"), this.field);
    this.form = form;
    this.node = h("div", { class: "trash-page" }, form, h("div", { class: "trash-head" }, this.note, this.empty), this.list, this.more);
  }

  enter() {
    this.field.value = "";
    this.form.hidden = true;
    this.#show();
  }

  /** A moment after the last key. */
  #search() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), PAUSE);
  }

  #show() {
    clearTimeout(this.#timer);
    this.list.replaceChildren();
    this.#day = "";
    this.#visit += 1;
    this.empty.hidden = true;
    void this.#load();
  }

  /** What is searched for; "" for all. */
  get #words() {
    return this.field.value.trim();
  }

  /** @param {string} [cursor]  where the next page begins */
  async #load(cursor = "") {
    const visit = this.#visit;
    this.more.replaceChildren(h("span", { class: "quiet", role: "status" }, "Loading …"));
    try {
      const { results, next_cursor: next, days } = await this.api.request("GET", `/api/trash?${new URLSearchParams(Object.entries({ search: this.#words, cursor }).filter(([, value]) => value))}`);
      if (visit !== this.#visit) return; // it is shown again, and loaded again
      setText(this.note, days ? `What was deleted stays here for ${counted(days, "day")}.` : "What was deleted stays here until it is deleted for good.");
      for (const entry of results) this.#add(entry);
      this.more.replaceChildren(...(next ? [button("Show older", () => this.#load(next), "small")] : []));
      this.#showEmpty();
    } catch (error) {
      this.more.replaceChildren(h("span", { class: "form-error", role: "alert" }, explain(error)), button("Try again", () => this.#load(cursor), "small"));
    }
  }

  #showEmpty() {
    const isEmpty = !this.list.querySelector("li:not(.trash-day)");
    this.empty.hidden = isEmpty || !!this.#words;
    this.form.hidden = isEmpty && !this.#words;
    const text = this.#words ? `Nothing in the trash has ${quoted(this.#words)} in its title.` : "There is nothing in the trash.";
    if (isEmpty) this.more.replaceChildren(h("span", { class: "quiet", role: "status" }, text));
  }

  /** @param {Entry} entry */
  #add(entry) {
    const day = dayText(dayOf(new Date(entry.deleted_at)), { weekday: "long", day: "numeric", month: "long" });
    if (day !== this.#day) this.list.append(h("li", { class: "trash-day" }, h("h2", {}, day)));
    this.#day = day;
    const { shown } = this.model;
    const place = entry.kind === "task" ? (shown.lists.get(entry.object.list)?.name ?? "a list that is gone") : "List";
    const by = entry.deleted_by ? `deleted by ${nameOf(shown, entry.deleted_by).replace("You", "you")}` : "deleted";
    const parts = entry.tasks ? `, with ${counted(entry.tasks, entry.kind === "list" ? "task" : "subtask")}` : "";
    const restore = button("Restore", () => this.#restore(entry, node), "small");
    restore.setAttribute("aria-label", `Restore ${entry.title}`);
    const remove = h("button", { type: "button", class: "icon-button small", "aria-label": `Delete ${entry.title} for good`, title: "Delete for good", onclick: () => this.#remove(entry, node) }, icon("trash"));
    const text = h("span", { class: "trash-text", dir: "auto" }, entry.title, h("span", { class: "quiet" }, `${place}, ${by}${parts}`));
    const node = h("li", {}, text, restore, remove);
    this.list.append(node);
  }

  /** @param {Entry} entry @param {HTMLElement} node */
  async #restore(entry, node) {
    await this.#do(entry, node, async () => {
      const { object, detail, moved } = await this.api.request("POST", `/api/trash/${entry.id}/restore`, {});
      if (entry.kind === "task") this.actions.restored(entry.id);
      const open = () => (entry.kind === "list" ? this.go(entry.id) : this.go(object.list, entry.id));
      const text = moved ? `${quoted(entry.title)} is restored. ${detail}` : `Restored ${quoted(entry.title)}.`;
      this.toasts.show({ text, choices: [["Open", open]] });
    });
  }

  /** @param {Entry} entry @param {HTMLElement} node */
  async #remove(entry, node) {
    if (!(await ask({ title: "Delete for good?", text: `${quoted(entry.title)} cannot be brought back then.`, yes: "Delete for good" }))) return;
    await this.#do(entry, node, () => this.api.request("DELETE", `/api/trash/${entry.id}`));
  }

  async #empty() {
    const text = "What you deleted cannot be brought back then. What others deleted stays.";
    if (!(await ask({ title: "Empty the trash?", text, yes: "Delete for good" }))) return;
    try {
      await this.api.request("DELETE", "/api/trash");
      this.enter();
    } catch (error) {
      this.toasts.problem(`The trash could not be emptied. ${explain(error)}`);
    }
  }

  /** @param {Entry} entry @param {HTMLElement} node @param {() => Promise<unknown>} call */
  async #do(entry, node, call) {
    try {
      await call();
      const next = node.nextElementSibling ?? node.previousElementSibling;
      node.remove();
      (next?.querySelector("button") ?? document.querySelector("h1"))?.focus();
      this.#showEmpty();
    } catch (error) {
      this.toasts.problem(`${quoted(entry.title)}: ${explain(error)}`);
    }
  }
}
