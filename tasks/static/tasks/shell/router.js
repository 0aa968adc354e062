import { preference, setPreference } from "../core/preferences.js";
import { sortedLists } from "../core/selectors.js";

/**
 * The view and the open task, in the address: `#/today`, `#/upcoming`, `#/inbox`, `#/list/ID`, `#/label/NAME`, each with
 * `/task/ID` behind it, and `#/trash`, `#/search?q=WORDS`. Opening a task adds one history entry, going to another task replaces it, and closing goes back.
 *
 * @typedef {import("../core/model.js").Model} Model
 * @typedef {import("../core/views.js").View} View
 * @typedef {{view: View, task: ?string}} Place
 */

/** The kinds of views, and whether an id follows in the address. @type {Record<string, boolean>} */
const ROUTES = { today: false, upcoming: false, assigned: false, inbox: false, trash: false, search: false, list: true, label: true, filter: true };
const NOWHERE = { kind: "list", id: null };
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** @param {View} view @param {?string} task */
const hashOf = ({ kind, id }, task) => (kind === "search" ? ["#/search", id && encodeURIComponent(id)].filter(Boolean).join("?q=") : pathOf(kind, id, task));

/** @param {string} kind @param {?string} id @param {?string} task */
const pathOf = (kind, id, task) => `#/${[kind, id && encodeURIComponent(id), task && "task/" + task].filter(Boolean).join("/")}`;

/** The address of a list's view. @param {import("../core/types.js").TaskList} list */
export const hashOfList = ({ id, kind }) => hashOf(kind === "inbox" ? { kind, id: null } : { kind: "list", id }, null);

/** @param {string} hash @returns {Place} */
export function placeOf(hash) {
  const [kind = "", ...rest] = hash.replace(/^#\/?/, "").split("?")[0]?.split("/").filter(Boolean) ?? [];
  if (UUID.test(kind)) return { view: { kind: "list", id: kind }, task: rest[0] ?? null }; // an address of an earlier version
  if (kind === "search") return { view: { kind, id: new URLSearchParams(hash.split("?")[1] ?? "").get("q")?.trim() || null }, task: null };
  const id = ROUTES[kind] ? decoded(rest.shift() ?? "") : null;
  const task = rest[0] === "task" ? (rest[1] ?? null) : null;
  return kind in ROUTES && (id || !ROUTES[kind]) ? { view: { kind, id }, task } : { view: NOWHERE, task: null };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** @param {View} a @param {View} b */
const isSame = (a, b) => a.kind === b.kind && a.id === b.id;

export class Router {
  /** @type {Place} */
  #wanted = { view: NOWHERE, task: null };
  /** @type {?string} */
  #open = null; // the list that was shown last
  #isGoingBack = false; // until the browser has made the step; it would be made from what is added meanwhile
  /** @type {?Place} */
  #next = null; // where to go after the step
  #forgone = new Set(); // lists that the person has left or deleted
  /** Called after each change of the address. @type {() => void} */
  onRoute = () => {};
  /** Called for a list that is not there for this person. @type {() => void} */
  onUnknownList = () => {};

  /** @param {{model: Model}} parts */
  constructor({ model }) {
    this.model = model;
  }

  start() {
    addEventListener("hashchange", () => this.#read());
    addEventListener("popstate", () => this.#came());
    this.#read();
  }

  /** Goes to a list, and to a task in it. @param {?string} list @param {?string} [task] */
  go(list, task = null) {
    const known = this.model.shown.lists.get(list ?? "");
    this.goTo(known?.kind === "inbox" ? { kind: "inbox", id: null } : { kind: "list", id: list }, task);
  }

  /** Goes to a view, and to a task in it. @param {View} view @param {?string} [task] */
  goTo(view, task = null) {
    const hash = view.kind === "list" && !view.id ? "#/" : hashOf(view, task);
    if (this.#isGoingBack) {
      this.#next = { view, task };
      return this.#show(this.#next);
    }
    if (location.hash !== hash) {
      const { view: from, task: fromTask } = this.#wanted;
      if (task && fromTask) history.replaceState(isSame(view, from) ? history.state : null, "", hash);
      else history.pushState(task ? { opened: hashOf(view, null) } : null, "", hash);
    }
    this.#read();
  }

  /** Goes to a view of the same kind in the place of the one that is shown: one step back leads to where it was begun. @param {View} view */
  refine(view) {
    history.replaceState(history.state, "", hashOf(view, null));
    this.#read();
  }

  /** Opens a task in the view that is shown, or in its own list's. @param {import("../core/types.js").Task} task */
  open({ list, id }) {
    if (this.model.selected.view.kind === "list" && this.model.selected.list !== list) this.go(list, id);
    else this.goTo(this.#wanted.view, id);
  }

  closeTask() {
    const { view, task } = this.#wanted;
    if (!task) return;
    this.#next = null;
    if (this.#isGoingBack) this.#next = { view, task: null };
    else if (history.state?.opened === hashOf(view, null)) {
      this.#isGoingBack = true;
      history.back();
    } else history.replaceState(null, "", hashOf(view, null));
    this.#wanted = { view, task: null };
    this.resolve();
    this.onRoute();
  }

  /** The person is leaving or deleting this list, so its removal is not reported. @param {string} list */
  forgo(list) {
    this.#forgone.add(list);
  }

  /** Updates the selection to what exists. Called before each rendering. */
  resolve() {
    const { model } = this;
    if (!model.loaded) return;
    const { view, task } = this.#wanted;
    model.missing = null;
    const list = view.kind === "inbox" ? this.#inbox() : view.kind === "list" ? view.id : null;
    if (view.kind !== "list" && view.kind !== "inbox") return this.#select(view, null, task);
    if (list && model.shown.lists.has(list)) return this.#select({ kind: "list", id: list }, list, task);
    if (list && this.#isMissed(list)) {
      model.selected = { view: NOWHERE, list: null, task: null };
      model.missing = model.lost.get(list) ?? { id: list, name: "", how: "left", by: "" };
      return;
    }
    if (list && !this.#forgone.has(list)) this.onUnknownList();
    this.#begin();
  }

  /** Goes to where the page begins. */
  #begin() {
    const place = this.#first();
    history.replaceState(null, "", place.kind === "list" && !place.id ? "#/" : hashOf(place, null));
    this.#wanted = { view: place, task: null };
    if (place.kind === "list" && !place.id) this.model.selected = { view: NOWHERE, list: null, task: null };
    else this.resolve();
  }

  /** Whether to say that the list is gone instead of showing another one: a draft must not move to another list. @param {string} list */
  #isMissed(list) {
    const wasHere = this.#open === list || this.model.lost.has(list);
    return !!this.model.composers.get(list) || (wasHere && !this.#forgone.has(list));
  }

  /** @param {View} view @param {?string} list @param {?string} task */
  #select(view, list, task) {
    this.#open = list;
    this.model.selected = { view, list, task };
    const remembered = hashOf(this.#wanted.view, null);
    if (preference("view") !== remembered) setPreference("view", remembered);
  }

  #inbox() {
    return sortedLists(this.model.shown).find(({ kind }) => kind === "inbox")?.id ?? null;
  }

  /** The view to start with: the last one, or the first list in the sidebar. @returns {View} */
  #first() {
    const { shown } = this.model;
    const { view } = placeOf(preference("view") ?? "");
    const exists = view.kind === "list" || view.kind === "inbox" ? shown.lists.has(view.id ?? "") : view.kind !== "search";
    if (exists && view !== NOWHERE) return view;
    const first = sortedLists(shown)[0];
    return first?.kind === "inbox" ? { kind: "inbox", id: null } : { kind: "list", id: first?.id ?? null };
  }

  /** A step in the history was made. */
  #came() {
    const next = this.#next;
    this.#isGoingBack = false;
    this.#next = null;
    if (!next) return this.#read();
    this.#wanted = placeOf(location.hash);
    this.goTo(next.view, next.task);
  }

  #read() {
    this.#show(placeOf(location.hash));
  }

  /** @param {Place} place */
  #show(place) {
    this.#wanted = place;
    this.resolve();
    this.onRoute();
  }
}
