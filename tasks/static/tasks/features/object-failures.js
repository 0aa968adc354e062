import { explain } from "../core/api.js";
import { KINDS } from "../core/kinds.js";
import { tableOf } from "../core/store.js";
import { quoted } from "../core/text.js";
import { askText } from "../shell/dialog.js";

/**
 * Reports changes of objects that could not be saved, and offers the name that was typed again. Tasks and lists have reports of
 * their own.
 *
 * @typedef {import("../core/types.js").Operation} Operation
 */
export class ObjectFailures {
  /** @param {{model: import("../core/model.js").Model, objects: import("./objects.js").Objects, toasts: import("../shell/toasts.js").Toasts}} parts */
  constructor({ model, objects, toasts }) {
    this.model = model;
    this.objects = objects;
    this.toasts = toasts;
  }

  /** Reports a change that was given up. @param {Operation} operation @param {import("../core/outbox.js").Failure} failure */
  report(operation, { error }) {
    const { kind, verb, fields, seen_as: object } = operation;
    const what = { create: "could not be made", update: "could not be changed", delete: "could not be deleted" }[verb];
    const name = fields?.name ?? object?.name;
    this.toasts.problem(`The ${[kind, name && quoted(name), what].filter(Boolean).join(" ")}. ${explain(error)}`, ...this.#waysOut(operation, error));
  }

  /** How the text that was typed can be used still. @param {Operation} operation @param {any} error @returns {import("../core/types.js").Choice[]} */
  #waysOut({ kind, verb, fields, display, seen_as: object }, error) {
    if (fields?.name === undefined) return [];
    if (verb === "update" && error.status === 404 && !KINDS[kind]?.parent) {
      const kept = Object.entries({ ...object, ...fields }).filter(([key]) => key !== "id" && key !== "version");
      return [[`Keep as a new ${kind}`, () => void this.objects.create(kind, Object.fromEntries(kept))]];
    }
    const again = async () => {
      const name = await askText({ title: `The name of the ${kind}`, label: "Name", value: fields.name, yes: "Save" });
      if (!name) return;
      if (verb === "create") this.objects.create(kind, { ...fields, name }, display);
      else this.objects.update(kind, tableOf(this.model.shown, kind)?.get(object.id) ?? object, { ...fields, name });
    };
    return [["Edit again", () => void again()]];
  }
}
