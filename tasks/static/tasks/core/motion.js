/** Animation of rows that change their place; none with `prefers-reduced-motion`. */

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
  for (const [node, top] of before) {
    const by = node.isConnected ? top - node.getBoundingClientRect().top : 0;
    if (Math.abs(by) > 1 && Math.abs(by) < MOST) node.animate({ transform: [`translateY(${by}px)`, "none"] }, { duration: 180, easing: "ease-out" });
  }
}
