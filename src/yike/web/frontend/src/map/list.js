// The list of what the map shows, nearest by walking minutes first where a start is known.
import minutes from "minutes";
import { lang, make } from "../parts/words.js";

const SVG = "http://www.w3.org/2000/svg";

/** A mark as a small picture beside a name; the same shape and letter as on the map. */
export function markPicture(mark, open) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "-1 -1 26 26", class: "mark", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const shape = document.createElementNS(SVG, "path"), letter = document.createElementNS(SVG, "text");
  const put = (node, values) => Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
  put(shape, { d: mark.path, fill: open === false ? "#fff" : "#1b1b1d", stroke: "#1b1b1d", "stroke-width": 1.6, "stroke-linejoin": "round" });
  put(letter, { x: mark.shape === "tag" ? 10.5 : 12, y: mark.shape === "house" ? 18 : 16.3, "text-anchor": "middle", "font-size": 11.5, "font-weight": 700, fill: open === false ? "#1b1b1d" : "#fff" });
  letter.textContent = lang === "en" ? mark.letter_en : mark.letter_zh;
  svg.append(shape, letter);
  return svg;
}

/** The step of the scale of minutes that a walk is in. */
export const classOf = (n) => minutes.find((each) => n <= Number(each.upto_min || Infinity)) ?? minutes.at(-1);

/** The day of an opening that is not today's, as month and day. */
const dayOf = (date, today) => (date && today && date !== today ? `${date.slice(5)} ` : "");

export function hoursOf(outlet, say, today) {
  if (outlet.open === true) return outlet.closes ? say("open.until", { t: outlet.closes }) : say("open");
  if (outlet.open === false) return outlet.opens ? say("shut.until", { t: dayOf(outlet.opens_on, today) + outlet.opens }) : say("shut");
  return say("hours.unknown");
}

/** One row: mark, name, what it does, hours, minutes. */
export function row(outlet, { marks, types, group, say, choose, from, today }) {
  const mark = marks.find((each) => each.group === (group || outlet.group || types[outlet.types[0]]?.group)) ?? marks.find((each) => each.group === "other");
  const names = outlet.types.map((code) => types[code]?.[lang] ?? code).join(lang === "zh" ? "、" : ", ");
  const known = Number.isFinite(outlet.minutes) && outlet.minutes !== null;
  const step = known ? classOf(outlet.minutes) : null;
  const walk = from ? make("span", { class: `walk ${step ? `walk-${step.class}` : "walk-beyond"}` }, known ? say("minutes", { n: outlet.minutes < 10 ? outlet.minutes.toFixed(1).replace(/\.0$/, "") : Math.round(outlet.minutes) }) : say("beyond")) : null;
  return make("li", {}, make("button", { type: "button", class: "outlet", onclick: () => choose(outlet) },
    markPicture(mark, outlet.open),
    make("span", { class: "outlet-what" }, make("strong", { translate: "no" }, outlet.name), make("span", { class: "outlet-types" }, names), make("span", { class: `outlet-hours ${outlet.open === true ? "is-open" : ""}` }, hoursOf(outlet, say, today))),
    walk));
}
