import { explain } from "../../core/api.js";
import { dueLabel } from "../../core/dates.js";
import { button, h, icon, setColor, setText } from "../../core/dom.js";
import { counted } from "../../core/text.js";
import { hashOfList } from "../../shell/router.js";

/**
 * A search with an address of its own, so that Back leads to what was found. Finds by title, notes and labels, completed
 * tasks too.
 *
 * @typedef {import("../../core/types.js").Task} Task
 */
const PAUSE = 160; // ms after a key
const MOST = 50; // in a page

export class SearchPage {
  #query = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{api: import("../../core/api.js").Api, model: import("../../core/model.js").Model, router: import("../../shell/router.js").Router}} parts */
  constructor({ api, model, router }) {
    this.api = api;
    this.model = model;
    this.router = router;
    this.input = h("input", { type: "search", "aria-label": "Search tasks", placeholder: "Titles, notes and labels", dir: "auto", autocomplete: "off", enterkeyhint: "search", maxLength: 500 });
    this.said = h("p", { class: "quiet hint", role: "status" });
    this.list = h("ul", { class: "found" });
    this.more = h("div", { class: "buttons" });
    const form = h("form", { class: "search-form", role: "search" }, icon("search"), this.input);
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#changed()));
    this.input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#changed(), PAUSE);
    });
    this.node = h("div", { class: "search-page" }, form, this.said, this.list, this.more);
  }

  /** @param {?string} query */
  enter(query) {
    this.#query = query ?? "";
    if (this.input.value.trim() !== this.#query) this.input.value = this.#query;
    if (!this.#query) this.input.focus();
    void this.#load(this.#query);
  }

  leave() {
    clearTimeout(this.#timer);
    this.#query = "";
    this.input.value = "";
    this.list.replaceChildren();
  }

  #changed() {
    clearTimeout(this.#timer);
    const query = this.input.value.trim();
    if (query !== this.#query) this.router.refine({ kind: "search", id: query || null });
  }

  /** @param {string} query @param {string} [cursor]  where the next page begins */
  async #load(query, cursor = "") {
    this.more.replaceChildren();
    setText(this.said, query ? "Searching …" : "");
    if (!query) return this.list.replaceChildren();
    try {
      const { results, next_cursor: next } = await this.api.request("GET", `/api/search?q=${encodeURIComponent(query)}&limit=${MOST}${cursor && "&cursor=" + cursor}`);
      if (query !== this.#query) return; // more was typed meanwhile
      if (!cursor) this.list.replaceChildren(); // what was found before stays until then
      this.list.append(...results.map((/** @type {Task} */ task) => this.#row(task)));
      const count = this.list.childElementCount;
      setText(this.said, count ? `${counted(count, "task")}${next ? " and more" : ""}` : "Nothing found. Every word has to be in the title, the notes or a label.");
      if (next) this.more.replaceChildren(button("Show more", () => void this.#load(query, next), "small"));
    } catch (error) {
      if (query !== this.#query) return;
      setText(this.said, explain(error));
      this.more.replaceChildren(button("Try again", () => void this.#load(query, cursor), "small"));
    }
  }

  /** @param {Task} task */
  #row(task) {
    const list = this.model.shown.lists.get(task.list);
    const due = task.completed ? null : dueLabel(task);
    const meta = [
      due && h("span", { class: `chip due ${due.tone}` }, icon("calendar"), due.text),
      list && h("span", { class: "chip of-list" }, setColor(h("span", { class: "dot" }), list.color), h("span", { class: "chip-text", dir: "auto" }, list.name)),
    ];
    const sign = task.completed ? h("span", { class: "found-done" }, icon("check"), h("span", { class: "visually-hidden" }, "completed")) : h("span", { class: "found-open" });
    const href = `${list ? hashOfList(list) : "#/list/" + task.list}/task/${task.id}`;
    return h("li", {}, h("a", { href, class: task.completed ? "completed" : "" }, sign, h("span", { class: "found-title", dir: "auto" }, task.title), h("span", { class: "meta" }, ...meta)));
  }
}
