import { uuid } from "../core/ids.js";
import { KINDS } from "../core/kinds.js";
import { tableOf } from "../core/store.js";

/**
 * Writes objects of any kind through the outbox: each change is shown at once and sent in the background.
 *
 * @typedef {import("../core/types.js").Fields} Fields
 * @typedef {import("../core/types.js").Operation} Operation
 */
export class Objects {
  /** @param {{model: import("../core/model.js").Model, outbox: import("../core/outbox.js").Outbox}} parts */
  constructor({ model, outbox }) {
    this.model = model;
    this.outbox = outbox;
  }

  /** Returns the new object's id. @param {string} kind @param {Fields} fields @param {Fields} [display]  what the server is expected to set */
  create(kind, fields, display = {}) {
    const id = uuid();
    this.#send({ kind, id, verb: "create", fields, display });
    return id;
  }

  /** @param {string} kind @param {{id: string}} object @param {Fields} fields */
  update(kind, object, fields) {
    const before = /** @type {any} */ (object);
    const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => before[name] !== value));
    if (!Object.keys(changed).length) return;
    const base = Object.fromEntries(Object.keys(changed).map((name) => [name, before[name]]));
    const version = tableOf(this.model.confirmed, kind)?.get(object.id)?.version;
    this.#send({ kind, id: object.id, verb: "update", fields: changed, base, ...(version ? { version } : {}), seen_as: object });
  }

  /** Returns the key of this change. @param {string} kind @param {{id: string}} object */
  remove(kind, object) {
    return this.#send({ kind, id: object.id, verb: "delete", seen_as: object });
  }

  /** @param {Pick<Operation, "kind" | "id" | "verb"> & Partial<Operation>} operation */
  #send(operation) {
    const key = uuid();
    this.outbox.add({ key, display: {}, state: "queued", ...operation });
    return key;
  }
}

/** Whether the server has this kind, and the field. @param {string} kind @param {string} [field] */
export const knows = (kind, field) => !!KINDS[kind] && (!field || field in (KINDS[kind]?.fields ?? {}));
