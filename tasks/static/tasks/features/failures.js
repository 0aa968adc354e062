import { TaskFailures } from "./items/failures.js";
import { ObjectFailures } from "./object-failures.js";

/**
 * What reports a change that could not be saved, by the kind of its object.
 *
 * @param {Omit<ConstructorParameters<typeof TaskFailures>[0], "isListReadable"> & {api: import("../core/api.js").Api,
 *   objects: import("./objects.js").Objects, listActions: import("./lists/actions.js").ListActions}} parts
 * @returns {(operation: import("../core/types.js").Operation, failure: import("../core/outbox.js").Failure) => void}
 */
export function failuresOf({ api, objects, listActions, ...parts }) {
  const isListReadable = (/** @type {string} */ id) => api.isThere(`/api/lists/${id}`);
  const reports = { task: new TaskFailures({ ...parts, isListReadable }), list: listActions };
  const others = new ObjectFailures({ ...parts, objects });
  return (operation, failure) => (reports[/** @type {"task" | "list"} */ (operation.kind)] ?? others).report(operation, failure);
}
