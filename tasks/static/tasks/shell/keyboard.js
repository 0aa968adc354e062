import { isTextField } from "../core/dom.js";
import { preference } from "../core/preferences.js";

/** Whether keys without Ctrl do something, as the person has chosen. */
export const singleKeys = () => preference("single-keys") !== "off";

/**
 * The keys of the whole page. Those of a row or a field are the row's and the field's own.
 *
 * @param {Object} calls
 * @param {() => void} calls.compose    n: a new task
 * @param {() => void} calls.help       ?: the keys
 * @param {() => boolean} calls.undo    Ctrl+Z: returns whether there was something
 * @param {() => boolean} calls.close   Escape: returns whether something was closed
 */
export function listenToKeys({ compose, help, undo, close }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = isTextField(event.target);
    const command = event.ctrlKey || event.metaKey;
    let done = false;
    if (command && event.key.toLowerCase() === "z" && !event.shiftKey) done = (!typing || !hasOwnUndo(event.target)) && undo();
    else if (command || typing) return;
    else if (event.key === "Escape") done = close();
    else if (singleKeys() && event.key === "n") done = called(compose);
    else if (singleKeys() && event.key === "?") done = called(help);
    if (done) event.preventDefault();
  });
}

/** @param {() => void} call */
function called(call) {
  call();
  return true;
}

/** A field in which something was typed takes Ctrl+Z for itself; an untouched one has nothing to undo. @param {EventTarget | null} target */
function hasOwnUndo(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return target.dataset.touched === "true";
  return false;
}
