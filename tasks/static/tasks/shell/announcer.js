import { afterFrame } from "../core/motion.js";

/**
 * Says texts to screen readers: the last one, where several come together.
 *
 * @param {HTMLElement} node   a live region
 * @returns {{say: (text: string) => void, saySoon: (text: string) => void}}   `saySoon`: after the next frame, as a text in the page has it laid out
 */
export function announcer(node) {
  let last = "";
  const show = () => void (node.textContent = last);
  const say = (/** @type {string} */ text) => {
    last = text;
    show();
  };
  const saySoon = (/** @type {string} */ text) => {
    last = text;
    afterFrame(show);
  };
  return { say, saySoon };
}
