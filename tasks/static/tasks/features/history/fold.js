import { h, icon } from "../../core/dom.js";
import { Lazy } from "../../core/lazy.js";

/**
 * The history below a task's details. It is loaded when it is unfolded, and stays unfolded from task to task.
 *
 * @typedef {import("../../core/types.js").Task} Task
 * @typedef {import("../../core/types.js").Fields} Fields
 */
export class HistoryFold {
  #isOpen = false;
  #comes = false; // it was asked for: into view with it when it is there
  /** @type {?HTMLDetailsElement} */
  #fold = null;

  /**
   * @param {Object} parts
   * @param {import("../../core/api.js").Api} parts.api
   * @param {import("../../core/model.js").Model} parts.model
   * @param {import("../items/actions.js").TaskActions} parts.actions
   * @param {(tasks: Task[], list: string) => void} parts.move
   */
  constructor({ api, model, actions, move }) {
    const restore = (/** @type {Task} */ task, /** @type {Fields} */ fields, /** @type {string} */ label) =>
      void (fields.list ? move([task], fields.list) : actions.editAll([task], fields, `restoring the ${label} of`, `Restored the ${label} of %`));
    this.timelines = new Lazy(async () => {
      const { Timeline } = await import("./history.js");
      return (/** @type {Task} */ task, /** @type {() => void} */ onShown) => new Timeline({ api, model, restore }, task, onShown);
    });
  }

  /** Unfolds it, and goes there once the task's details are shown. */
  reveal() {
    this.#isOpen = this.#comes = true;
    if (this.#fold?.isConnected) this.#fold.open = true;
  }

  /** The part of the panel, for one task. @returns {import("../items/panel.js").PanelPart} */
  part() {
    const summary = h("summary", {}, icon("chevron"), "History");
    const fold = h("details", { class: "panel-part history-fold", open: this.#isOpen }, summary);
    /** @type {?import("./history.js").Timeline} */
    let timeline = null;
    /** @type {?[Task, boolean]} */
    let last = null;
    const show = () => {
      if (!last || !fold.open) return;
      const [task, writable] = last;
      if (timeline) timeline.update(task, writable);
      else this.timelines.use((make) => start(make(task, come)));
      if (this.#comes) summary.focus({ preventScroll: true });
    };
    const come = () => {
      if (this.#comes) fold.scrollIntoView({ block: "nearest" });
      this.#comes = false;
    };
    const start = (/** @type {import("./history.js").Timeline} */ made) => {
      if (timeline) return;
      timeline = made;
      fold.append(timeline.node);
      show();
    };
    fold.addEventListener("toggle", () => {
      this.#isOpen = fold.open;
      show();
    });
    this.#fold = fold;
    return {
      node: fold,
      update: (task, writable) => {
        last = [task, writable];
        show();
      },
    };
  }
}
