/**
 * What a view shows, computed from all tasks only where it must be. Nothing here touches the document.
 *
 * @typedef {import("./views.js").Shown} Shown
 * @typedef {{open: import("./types.js").Task[], done: import("./types.js").Task[]}} Kept
 * @typedef {{state: import("./types.js").State, view: import("./views.js").View, arrangement: import("./views.js").Arrangement, today: string, kept: Kept}} Question
 *   as `showView` gets it
 */
import { ownZone } from "./dates.js";
import { keyOfView, showView } from "./views.js";

export class ShownView {
  /** @type {?{key: any[], question: Question, shown: Shown}} */
  #last = null;

  /** @param {() => ?typeof import("./following.js").followed} followed   what follows changes; null while it is being loaded */
  constructor(followed) {
    this.followed = followed;
  }

  /** The same object as before if nothing has changed. @param {Question} question @returns {Shown} */
  of(question) {
    const key = keyOf(question);
    const last = this.#last?.key.every((each, at) => each === key[at]) ? this.#last : null;
    const { state, view, arrangement, today, kept } = question;
    if (last && last.question.state.tasks === state.tasks && isIdle(last.question.kept) && isIdle(kept)) return last.shown;
    const shown = (last && this.followed()?.(last.question, last.shown, question)) ?? showView(state, view, arrangement, today, kept);
    this.#last = { key, question, shown };
    return shown;
  }
}

/** @param {Kept} kept */
const isIdle = ({ open, done }) => !open.length && !done.length;

/** What everything depends on, beside the tasks. @param {Question} question */
const keyOf = ({ state: { me, users, lists, labels, sections, filters, members }, view, arrangement: { sort, group, query, ahead }, today }) => [keyOfView(view), sort, group, query, ahead, today, ownZone(), me, users, lists, labels, sections, filters, members];
