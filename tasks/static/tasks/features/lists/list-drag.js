import { h } from "../../core/dom.js";

/** Drags a list of the navigation to another place. By keyboard, and in the list's menu, there are commands for the same. */
export class ListDrag {
  /** @type {?HTMLElement} */
  #dragged = null;
  #at = -1;

  /** @param {{container: HTMLElement, places: import("./places.js").Places}} parts  `container`: the links, each of a list with `data-place` */
  constructor({ container, places }) {
    this.container = container;
    this.places = places;
    this.line = h("li", { class: "drop-line", hidden: true, ariaHidden: "true" });
    container.addEventListener("dragstart", (event) => this.#start(event));
    container.addEventListener("dragover", (event) => this.#over(event));
    container.addEventListener("drop", (event) => this.#drop(event));
    container.addEventListener("dragend", () => this.#end());
  }

  /** @param {DragEvent} event */
  #start({ target, dataTransfer }) {
    const link = target instanceof Element ? target.closest("a[data-place]") : null;
    if (!(link instanceof HTMLElement) || !dataTransfer) return;
    this.#dragged = link;
    dataTransfer.effectAllowed = "copyMove";
    link.closest("li")?.classList.add("dragged");
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!this.#dragged) return;
    event.preventDefault();
    const links = [...this.container.querySelectorAll("a[data-place]")];
    const boxes = links.map((link) => link.getBoundingClientRect());
    this.#at = boxes.filter(({ top, height }) => event.clientY > top + height / 2).length;
    const from = this.container.getBoundingClientRect().top;
    const y = (boxes[this.#at]?.top ?? boxes.at(-1)?.bottom ?? from) - from;
    if (!this.line.isConnected) this.container.after(this.line);
    this.line.hidden = false;
    this.line.style.setProperty("--y", `${y + this.container.offsetTop}px`);
  }

  /** @param {DragEvent} event */
  #drop(event) {
    const list = this.#dragged?.dataset.place;
    if (!list) return;
    event.preventDefault();
    const from = this.places.order.findIndex(({ id }) => id === list);
    this.places.move(list, this.#at > from ? this.#at - 1 : this.#at);
    this.#end();
  }

  #end() {
    this.#dragged?.closest("li")?.classList.remove("dragged");
    this.#dragged = null;
    this.line.hidden = true;
  }
}
