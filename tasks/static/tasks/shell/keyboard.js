import { preference, setPreference } from "../core/preferences.js";

/**
 * Keys by name. A key is a name as in `KeyboardEvent.key`, letters in capitals, after its modifiers: "N", "?", "Delete",
 * "Mod+K", "Shift+ArrowDown". "Mod" is Ctrl, or Cmd on a Mac. "G T" is one key after the other.
 */

const MAC = /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? "");

/** @type {Record<string, string>} */
const SIGNS = { Mod: MAC ? "⌘" : "Ctrl", Alt: MAC ? "⌥" : "Alt", Shift: "Shift", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", Delete: "Del" };

/** Whether single-key shortcuts are on. */
export const singleKeys = () => preference("single-keys") !== "off";

/** @param {boolean} on */
export const setSingleKeys = (on) => setPreference("single-keys", on ? "on" : "off");

/** Whether the key is a character alone, which speech input and a slipped finger can type (WCAG 2.1.4). @param {string} key */
export const isSingle = (key) => key.split(" ").every((part) => Array.from(part).length === 1);

/** The pressed key's name. @param {KeyboardEvent} event */
export function keyOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }) {
  const letter = /^Key([A-Z])$/.exec(code ?? "")?.[1];
  const isLetter = /^[a-z]$/i.test(key) || (!!letter && !/^[\u0020-\u007e]$/.test(key)); // the place of the key, where its letter is of another script
  const name = isLetter ? (/^[a-z]$/i.test(key) ? key.toUpperCase() : (letter ?? key)) : key;
  const shift = shiftKey && (isLetter || key.length > 1);
  return [(ctrlKey || metaKey) && "Mod", altKey && "Alt", shift && "Shift", name].filter(Boolean).join("+");
}

/** A key as people read it: its parts, "then" between two that follow each other. @param {string} key @returns {string[]} */
export const signsOf = (key) =>
  key.split(" ").flatMap((part, at) => [...(at ? ["then"] : []), ...part.split(/\+(?=.)/).map((name) => SIGNS[name] ?? name)]);
