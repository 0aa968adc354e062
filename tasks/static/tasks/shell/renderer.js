/**
 * Shows what the model says: many changes at once are one rendering, at the next frame.
 *
 * @typedef {{show: () => void}} View
 */
export class Renderer {
  #scheduled = false;

  /** @param {Object} options @param {() => void} options.before  called before the views @param {() => void} options.after  called after them */
  constructor({ before, after }) {
    this.before = before;
    this.after = after;
    /** @type {View[]} */
    this.views = [];
  }

  later() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const call = () => this.#scheduled && this.now();
    // A page out of sight gets no frames, but a narrow view of it (a preview, a screen reader) should still be right.
    if (document.hidden) setTimeout(call, 200);
    else requestAnimationFrame(call);
  }

  now() {
    this.#scheduled = false;
    this.before();
    for (const view of this.views) {
      try {
        view.show();
      } catch (error) {
        console.error("A part of the page could not be shown", error); // the others still can
      }
    }
    this.after();
  }
}
