import { daysBetween } from "../../core/dates.js";
import { dayAfter } from "../../core/views.js";

const STEP = 14; // days

/**
 * How many days ahead the upcoming tasks are shown: 14, and 14 more when one scrolls near the end.
 *
 * @typedef {Omit<import("../../core/shown-view.js").Question, "kept">} Question   what is shown
 */
export class Horizon {
  /** @type {?Question} */
  #question = null;

  /** @param {{scroller: HTMLElement, render: () => void}} parts */
  constructor({ scroller, render }) {
    this.scroller = scroller;
    this.render = render;
    this.ahead = STEP;
    scroller.addEventListener("scroll", () => this.#look(), { passive: true });
  }

  /** Another view begins. */
  reset() {
    this.ahead = STEP;
    this.#question = null;
  }

  /** @param {Question} question */
  shown(question) {
    if (question.arrangement.ahead === undefined) return void (this.#question = null);
    this.#question = question;
    requestAnimationFrame(() => this.#look()); // they may not fill the screen
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (!this.#question || scrollHeight - scrollTop > 2 * clientHeight) return;
    const { state, view, arrangement, today } = this.#question;
    this.#question = null; // until something else is shown
    const next = dayAfter(state, view, arrangement, today);
    if (!next) return;
    this.ahead = STEP * Math.ceil(daysBetween(today, next) / STEP);
    this.render();
  }
}
