// The marginal-yuan curve: people newly in time against money, with the elbow and the money spent marked on it. Plain SVG attributes.
import { many, yuan } from "./numbers.js";

const NS = "http://www.w3.org/2000/svg", W = 420, H = 240, LEFT = 62, RIGHT = 14, TOP = 14, FOOT = 34;
const node = (tag, attributes, text) => {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

export function curve(points, spent, elbow, budget, say) {
  const known = [{ budget_yuan: 0, people_types: 0 }, ...points].sort((a, b) => a.budget_yuan - b.budget_yuan);
  const most = Math.max(...known.map((each) => each.budget_yuan), budget ?? 0, 1), top = Math.max(...known.map((each) => each.people_types), 1);
  const x = (value) => LEFT + (W - LEFT - RIGHT) * (value / most), y = (value) => H - FOOT - (H - TOP - FOOT) * (value / top);
  const at = (value) => { const k = known.findLastIndex((each) => each.budget_yuan <= value); const a = known[Math.max(0, k)], b = known[Math.min(known.length - 1, k + 1)]; return b.budget_yuan > a.budget_yuan ? a.people_types + (b.people_types - a.people_types) * (value - a.budget_yuan) / (b.budget_yuan - a.budget_yuan) : a.people_types; };
  const svg = node("svg", { viewBox: `0 0 ${W} ${H}`, class: "curve", role: "img", "aria-label": say("curve.told", { spent: yuan(spent), elbow: elbow ? yuan(elbow) : "—" }) });
  for (const share of [0, 0.5, 1]) {
    svg.append(node("path", { d: `M${LEFT} ${y(top * share)}H${W - RIGHT}`, stroke: "#d9d9de", fill: "none" }), node("text", { x: LEFT - 6, y: y(top * share) + 4, "text-anchor": "end", "font-size": 11, fill: "#55555b" }, many(top * share)));
    svg.append(node("text", { x: x(most * share), y: H - 12, "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle", "font-size": 11, fill: "#55555b" }, yuan(most * share)));
  }
  svg.append(node("path", { d: known.map((each, k) => `${k ? "L" : "M"}${x(each.budget_yuan).toFixed(1)} ${y(each.people_types).toFixed(1)}`).join(""), fill: "none", stroke: "#0b4f6c", "stroke-width": 2.4, "stroke-linejoin": "round" }));
  if (elbow) svg.append(node("circle", { cx: x(elbow), cy: y(at(elbow)), r: 5, fill: "#ffffff", stroke: "#0b4f6c", "stroke-width": 2.4 }), node("text", { x: x(elbow) + 8, y: y(at(elbow)) + 16, "font-size": 12, fill: "#0b4f6c" }, say("elbow")));
  if (budget) svg.append(node("path", { d: `M${x(budget)} ${TOP}V${H - FOOT}`, stroke: "#b93420", "stroke-width": 1.6, "stroke-dasharray": "4 3" }), node("circle", { cx: x(budget), cy: y(at(budget)), r: 5, fill: "#b93420" }), node("text", { x: x(budget) + (x(budget) < LEFT + 60 ? 6 : -6), y: TOP + 10, "text-anchor": x(budget) < LEFT + 60 ? "start" : "end", "font-size": 12, fill: "#b93420" }, say("budget.here")));
  return svg;
}
