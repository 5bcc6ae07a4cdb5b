// What the scenario brings: one sentence, the rule of 10 and 15 minutes, people by type, minutes, communities, the dial.
import { lang, make } from "../parts/words.js";
import { counted, many, minutes, points, share, signed, yuan } from "./numbers.js";

const SHOWN = 8;

export function effectPanel(box, plan, store, { say, map }) {
  const table = (caption, heads, rows) => make("div", { class: "table-box" }, make("table", { class: "table plan-table" }, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads.map((each, k) => make("th", { scope: "col", class: k ? "number" : "" }, each)))), make("tbody", {}, ...rows)));
  const cell = (text, name = "number") => make("td", { class: name }, text);

  function sentence({ total }) {
    const net = total.people_types_gained - total.people_types_lost;
    if (!total.people_types_gained && !total.people_types_lost && !total.minutes_saved && !total.people_types_longer) return say(store.state.changes.some((each) => each.on !== false) ? "effect.nothing" : "effect.none");
    return say("effect.sentence", { net: counted(net), people: many(total.people_gaining), minutes: counted(total.minutes_saved) }) + (total.people_types_lost ? say("effect.lost", { lost: many(total.people_types_lost) }) : "") + (total.yuan === null ? "" : say("effect.yuan", { yuan: yuan(total.yuan) }) + (total.yuan_per_person_type === null ? "" : say("effect.each", { yuan: yuan(total.yuan_per_person_type) })));
  }

  function compliance({ ten_fifteen: each }) {
    const row = (name, of, before, after) => make("div", { class: "bar-line wide" }, make("span", { class: "bar-name" }, name), bar(before / of, after / of), make("span", { class: "bar-value" }, make("strong", {}, share(after / of)), ` ${say("from", { before: share(before / of), points: points((after - before) / of) })}`));
    const same = plan.area.level === "city";
    return make("section", {}, make("h3", {}, say("rule")), ...(each.here && !same ? [row(plan.area.name, each.here, each.here_before, each.here_after)] : []), row(say("city"), each.people, each.before, each.after));
  }

  function bar(before, after, colour = "#3b8ab0") {
    const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", "0 0 100 10"); svg.setAttribute("class", "bar"); svg.setAttribute("preserveAspectRatio", "none"); svg.setAttribute("aria-hidden", "true");
    const part = (x, width, fill) => { const rect = document.createElementNS(ns, "rect"); for (const [name, value] of Object.entries({ x, y: 1, width: Math.max(0, width), height: 8, fill })) rect.setAttribute(name, value); svg.append(rect); };
    part(0, 100, "#ececea");
    part(0, 100 * Math.min(before, after), colour);
    part(100 * Math.min(before, after), 100 * Math.abs(after - before), after >= before ? "#0b4f6c" : "#c8553d");
    return svg;
  }

  function types(found) {
    const rows = [...found.types].sort((a, b) => Math.abs(b.gained - b.lost) - Math.abs(a.gained - a.lost) || Math.abs(b.minutes_saved) - Math.abs(a.minutes_saved)).map((each) => make("tr", {},
      make("th", { scope: "row" }, make("button", { type: "button", class: "link-button", "aria-pressed": String(each.code === store.state.kind), onclick: () => store.set({ kind: each.code }) }, each[lang])),
      cell(make("strong", {}, signed(each.gained - each.lost))), cell(signed(each.minutes_saved))));
    const heads = [say("type"), say("people.new"), say("minutes.saved")];
    if (!rows.length) return "";
    const rest = rows.slice(SHOWN);
    return make("section", {}, table(say("types.caption"), heads, rows.slice(0, SHOWN)), rest.length ? make("details", { class: "worst" }, make("summary", {}, say("types.more", { n: rest.length })), table(say("types.caption"), heads, rest)) : "");
  }

  function bands({ bands: rows, total }) {
    const lines = [...rows.map((each) => [each.to === null ? say("band.more", { n: each.from }) : say("band", { from: each.from, to: each.to }), each.people_types, "#3b8ab0"]), [say("band.reached"), total.people_types_reached, "#3b8ab0"], [say("band.longer"), total.people_types_longer, "#c8553d"]];
    const most = Math.max(...lines.map(([, people]) => people), 1);
    if (!lines.some(([, people]) => people)) return "";
    return make("section", {}, make("h3", {}, say("bands")), ...lines.map(([name, people, colour]) => make("div", { class: "bar-line" }, make("span", { class: "bar-name" }, name), bar(people / most, people / most, colour), make("span", { class: "bar-value" }, many(people)))));
  }

  function areas(found) {
    const rows = found.areas.map((each) => make("tr", {}, make("th", { scope: "row" }, make("a", { href: `?area=${each.area}` }, each.name)), cell(signed(each.gained - each.lost)), cell(signed(each.minutes_saved)), cell(`${share(each.share_before)} → ${share(each.share_after)}`)));
    return rows.length ? table(say("areas.caption"), [say("community"), say("people.new"), say("minutes.saved"), say("rule.short")], rows) : "";
  }

  const drawn = (text) => document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  function dial(found) {
    if (!found.dial) return make("p", { class: "hint" }, say("dial.how"));
    const { dial: each } = found, changed = each.types.filter((one) => one.before !== one.after);
    return make("section", { class: "dials" }, make("h3", {}, say("dial")), make("p", {}, say("dial.sentence", { before: each.met_before, after: each.met_after, of: each.of })),
      make("div", { class: "dial-pair" }, make("figure", {}, make("figcaption", {}, say("view.now")), drawn(each.before)), make("figure", {}, make("figcaption", {}, say("view.after")), drawn(each.after))),
      changed.length ? table(say("dial.caption"), [say("type"), say("view.now"), say("view.after")], changed.map((one) => make("tr", {}, make("th", { scope: "row" }, one[lang]), cell(minutes(one.before)), cell(minutes(one.after))))) : "");
  }

  return {
    /** Show an answer to a gesture made at a moment of the page's clock. */
    draw(found, began) {
      const last = make("p", { class: "source" });
      box.replaceChildren(
        make("p", { class: "lead", id: "effect-sentence" }, sentence(found)), compliance(found), types(found), dial(found), bands(found), areas(found), last);
      const ms = Math.round(performance.now() - began);
      last.textContent = say("source", { study: found.study.slice(0, 8), standard: found.standard, through: found.through, ms });
      box.dataset.ms = ms;
      box.removeAttribute("aria-busy");
    },
    busy: () => box.setAttribute("aria-busy", "true"),
  };
}
