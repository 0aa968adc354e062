import { setAttribute, setText } from "../core/dom.js";
import { counted } from "../core/text.js";

/**
 * The connection's state. Green only while everything is saved; grey for the first seconds of a problem; amber after that;
 * red only if a person has to act.
 *
 * @typedef {"connecting" | "reconnecting" | "catching up" | "offline" | "live" | "saving" | "signed out" | "refused"} Status
 * @typedef {{signedOut: boolean, refused: string, loaded: boolean, connection: string, onLine: boolean, waiting: number}} Known
 */

/** @type {Record<Status, [word: string, help: string]>} */
const WORDS = {
  connecting: ["Connecting", "This page is being loaded."],
  reconnecting: ["Reconnecting", "The connection was lost a moment ago."],
  "catching up": ["Catching up", "Connected. What happened meanwhile is being fetched."],
  offline: ["Offline", "Not connected; this page may be out of date. It keeps trying. Click to try at once."],
  live: ["Live", "What others change appears here as it happens."],
  saving: ["Saving", "A change is on its way to the server."],
  "signed out": ["Signed out", "Sign in to go on. Nothing that you typed is lost."],
  refused: ["Not connected", "The server refuses this connection."],
};

const PATIENCE = 3_000; // ms before a problem is shown in amber
const SAVING_WORD = 600; // ms before the word changes, so that it does not flicker

/** @param {Known} known @returns {Status} */
export function statusOf({ signedOut, refused, loaded, connection, onLine, waiting }) {
  if (signedOut) return "signed out";
  if (refused) return "refused";
  if (!loaded) return onLine ? "connecting" : "offline";
  if (connection === "live") return waiting ? "saving" : "live";
  return connection === "catching up" ? "catching up" : "offline";
}

export class Badge {
  /** @type {Status | null} */
  #status = null;
  #since = 0;
  /** @type {any} */
  #timer = null;

  /**
   * @param {Object} parts
   * @param {HTMLElement} parts.badge
   * @param {HTMLElement} parts.text
   * @param {HTMLElement} parts.said      where the state is said to screen readers
   * @param {HTMLElement} parts.unsaved
   * @param {() => Known} parts.known
   * @param {() => {unsaved: number, stuck: boolean, problems: number}} parts.work
   * @param {() => void} parts.onClick
   */
  constructor({ badge, text, said, unsaved, known, work, onClick }) {
    this.badge = badge;
    this.text = text;
    this.said = said;
    this.unsaved = unsaved;
    this.known = known;
    this.work = work;
    badge.addEventListener("click", onClick);
  }

  show() {
    const known = this.known();
    const status = statusOf(known);
    if (status !== this.#status) {
      const wasWell = this.#status === "live" || this.#status === "saving" || this.#status === null;
      if (wasWell || status === "live" || status === "saving") this.#since = performance.now();
      this.#status = status;
    }
    const age = performance.now() - this.#since;
    this.#wait(status === "saving" ? SAVING_WORD - age : PATIENCE - age);
    this.#say(status, age, known.refused);
    this.#sayWork(known.signedOut);
  }

  /** @param {Status} status @param {number} age @param {string} refused */
  #say(status, age, refused) {
    const soon = age < PATIENCE && !["live", "saving", "signed out", "refused"].includes(status);
    const silent = soon && status !== "connecting";
    const shown = status === "offline" && soon && navigator.onLine ? "reconnecting" : status === "saving" && age < SAVING_WORD ? "live" : status;
    const [word, help] = WORDS[shown];
    const text = refused && status === "refused" ? refused : help;
    setAttribute(this.badge, "data-status", status);
    setAttribute(this.badge, "data-tone", soon ? "calm" : toneOf(status));
    setAttribute(this.badge, "title", text);
    setAttribute(this.badge, "aria-label", `${word}. ${text}`);
    setText(this.text, word);
    if (!silent && status !== "saving" && status !== "connecting") setText(this.said, status === "live" && !this.said.textContent ? "" : `${word}. ${text}`);
  }

  /** @param {boolean} signedOut */
  #sayWork(signedOut) {
    const { unsaved, stuck, problems } = this.work();
    const waits = (stuck || signedOut) && unsaved ? `${counted(unsaved, "change")} not saved yet` : "";
    const needs = problems ? `${counted(problems, "message")} for you` : "";
    setText(this.unsaved, waits || needs);
    this.unsaved.dataset.tone = waits ? "waiting" : "attention";
  }

  /** Schedules an update for when the state changes by time alone. @param {number} ms */
  #wait(ms) {
    clearTimeout(this.#timer);
    if (ms > 0) this.#timer = setTimeout(() => this.show(), ms + 10);
  }
}

/** @param {Status} status */
function toneOf(status) {
  if (status === "live") return "good";
  if (status === "saving") return "calm";
  return status === "signed out" || status === "refused" ? "bad" : "waiting";
}
