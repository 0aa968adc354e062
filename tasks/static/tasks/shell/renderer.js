import { afterFrame } from "../core/motion.js";

/**
 * Renders the views once per frame, however many changes there were.
 *
 * @typedef {{show: () => void}} View
 */
export class Renderer {
  #scheduled = false;
  #isBegun = false;

  /**
   * @param {Object} options
   * @param {() => boolean} options.isLoaded
   * @param {() => void} options.before  called before the views
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
  }

  later() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const call = () => this.#scheduled && this.now();
    // A hidden page gets no animation frames, but previews and screen readers still read it.
    if (document.hidden) setTimeout(call, 200);
    else requestAnimationFrame(call);
  }

  /** As `later`, but after the next frame: what the person did shows first by itself, as a tick does or a row that is dropped. */
  soon() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    afterFrame(() => this.#scheduled && this.now());
  }

  now() {
    this.#scheduled = false;
    this.before();
    const isFirst = !this.#isBegun && this.isLoaded();
    if (isFirst) {
      this.#isBegun = true;
      this.soon();
    }
    for (const view of isFirst ? this.views : [...this.views, ...this.others]) {
      try {
        view.show();
      } catch (error) {
        console.error("A part of the page could not be shown", error); // the other views are still rendered
      }
    }
    this.after();
  }
}
