/** Moves that show where something has gone. None for readers who have asked for less motion. */

const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)");
const MOST = 600; // farther than this, nobody can follow with the eye

/**
 * Makes a change after which each of the nodes glides from where it was.
 * @param {() => Iterable<HTMLElement>} nodes   those in sight, asked before the change
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
