import { h } from "../../core/dom.js";

/** @type {[value: string, label: string][]} */
export const PRIORITIES = [
  ["none", "None"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
  ["urgent", "Urgent"],
];

const SVG = "http://www.w3.org/2000/svg";

/** A sign for a priority that can be told without its colour: one to three bars, and a filled square for urgent. @param {string} priority */
export function prioritySign(priority) {
  const level = PRIORITIES.findIndex(([value]) => value === priority);
  if (level < 1) return null;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bars");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", level === 4 ? "M2 1h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zm4 2v5h2V3zm0 6v2h2V9z" : BARS.slice(0, level).join(""));
  svg.append(path);
  return h("span", { class: `chip priority ${priority}`, title: `Priority: ${PRIORITIES[level]?.[1]}` }, svg);
}

const BARS = ["M1 9h3v4H1z", "M5.5 5.5h3V13h-3z", "M10 2h3v11h-3z"];
