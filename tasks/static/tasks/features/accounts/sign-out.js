import { counted } from "../../core/text.js";
import { explain } from "../../core/api.js";
import { ask } from "../../shell/asking.js";

const PATIENCE = 3_000; // ms for which an answer is waited for

/**
 * Signs out. Changes that are on their way are waited for; asks first if some stay unsaved, and stays on the page if the
 * server cannot be reached.
 *
 * @param {Object} parts
 * @param {?string} parts.path
 * @param {import("../../core/api.js").Api} parts.api
 * @param {import("../../core/outbox.js").Outbox} parts.outbox
 * @param {() => Promise<unknown>} parts.forget   deletes what this device keeps of the person
 * @param {import("../../shell/toasts.js").Toasts} parts.toasts
 * @param {() => Promise<any>} parts.sendDelayed
 * @param {string} parts.login   where to go then
 * @param {() => Promise<void>} parts.adopted   the changes of closed tabs are in the outbox
 */
export async function signOut({ path, api, outbox, forget, toasts, sendDelayed, login, adopted }) {
  await adopted();
  const keys = outbox.operations.filter(({ state }) => state !== "delayed").map(({ key }) => key);
  if (navigator.onLine && !outbox.isStuck) await Promise.race([outbox.sent(keys), new Promise((resolve) => void setTimeout(resolve, PATIENCE))]);
  const count = outbox.unsaved.length;
  const text = `${counted(count, "change")} of yours could not be saved yet and would be lost.`;
  if (count && !(await ask({ title: "Sign out and lose changes?", text, yes: "Sign out" }))) return;
  try {
    await sendDelayed();
    const right = await api.submit(path ?? "/logout", {});
    if (!right) throw new Error("the server did not end the session");
    outbox.settled([]);
    await forget().catch((error) => console.warn("What this device keeps of you cannot be deleted", error));
    location.assign(login);
  } catch (error) {
    toasts.problem(`You are still signed in. ${explain(error)}`);
  }
}
