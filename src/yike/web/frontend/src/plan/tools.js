// Making a change: choose what, then where: on the map, at the map's middle, or from a list. Everything can be done without a mouse.
import { lang, make } from "../parts/words.js";
import { get } from "./server.js";
import { many, share } from "./numbers.js";

const TOOLS = ["add", "close", "move", "gate", "link", "limit", "walker"];

export function tools(box, plan, store, { say, map, note }) {
  let tool = "add", half = null, gates = null, outlet = null;
  const name = (code) => plan.types.find((each) => each.code === code)?.[lang] ?? code;
  const round = (value) => Math.round(value * 1e6) / 1e6;
  const put = (change) => {
    if (store.state.changes.length >= plan.most_changes) return note(say("too.many", { n: plan.most_changes }));
    store.set({ changes: [...store.state.changes, { on: true, ...change }] });
  };
  const chips = make("div", { class: "chips plan-tools", role: "group", "aria-label": say("tools") }, ...TOOLS.map((verb) => make("button", { type: "button", class: "chip", "data-tool": verb, "aria-pressed": "false", onclick: () => choose(verb) }, say(`tool.${verb}`))));
  const form = make("div", { class: "plan-form" });
  box.append(chips, form);

  const select = (id, label, options, value, onchange) => make("label", { class: "field-line" }, make("span", {}, label), make("select", { class: "box", id, onchange: ({ target }) => onchange(target.value) }, ...options.map(([code, text]) => make("option", { value: code, selected: code === value }, text))));
  const button = (text, onclick, more = {}) => make("button", { type: "button", class: "button", onclick, ...more }, text);
  const middle = () => { const { lng, lat } = map.map.getCenter(); return { lon: round(lng), lat: round(lat) }; };

  function choose(verb) {
    tool = verb; half = null; outlet = null;
    for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.tool === verb));
    document.querySelector("#app").classList.toggle("is-picking", verb !== "limit" && verb !== "walker");
    draw();
    if (verb === "gate") loadGates(); else map.gates([]);
  }

  let addType = store.state.kind, crossing = plan.crossings[0].code;
  const byType = () => plan.types.map((each) => [each.code, each[lang]]);

  function draw() {
    form.replaceChildren(...({
      add: () => [
        select("add-type", say("type"), byType(), addType, (code) => { addType = code; store.set({ kind: code }); }),
        make("p", { class: "hint" }, say("add.how")),
        make("div", { class: "actions tight" }, button(say("at.middle"), () => place(middle()), { id: "add-middle" })),
        communities(), worst(),
      ],
      close: () => [make("p", { class: "hint" }, say("close.how")), outlets((found) => put({ verb: "close", outlet: found.key, label: found.name, from: [found.lon, found.lat] }))],
      move: () => [make("p", { class: "hint" }, outlet ? say("move.where", { name: outlet.name }) : say("move.how")), ...(outlet ? [make("div", { class: "actions tight" }, button(say("at.middle"), () => place(middle())))] : [outlets((found) => { outlet = found; map.go(found.lon, found.lat); draw(); })])],
      gate: () => [make("p", { class: "hint" }, say("gate.how")), make("div", { class: "gate-list", id: "gates" }, say("looking"))],
      link: () => [
        select("crossing", say("crossing"), plan.crossings.map((each) => [each.code, each[lang]]), crossing, (code) => { crossing = code; }),
        make("p", { class: "hint" }, half ? say("link.end") : say("link.how")),
        make("div", { class: "actions tight" }, button(half ? say("end.middle") : say("begin.middle"), () => place(middle()))),
      ],
      limit: () => {
        const minutes = make("input", { class: "box", id: "limit-minutes", type: "number", min: 1, max: 15, step: 1, value: 10 });
        let code = store.state.kind;
        return [
          select("limit-type", say("type"), byType(), code, (value) => { code = value; }),
          make("label", { class: "field-line" }, make("span", {}, say("minutes.limit")), minutes),
          make("div", { class: "actions tight" }, button(say("try"), () => put({ verb: "limit", business_type: code, minutes: Number(minutes.value) }))),
        ];
      },
      walker: () => {
        let who = plan.walkers.find((each) => each.code !== store.state.who)?.code ?? plan.walkers[0].code;
        return [
          make("p", { class: "hint" }, say("walker.how")),
          select("walker-who", say("walker"), plan.walkers.map((each) => [each.code, each[lang]]), who, (value) => { who = value; }),
          make("div", { class: "actions tight" }, button(say("try"), () => put({ verb: "walker", who }))),
        ];
      },
    })[tool]().filter(Boolean));
    if (tool === "gate") listGates();
  }

  function communities() {
    if (!plan.worst_communities.length) return null;
    return make("details", { class: "worst", id: "worst-communities", open: store.state.changes.length === 0 }, make("summary", {}, say("worst.communities", { area: plan.area.name })), make("ol", {}, ...plan.worst_communities.map((each) => make("li", {},
      make("a", { href: `?area=${each.code}&who=${store.state.who}` }, each.name), make("small", { class: "who" }, say("worst.community", { people: many(each.people), share: share(each.share) }))))));
  }

  function worst() {
    if (!plan.worst.length) return null;
    return make("details", { class: "worst", id: "worst-homes", open: store.state.changes.length === 0 && plan.area.level === "community" }, make("summary", {}, say("worst", { area: plan.area.name })), make("ol", {}, ...plan.worst.map((home) => make("li", {},
      make("button", { type: "button", class: "row-button", onclick: () => { map.go(home.lon, home.lat); store.set({ point: [home.lon, home.lat] }); } }, say("worst.home", { people: many(home.people), n: home.lacking })),
      make("button", { type: "button", class: "button small-button", "data-add-here": "", onclick: () => put({ verb: "add", types: [addType], lon: home.lon, lat: home.lat }), "aria-label": say("add.here.long", { type: name(addType), people: many(home.people) }) }, say("add.here"))))));
  }

  function outlets(chosen) {
    const list = make("ul", { class: "plain found-outlets" });
    const search = make("input", { class: "box", type: "search", id: "outlet-search", placeholder: say("outlet.search"), "aria-label": say("outlet.search"), oninput: async ({ target }) => {
      if (!target.value.trim()) return list.replaceChildren();
      const found = await get("outlets", "/api/search", { q: target.value.trim(), city: plan.city.slug, limit: 12 }).catch(() => ({ results: [] }));
      if (found) list.replaceChildren(...found.results.filter((each) => each.kind === "outlet").map((each) => make("li", {}, make("button", { type: "button", class: "row-button", onclick: () => chosen(each) }, each.name, " ", make("small", {}, each.detail ?? "")))));
    } });
    return make("div", {}, search, list);
  }

  // --- gates ---

  async function loadGates() {
    try {
      const found = await get("gates", "/api/scenarios/gates", { city: plan.city.slug, who: store.state.who });
      if (!found) return;
      gates = found;
      if (tool === "gate") { map.gates(found.gates); listGates(); }
      if (found.job) setTimeout(() => tool === "gate" && loadGates(), 1500);
    } catch (fault) { note(fault.message); }
  }

  function listGates() {
    const list = form.querySelector("#gates");
    if (!list || !gates) return;
    const { lng, lat } = map.map.getCenter(), away = (each) => Math.hypot((each.lon - lng) * Math.cos(lat * Math.PI / 180), each.lat - lat);
    const seen = map.map.getBounds(), inside = (each) => (seen.contains([each.lon, each.lat]) ? 0 : 1);
    const near = [...gates.gates].sort((a, b) => (gates.ranked ? inside(a) - inside(b) || b.minutes - a.minutes : away(a) - away(b)));
    const rank = button(gates.job ? say("gate.ranking", { n: Math.round(100 * gates.job.share) }) : gates.ranked && gates.current ? say("gate.again") : say("gate.rank"), async () => {
      try { await (await import("./server.js")).send("rank", "POST", "/api/scenarios/gates/rank", { city: plan.city.slug, who: store.state.who }); loadGates(); } catch (fault) { note(fault.message); }
    }, { disabled: Boolean(gates.job), id: "rank-gates" });
    list.replaceChildren(
      make("div", { class: "actions tight" }, plan.may_save ? rank : null),
      gates.ranked && !gates.current ? make("p", { class: "hint" }, say("gate.stale")) : "",
      make("ol", { class: "gates" }, ...near.slice(0, 40).map((each) => make("li", {},
        make("button", { type: "button", class: "row-button", onclick: () => map.go(each.lon, each.lat) }, make("strong", {}, say(`gate.${each.kind}`)), ` ${[each.area_name, each.street].filter(Boolean).join(" · ")}`, each.minutes === undefined ? "" : make("small", {}, say("gate.brings", { minutes: many(each.minutes), people: many(each.people) }))),
        make("button", { type: "button", class: "button small-button", "data-open-gate": "", onclick: () => open(each) }, say("gate.try"))))),
    );
  }

  const open = (gate) => {
    if (!map.map.getBounds().contains([gate.lon, gate.lat])) map.go(gate.lon, gate.lat);
    put({ verb: "gate", kind: gate.kind, lon: gate.lon, lat: gate.lat, label: [gate.area_name, gate.street].filter(Boolean).join(" · ").slice(0, 80) });
  };

  // --- places ---

  function place({ lon, lat }, on = {}) {
    const at = { lon: round(lon), lat: round(lat) };
    if (tool === "add") return put({ verb: "add", types: [addType], ...at });
    if (tool === "close" && on.outlet) return put({ verb: "close", outlet: on.outlet.key, label: on.outlet.name, from: [on.outlet.lon, on.outlet.lat].map(round) });
    if (tool === "move") {
      if (!outlet && on.outlet) { outlet = on.outlet; return draw(); }
      if (outlet) { put({ verb: "move", outlet: outlet.key, label: outlet.name, from: [outlet.lon, outlet.lat].map(round), ...at }); outlet = null; return draw(); }
    }
    if (tool === "gate" && on.gate) return open(on.gate);
    if (tool === "link") {
      if (!half) { half = [at.lon, at.lat]; return draw(); }
      put({ verb: "link", crossing, points: [half, [at.lon, at.lat]] });
      half = null;
      return draw();
    }
    store.set({ point: [at.lon, at.lat] });
  }

  choose("add");
  return { place, moved: () => { if (tool === "gate") listGates(); } };
}
