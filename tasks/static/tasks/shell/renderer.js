import { afterFrame } from "../core/motion.js";

/**
 * Renders the views once per frame, however many changes there were.
 *
 * @typedef {{show: (onlyTasks?: boolean) => void}} View   `onlyTasks`: nothing but tasks has changed since it was shown last
 */
export class Renderer {
  #scheduled = false;
  #isBegun = false;
  #onlyTasks = true; // nothing else has changed since the last rendering
  /** @type {(() => void)[]} */
  #ahead = [];

  /**
   * @param {Object} options
   * @param {() => boolean} options.isLoaded
   * @param {() => void} options.before  called before the views, unless only tasks have changed
   * @param {() => void} options.after   called after them
   */
  constructor({ isLoaded, before, after }) {
    this.isLoaded = isLoaded;
    this.before = before;
    this.after = after;
    /** @type {View[]} */
    this.views = [];
    /** Those that come a frame after the others when the data is there: what one waits for is drawn first. @type {View[]} */
    this.others = [];
    /** Those of both that show nothing of the tasks: passed over when only tasks have changed. @type {Set<View>} */
    this.apart = new Set();
  }

  /** @param {boolean} [onlyTasks]  whether nothing but tasks has changed */
  later(onlyTasks = false) {
    this.#onlyTasks &&= onlyTasks;
    if (this.#scheduled) return;
    this.#scheduled = true;
    const call = () => this.#scheduled && this.#render();
    // A hidden page gets no animation frames, but previews and screen readers still read it.
    if (document.hidden) setTimeout(call, 200);
    else requestAnimationFrame(call);
  }

  /** Calls right before the views are drawn next. @param {() => void} call */
  ahead(call) {
    this.#ahead.push(call);
    this.later(true);
  }

  /** As `later`, but after the next frame: what the person did shows first by itself, as a tick does or a row that is dropped. */
  soon() {
    this.#onlyTasks = false;
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterFrame(() => this.#scheduled && this.#render());
  }

  now() {
    this.#onlyTasks = false;
    this.#render();
  }

  #render() {
    for (const call of this.#ahead.splice(0)) attempt(call); // it says what has changed
    const onlyTasks = this.#onlyTasks;
    this.#onlyTasks = true;
    this.#scheduled = false;
    if (!onlyTasks) this.before();
    const isFirst = !this.#isBegun && this.isLoaded();
    if (isFirst) {
      this.#isBegun = true;
      this.soon();
    }
    for (const view of isFirst ? this.views : [...this.views, ...this.others]) {
      if (!onlyTasks || !this.apart.has(view)) attempt(() => view.show(onlyTasks));
    }
    this.after();
  }
}

/** The others are still rendered, whatever one raises. @param {() => void} call */
function attempt(call) {
  try {
    call();
  } catch (error) {
    console.error("A part of the page could not be shown", error);
  }
}
