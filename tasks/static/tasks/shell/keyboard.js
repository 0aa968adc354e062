import { isTextField } from "../core/dom.js";
import { preference } from "../core/preferences.js";

/** Whether single-key shortcuts are on. */
export const singleKeys = () => preference("single-keys") !== "off";

/**
 * Page-wide shortcuts. Rows and fields handle their own keys.
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

/** Whether the field has typed text, so that Ctrl+Z belongs to the browser's own undo. @param {EventTarget | null} target */
function hasOwnUndo(target) {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return target.dataset.touched === "true";
  return false;
}
