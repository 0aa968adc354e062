/** Frames, and the animation of rows that change their place: none with `prefers-reduced-motion`. */

const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");
const MOST = 600; // longer moves are not animated

/**
 * Applies a change, then animates each node from its old place.
 * @param {() => Iterable<HTMLElement>} nodes   the visible ones; called before the change
 * @param {() => void} change
 */
export function gliding(nodes, change) {
  if (still?.matches || document.hidden) return change();
  const before = new Map(Array.from(nodes(), (node) => [node, node.getBoundingClientRect().top]));
  change();
  const moves = Array.from(before, ([node, top]) => /** @type {const} */ ([node, node.isConnected ? top - node.getBoundingClientRect().top : 0])); // all are read before one is animated
  for (const [node, by] of moves) {
    if (Math.abs(by) > 1 && Math.abs(by) < MOST) node.animate({ transform: [`translateY(${by}px)`, "none"] }, { duration: 180, easing: "ease-out" });
  }
}

/** Calls after the next frame has been drawn; soon in a hidden page, which draws none. @param {() => void} call */
export function afterFrame(call) {
  if (document.hidden) setTimeout(call);
  else requestAnimationFrame(() => void setTimeout(call));
}

/** Resolves after the next frame has been drawn, and soon in any case: a page that was just hidden draws none. @returns {Promise<void>} */
export const drawn = () =>
  new Promise((resolve) => {
    afterFrame(resolve);
    setTimeout(resolve, 100);
  });

const EDGE = 64; // px at which what is dragged scrolls …
const SPEED = 14; // … and by how many px in each frame at the edge itself

/** By how many px to scroll in a frame while something is dragged at `at`, between `start` and `end`. @param {number} at @param {number} start @param {number} end */
export function edgeSpeed(at, start, end) {
  if (at < start + EDGE) return -SPEED * Math.min(1, (start + EDGE - at) / EDGE);
  return at > end - EDGE ? SPEED * Math.min(1, (at - end + EDGE) / EDGE) : 0;
}
