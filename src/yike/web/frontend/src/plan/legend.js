// The map's legend for the view in hand: classes are written, never told by colour alone.
import classes from "minutes";
import { lang, make } from "../parts/words.js";

const COLOURS = [["much", "#0b4f6c"], ["some", "#3b8ab0"], ["little", "#a6cfe2"], ["same", "#c9c9c5"], ["longer", "#c8553d"]];

function swatch(colour) {
  const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), dot = document.createElementNS(ns, "circle");
  for (const [name, value] of Object.entries({ viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ cx: 7, cy: 7, r: 6, fill: colour, stroke: "#1b1b1d", "stroke-width": 0.6 })) dot.setAttribute(name, value);
  svg.append(dot);
  return svg;
}

export function legend(box, say) {
  return {
    draw(view) {
      const rows = view === "diff" ? COLOURS.map(([key, colour]) => [colour, say(`diff.${key}`)]) : classes.map((each) => [each.colour, each[lang]]);
      box.replaceChildren(make("p", { class: "legend-title" }, say(view === "diff" ? "legend.diff" : "legend.minutes")), make("ul", {}, ...rows.map(([colour, text]) => make("li", {}, swatch(colour), text))));
    },
  };
}
