import { explain } from "../../core/api.js";
import { uuid } from "../../core/ids.js";
import { quoted } from "../../core/text.js";

/**
 * Actions on lists.
 *
 * @typedef {import("../../core/types.js").TaskList} TaskList
 * @typedef {import("../../core/types.js").Fields} Fields
 * @typedef {import("../../core/types.js").Operation} Operation
 */
export class ListActions {
  /**
   * @param {Object} parts
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../../core/outbox.js").Outbox} parts.outbox
   * @param {import("../../shell/toasts.js").Toasts} parts.toasts
   * @param {import("../../shell/router.js").Router} parts.router
   * @param {(ids: string[]) => Promise<unknown>} parts.restore   brings back what is in the trash
   * @param {(name: string, list?: ?TaskList) => void} parts.compose   opens the form for a list, or a new one, with this name
   */
  constructor({ model, outbox, toasts, router, restore, compose }) {
    this.model = model;
    this.outbox = outbox;
    this.toasts = toasts;
    this.router = router;
    this.restore = restore;
    this.compose = compose;
  }

  /** @param {string} name @param {string} color */
  add(name, color) {
    const id = uuid();
    this.#send({ id, verb: "create", fields: { name, color }, display: { kind: "list", owner: this.model.shown.me?.id } });
    this.router.go(id);
  }

  /** @param {TaskList} list @param {Fields} fields */
  edit(list, fields) {
    const before = /** @type {any} */ (list);
    const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => before[name] !== value));
    if (Object.keys(changed).length) this.#send({ id: list.id, verb: "update", fields: changed, seen_as: list });
  }

  /** @param {TaskList} list */
  remove(list) {
    this.router.forgo(list.id);
    const key = this.#send({ id: list.id, verb: "delete", seen_as: list });
    this.toasts.show({ text: `Deleted the list ${quoted(list.name)}. It is in the trash.`, choices: [["Undo", () => void this.#restore(list, key)]] });
  }

  /** @param {TaskList} list @param {string} key  of its deletion, which may be still on its way */
  async #restore({ id, name }, key) {
    try {
      if (!this.outbox.cancel(key)) {
        await this.outbox.sent([key]);
        await this.restore([id]);
      }
      this.toasts.show({ text: `Restored ${quoted(name)}.`, choices: [["Open", () => this.router.go(id)]] });
    } catch (error) {
      this.toasts.problem(`The list ${quoted(name)} could not be restored. ${explain(error)}`);
    }
  }

  /** Reports a change that was given up. @param {Operation} operation @param {import("../../core/outbox.js").Failure} failure */
  report({ id, verb, fields, seen_as: list }, { error }) {
    const what = { create: "could not be made", update: "could not be changed", delete: "could not be deleted" }[verb];
    const name = fields?.name ?? list?.name ?? "";
    if (verb === "create") this.router.forgo(id);
    const present = this.model.shown.lists.get(id);
    /** @type {import("../../core/types.js").Choice[]} */
    const again = verb === "create" || (present && fields?.name) ? [["Edit again", () => this.compose(name, present)]] : [];
    this.toasts.problem(`The list ${quoted(name)} ${what}. ${explain(error)}`, ...again);
  }

  /** Returns the operation's key. @param {Pick<Operation, "id" | "verb"> & Partial<Operation>} operation */
  #send(operation) {
    const { fields, seen_as: seen } = operation;
    const base = Object.fromEntries(Object.keys(fields ?? {}).map((name) => [name, seen?.[name]]));
    const version = operation.verb === "update" ? this.model.confirmed.lists.get(operation.id)?.version : undefined;
    const key = uuid();
    this.outbox.add({ key, kind: "list", base, display: {}, ...(version ? { version } : {}), state: "queued", ...operation });
    return key;
  }
}
