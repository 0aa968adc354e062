import { h } from "../../core/dom.js";
import { PRIORITIES } from "../../core/priorities.js";

const SVG = "http://www.w3.org/2000/svg";

/** A sign for a priority that can be told without its colour: one to three bars, and a filled square for urgent. @param {string} priority */
export function prioritySign(priority) {
  const level = PRIORITIES.findIndex(([value]) => value === priority);
  if (level < 1) return null;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bars");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path(level === 4 ? SQUARE : BARS.slice(0, level).join("")));
  if (level < 3) svg.append(path(BARS.slice(level).join(""), "faint"));
  return h("span", { class: `chip priority ${priority}`, title: `Priority: ${PRIORITIES[level]?.[1]}` }, svg);
}

/** @param {string} d @param {string} [kind] */
function path(d, kind = "") {
  const node = document.createElementNS(SVG, "path");
  node.setAttribute("d", d);
  node.setAttribute("class", kind);
  return node;
}

const SQUARE = "M2 1h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zm4 2v5h2V3zm0 6v2h2V9z";
const BARS = ["M1 9h3v4H1z", "M5.5 5.5h3V13h-3z", "M10 2h3v11h-3z"];
