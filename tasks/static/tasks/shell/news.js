import { quoted } from "../core/text.js";
import { KINDS } from "../core/kinds.js";

/**
 * Changes by others: announced to screen readers, highlighted if on the screen, and shown as a message if they concern the
 * person.
 *
 * @typedef {import("../core/types.js").Change} Change
 * @typedef {import("../core/model.js").Model} Model
 */

const MOST_FLASHES = 50;

/** @type {Record<string, string>} */
const DONE = { created: "added", updated: "changed", deleted: "deleted" };

export class News {
  /**
   * @param {Object} parts
   * @param {Model} parts.model
   * @param {Record<string, (id: any) => void>} parts.flash   by kind
   * @param {(text: string) => void} parts.announce
   * @param {import("./toasts.js").Toasts} parts.toasts
   */
  constructor({ model, flash, announce, toasts }) {
    this.model = model;
    this.flash = flash;
    this.announce = announce;
    this.toasts = toasts;
  }

  show() {
    const changes = this.model.takeChanges();
    for (const { name, object } of changes.filter(({ verb }) => verb === "joined")) {
      this.toasts.show({ text: `${name} added you to the list ${quoted(object.name)}.` });
    }
    const others = changes.filter(({ verb }) => verb !== "joined");
    for (const { id, kind } of others.slice(0, MOST_FLASHES)) this.flash[kind]?.(id);
    const here = others.filter(({ kind, object }) => object && (kind === "list" || object.list === this.model.selected.list));
    const last = here.at(-1);
    if (last) this.announce(this.#sentence(last, here.length - 1));
  }

  /** @param {Change} change @param {number} more */
  #sentence({ name, kind, verb, object }, more) {
    const what = `${KINDS[kind]?.noun ?? ""}${quoted(object.title ?? object.name ?? "")}`;
    return `${name} ${DONE[verb] ?? verb} ${what}${more > 0 ? ", and " + more + " more changes" : ""}`;
  }
}
