import { Children, h, icon, setText } from "../../core/dom.js";
import { byPosition, roleIn, sections } from "../../core/selectors.js";
import { Row } from "./row.js";

const LINGER = 1_200; // ms for which a task that was just completed stays where it is

/** The tasks of the selected list: the open ones, the field for a new one, and the completed ones to unfold. */
export class TasksView {
  #open;
  #done;
  #unfolded = new Set();
  #held = new Map(); // id → timer of a task that was just completed
  #wasOpen = new Set();
  #list = null;

  constructor(app, find) {
    this.app = app;
    this.parts = Object.fromEntries(
      ["main", "open", "done", "empty", "composer", "new-task", "done-section", "done-toggle", "done-count"].map((id) => [id, find(id)]),
    );
    this.input = this.parts["new-task"];
    this.parts.composer.addEventListener("submit", (event) => this.#add(event));
    this.input.addEventListener("keydown", (event) => event.key === "Escape" && this.input.blur());
    this.parts["done-toggle"].addEventListener("click", () => this.#unfold());
    this.parts.main.addEventListener("keydown", (event) => this.#arrow(event));
  }

  show() {
    const { model } = this.app;
    const list = model.shown.lists.get(model.selected.list);
    if (!model.loaded) return;
    const parts = this.parts;
    if (!this.#open) this.#start();
    if (!list) return this.#showNoList();
    if (this.#list !== list.id) this.#switch(list.id);
    const writable = roleIn(model.shown, list) !== "viewer";
    const { open, done } = this.#sections(list.id);
    const context = this.#context(writable);
    this.#open.show(open, context);
    parts["done-section"].hidden = !done.length;
    const unfolded = this.#unfolded.has(list.id);
    parts["done-toggle"].setAttribute("aria-expanded", unfolded);
    parts.done.hidden = !unfolded;
    setText(parts["done-count"], done.length);
    this.#done.show(unfolded ? done : [], context);
    parts.composer.hidden = !writable;
    this.#showEmptyList(open.length, done.length, writable);
  }

  /** The rows of what others have just changed, in this list. */
  flash(id) {
    (this.#open?.get(id) ?? this.#done?.get(id))?.flash();
  }

  row(id) {
    return this.#open?.get(id) ?? this.#done?.get(id);
  }

  compose(text = "") {
    if (text) this.input.value = this.input.value ? `${this.input.value} ${text}` : text;
    this.input.focus();
  }

  #start() {
    this.parts.open.replaceChildren();
    this.parts.main.removeAttribute("aria-busy");
    this.#open = new Children(this.parts.open, (task) => new Row(this.app, task));
    this.#done = new Children(this.parts.done, (task) => new Row(this.app, task));
  }

  #switch(list) {
    this.#list = list;
    this.#held.forEach(clearTimeout);
    this.#held.clear();
    this.#wasOpen.clear();
    this.parts.main.scrollTo(0, 0);
  }

  /** As the store has them, but a task stays where it is while its title is being edited, and a moment after completion. */
  #sections(list) {
    const { shown, drafts } = this.app.model;
    let { open, done } = sections(shown, list);
    for (const task of done) if (this.#wasOpen.has(task.id)) this.#hold(task.id);
    this.#wasOpen = new Set(open.map(({ id }) => id));
    const pinned = [...drafts.values()].filter(({ place, home }) => place === "row" && home.list === list);
    const stays = new Set([...this.#held.keys()].filter((id) => shown.tasks.get(id)?.completed));
    if (!pinned.length && !stays.size) return { open, done };
    const pins = new Map(pinned.map((draft) => [draft.id, draft]));
    const free = ({ id }) => !pins.has(id) && !stays.has(id);
    const held = done.filter(({ id }) => stays.has(id) && !pins.has(id));
    const pinnedTasks = (completed) => pinned.filter(({ home }) => home.completed === completed).map(({ task }) => task);
    open = [...open.filter(free), ...held, ...pinnedTasks(false)].sort(byPosition);
    done = [...pinnedTasks(true), ...done.filter(free)];
    return { open, done };
  }

  #hold(id) {
    if (this.#held.has(id)) return;
    const release = () => {
      this.#held.delete(id);
      this.app.render();
    };
    this.#held.set(id, setTimeout(release, LINGER));
  }

  #context(writable) {
    const { model, outbox } = this.app;
    const waiting = new Set(outbox.isStuck ? outbox.unsaved.map(({ id }) => id) : []);
    return { writable, waiting, selected: model.selected.task, minute: Math.floor(Date.now() / 60_000) };
  }

  #showNoList() {
    this.#open.show([]);
    this.#done.show([]);
    this.parts.composer.hidden = this.parts["done-section"].hidden = true;
    const make = h("button", { type: "button", class: "button primary", onclick: () => this.app.dialogs.list.open() }, "Make a list");
    this.#showEmpty(0, "list", "No list yet", "Tasks live in lists, alone or shared with others.", make);
  }

  #showEmptyList(open, done, writable) {
    const ended = "Everything in this list is completed. Enjoy it, or add what comes next.";
    const begin = "Type below and press Enter. Others in this list see it at once.";
    if (done) this.#showEmpty(open, "check", "All done", ended);
    else this.#showEmpty(open, "list", "Nothing here yet", writable ? begin : "When an editor adds a task, it appears here.");
  }

  #showEmpty(open, picture, title, text, ...more) {
    const { empty } = this.parts;
    empty.hidden = open > 0;
    if (open || empty.dataset.shown === title) return;
    empty.dataset.shown = title;
    empty.replaceChildren(h("span", { class: "empty-mark" }, icon(picture)), h("h2", {}, title), h("p", {}, text), ...more);
  }

  #add(event) {
    event.preventDefault();
    const title = this.input.value.trim();
    if (!title) return;
    const id = this.app.actions.addTask(this.#list, title);
    this.input.value = "";
    this.app.render(true);
    // Rows that were never in sight have guessed heights, so the first jump may fall short.
    this.row(id)?.node.scrollIntoView({ block: "nearest" });
    requestAnimationFrame(() => this.row(id)?.node.scrollIntoView({ block: "nearest" }));
  }

  #unfold() {
    if (!this.#unfolded.delete(this.#list)) this.#unfolded.add(this.#list);
    this.app.render(true);
  }

  /** Up and down go from row to row, on the same control. */
  #arrow(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest(".task");
    if (!step || !row || event.target.matches("textarea")) return;
    const rows = [...this.parts.main.querySelectorAll(".task")];
    const next = rows[rows.indexOf(row) + step];
    if (!next) return;
    event.preventDefault();
    const at = [...row.querySelectorAll("button, input")].indexOf(event.target);
    const target = next.querySelectorAll("button, input")[at];
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }
}
