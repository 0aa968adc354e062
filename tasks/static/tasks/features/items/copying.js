import { explain } from "../../core/api.js";

/**
 * Has the server copy a task with its subtasks, once it knows what was changed here. Gives the copy's id; null without a
 * connection, "" where it is refused.
 *
 * @param {Object} parts
 * @param {import("../../core/api.js").Api} parts.api
 * @param {import("../../core/outbox.js").Outbox} parts.outbox
 * @param {import("../../shell/toasts.js").Toasts} parts.toasts
 * @param {() => boolean} parts.isOnline
 * @returns {(task: import("../../core/types.js").Task) => Promise<?string>}
 */
export const copier =
  ({ api, outbox, toasts, isOnline }) =>
  async ({ id }) => {
    if (!isOnline()) return null;
    await outbox.arrived(id);
    try {
      return (await api.request("POST", `/api/tasks/${id}/duplicate`, {})).id;
    } catch (error) {
      toasts.problem(`The task could not be duplicated. ${explain(error)}`);
      return "";
    }
  };
