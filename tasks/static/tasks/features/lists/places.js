import { GAP } from "../../core/placing.js";
import { placeOf, positionOf, sortedLists } from "../../core/selectors.js";

/**
 * The person's own order of lists, and their favourites.
 *
 * @typedef {import("../../core/types.js").TaskList} TaskList
 */
const STEP = 1; // before the first list, and behind the last

export class Places {
  /** @param {{model: import("../../core/model.js").Model, objects: import("../objects.js").Objects, announce: (text: string) => void}} parts */
  constructor({ model, objects, announce }) {
    this.model = model;
    this.objects = objects;
    this.announce = announce;
  }

  /** The lists whose order can be chosen, in their order. */
  get order() {
    return sortedLists(this.model.shown).filter(({ kind, archived_at: archived }) => kind === "list" && !archived);
  }

  /** @param {string} list */
  isFavorite(list) {
    return !!placeOf(this.model.shown, list)?.favorite;
  }

  /** @param {string} list @param {boolean} favorite */
  setFavorite(list, favorite) {
    this.#set(list, { favorite });
  }

  /** Whether the list can go one step up or down. @param {string} list @param {number} step */
  canStep(list, step) {
    const at = this.order.findIndex(({ id }) => id === list);
    return at >= 0 && !!this.order[at + step];
  }

  /** One step up or down. @param {string} list @param {1 | -1} step */
  step(list, step) {
    const { order } = this;
    const at = order.findIndex(({ id }) => id === list);
    if (at < 0 || !order[at + step]) return false;
    this.move(list, at + step);
    this.announce(`${order[at]?.name}: ${at + step + 1} of ${order.length}`);
    return true;
  }

  /** Puts the list at this place among the others. @param {string} list @param {number} at */
  move(list, at) {
    const moved = this.order.find(({ id }) => id === list);
    const others = this.order.filter(({ id }) => id !== list);
    if (!moved || this.order.indexOf(moved) === at) return;
    const [before, after] = [others[at - 1], others[at]].map((each) => each && positionOf(this.model.shown, each));
    const position = between(before, after);
    if (position !== null) return this.#set(list, { position });
    [...others.slice(0, at), moved, ...others.slice(at)].forEach(({ id }, index) => this.#set(id, { position: (index + 1) * GAP }));
  }

  /** @param {string} list @param {{favorite?: boolean, position?: number}} fields */
  #set(list, fields) {
    const place = placeOf(this.model.shown, list);
    if (place) this.objects.update("place", place, fields);
    else this.objects.create("place", { list, favorite: false, position: null, ...fields });
  }
}

/** A position between two neighbours; null where there is no room. @param {number | undefined} before @param {number | undefined} after */
export function between(before, after) {
  if (before === undefined && after === undefined) return null;
  if (before === undefined) return Number(after) - STEP;
  if (after === undefined) return before + STEP;
  const middle = before + (after - before) / 2;
  return middle > before && middle < after ? middle : null;
}
