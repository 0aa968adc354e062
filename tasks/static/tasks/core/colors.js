/** The colours that are offered for lists and labels, by name. @type {Record<string, string>} */
export const COLORS = {
  Indigo: "#4f6bed", Sky: "#1f8ac0", Teal: "#148f82", Green: "#3d8b40",
  Amber: "#c27c0e", Orange: "#d3601f", Red: "#cf3f4f", Pink: "#c2478f", Violet: "#8455cf", Slate: "#667085",
};
