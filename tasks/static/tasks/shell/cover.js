import { button, find, h, setText } from "../core/dom.js";

/** Shows why the page could not be loaded, until it is. */
export class Cover {
  /** @param {{isLoaded: () => boolean, trouble: () => string, retry: () => void}} parts */
  constructor({ isLoaded, trouble, retry }) {
    this.isLoaded = isLoaded;
    this.trouble = trouble;
    this.node = find("trouble");
    this.text = h("p", {});
    this.node.replaceChildren(h("h2", {}, "Your tasks could not be loaded"), this.text, button("Try again", retry, "primary"));
  }

  show() {
    const text = this.isLoaded() ? "" : this.trouble();
    this.node.hidden = !text;
    setText(this.text, text);
    document.body.classList.toggle("in-trouble", !!text);
  }
}
