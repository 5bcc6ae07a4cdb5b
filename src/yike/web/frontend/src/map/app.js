// The page: what is chosen (state), asked (ask), told (list, panel) and drawn (canvas, layers).
import table from "../../words/map.json";
import { given, make, words } from "../parts/words.js";
import { ask, stop } from "./ask.js";
import { row } from "./list.js";
import { panel } from "./panel.js";
import { search } from "./search.js";
import { sheet } from "./sheet.js";
import { readState, store } from "./state.js";

const say = words(table);
const $ = (id) => document.getElementById(id);

export function begin(app) {
  const data = given("map-data");
  const { city, marks, types } = data;
  const { state, on, set } = store(readState());
  const note = (text = "", ...more) => { $("map-note").replaceChildren(...(text ? [make("span", {}, text), ...more] : [])); };
  let map = null, layers = null, picking = null;
  const embed = state.embed;

  // in 适老版 the page is one long column: what was asked for is brought into sight
  const see = (node) => { if (document.documentElement.classList.contains("large")) node.scrollIntoView({ block: "start" }); };

  // --- the list -------------------------------------------------------------------------------------
  const box = () => {
    if (!map) return null;
    const bounds = map.getBounds(), room = foot.padding(), size = map.getContainer();
    if (!foot.phone()) return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const low = map.unproject([0, size.clientHeight - room.bottom + 40]), high = map.unproject([size.clientWidth, room.top - 30]);
    return [low.lng, low.lat, high.lng, high.lat]; // only what the sheet and the search box leave to be seen
  };
  const asked = () => ({ city: city.slug, group: state.group, types: state.types, open: state.open, who: state.who, lon: state.from?.[0], lat: state.from?.[1] });
  async function list() {
    const view = box();
    if (!$("outlets").childElementCount) $("listing-said").textContent = say("looking");
    try {
      const answer = await ask("list", "/api/outlets", { ...asked(), bbox: view?.map((each) => each.toFixed(5)).join(","), limit: 50 });
      if (answer === undefined) return;
      const outlets = answer.outlets;
      $("listing-said").textContent = !outlets.length ? say("list.none") : `${say(outlets.length < answer.total ? "list.some" : "list.total", { n: answer.total, k: outlets.length })}${embed ? "" : ` · ${say(state.from ? "list.near" : "list.by_name")}`}`;
      $("outlets").replaceChildren(...outlets.map((each) => row(each, { marks, types, group: state.group, say, from: state.from, choose, today: answer.when?.slice(0, 10) })));
    } catch {
      $("listing-said").textContent = say("list.failed");
      $("outlets").replaceChildren(make("li", {}, make("button", { type: "button", class: "button", onclick: list }, say("again"))));
    }
  }

  // --- choosing -------------------------------------------------------------------------------------
  function choose(outlet) {
    if (embed) { open(`/o/${outlet.key}/`, "_blank", "noopener"); return; }
    set({ o: outlet.key });
  }
  let shown = null;
  const side = panel($("panel"), { say, close: () => { shown = null; set({ o: "" }); side.hide(); layers && (layers.showRoute(map, null), layers.showChosen(map, null)); }, opened: (is) => { $("listing").hidden = is; if (is) { $("more")?.setAttribute("hidden", ""); if (foot.height === "peek") foot.set("half"); see($("panel")); } } });

  async function showCard() {
    if (!state.o) return;
    if ($("panel").hidden) side.show(make("p", { class: "hint", role: "status" }, say("looking")));
    try {
      const html = await ask("panel", `/o/${encodeURIComponent(state.o)}/part/`, { from: state.from?.join(","), who: state.who }, "text");
      if (html === undefined) return;
      const card = side.show(html), told = card.querySelector("[data-outlet]")?.dataset ?? {};
      shown = { key: state.o, name: told.name, lon: Number(told.lon), lat: Number(told.lat), group: state.group || told.group };
      card.querySelector("[data-go]")?.addEventListener("click", () => (state.from ? way(shown, true) : pick((from) => { set({ from }); })));
      if (layers) {
        layers.showChosen(map, shown);
        if (state.from) way(shown);
        else { layers.showRoute(map, null); map.easeTo({ center: [shown.lon, shown.lat], zoom: Math.max(map.getZoom(), 15.5), padding: foot.padding(), animate: !layers.calm, duration: 500 }); }
      }
    } catch (fault) { side.show(make("p", { class: "error" }, say("card.failed", { why: fault.message }))); }
  }

  async function way(outlet, far = false) {
    const said = side.node.querySelector("[data-way]");
    try {
      const answer = await ask("route", "/api/route", { city: city.slug, lon: state.from[0], lat: state.from[1], to: outlet.key, who: state.who });
      if (answer === undefined) return;
      if (!answer.line) { if (said) said.textContent = say("route.none"); layers?.showRoute(map, null); return; }
      if (said) said.textContent = say("walk", { n: answer.minutes < 10 ? answer.minutes.toFixed(1).replace(/\.0$/, "") : Math.round(answer.minutes), m: Math.round(answer.metres / 10) * 10 });
      if (!layers) return;
      layers.showRoute(map, answer.line, state.from, outlet);
      layers.showChosen(map, outlet);
      map.fitBounds(layers.boxOf(...answer.line.coordinates, state.from, [outlet.lon, outlet.lat]), { padding: foot.padding(), maxZoom: 17, animate: !layers.calm, duration: 500 });
      if (far && foot.phone()) foot.set("half");
    } catch (fault) { if (said) said.textContent = say(fault.status === 404 ? "route.none" : "route.failed"); layers?.showRoute(map, null); }
  }

  // --- the start, and 我的一刻钟 -------------------------------------------------------------------------
  function here(then) {
    const refused = () => note(say("locate.refused"));
    if (!navigator.geolocation) { refused(); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const [west, south, east, north] = city.bounds, { longitude: lon, latitude: lat } = coords;
      if (lon < west || lon > east || lat < south || lat > north) { note(say("locate.outside", { city: city.shown })); return; }
      then([lon, lat]);
    }, refused, { enableHighAccuracy: true, timeout: 8000, maximumAge: 60_000 });
  }

  function pick(then) {
    const done = (from) => { picking = null; note(); app.classList.remove("is-picking"); if (from) then(from); };
    picking = done;
    app.classList.add("is-picking");
    const button = (word, act) => make("button", { type: "button", class: "button", onclick: act }, say(word));
    note(say("pick"), button("pick.here", () => here(done)), button("pick.centre", () => done(map ? map.getCenter().toArray() : city.center)), button("pick.cancel", () => done(null)));
    if (foot.phone()) foot.set("peek");
    see($("map-note"));
  }

  async function near(from) {
    set({ from, o: "" });
    layers && (layers.showRoute(map, null), layers.showChosen(map, null));
    side.show(make("p", { class: "hint", role: "status" }, say("looking")));
    try {
      const html = await ask("panel", "/near/part/", { city: city.slug, lon: from[0], lat: from[1], who: state.who, when: state.open || "now" }, "text");
      if (html === undefined) return;
      const node = side.show(html);
      node.querySelectorAll("button[data-key]").forEach((button) => button.addEventListener("click", () => {
        const told = button.dataset;
        node.querySelectorAll("button[data-key]").forEach((each) => each.toggleAttribute("aria-current", each === button));
        way({ key: told.key, name: told.name, lon: Number(told.lon), lat: Number(told.lat), group: types[told.type]?.group });
      }));
      map?.easeTo({ center: from, zoom: Math.max(map.getZoom(), 14.5), padding: foot.padding(), animate: !layers?.calm, duration: 500 });
      if (foot.height === "peek") foot.set("half");
    } catch (fault) { side.show(make("p", { class: "error" }, say("near.failed", { why: fault.message }))); }
  }

  function startChip() {
    const found = $("start-chip");
    if (!state.from || embed) { found?.remove(); return; }
    if (found) return;
    $("listing-said").before(make("button", { type: "button", class: "chip", id: "start-chip", onclick: () => set({ from: null }) }, say("start.clear"), make("span", { "aria-hidden": "true" }, "✕")));
  }

  // --- what of the page follows from the state --------------------------------------------------------
  function marked() {
    app.querySelectorAll(".chip[data-group]").forEach((chip) => chip.setAttribute("aria-pressed", String((chip.dataset.group || chip.dataset.types) !== "" && chip.dataset.group === state.group && chip.dataset.types === state.types)));
    app.querySelectorAll(".chip[data-open]").forEach((chip) => chip.setAttribute("aria-pressed", String(state.open === "now")));
    app.querySelectorAll("[data-mark]").forEach((each) => { each.hidden = Boolean(state.group) && each.dataset.mark !== state.group; });
    app.dataset.view = state.view === "list" ? "list" : "map";
    const toggle = app.querySelector("[data-view-switch]");
    toggle.textContent = say(state.view === "list" ? "show.map" : "show.list");
    toggle.setAttribute("aria-pressed", String(state.view === "list"));
    if ($("who")) { $("who").value = state.who || $("who").options[0]?.value; $("open-at").value = state.open.includes("T") ? state.open.slice(0, 16) : ""; }
    startChip();
  }
  on((changed) => {
    marked();
    if (["group", "types", "open"].some((name) => changed.has(name))) layers?.showOutlets(map, city, state);
    if (changed.has("from")) layers?.showStart(map, state.from);
    if (changed.has("o") || (state.o && (changed.has("from") || changed.has("who")))) showCard();
    if (changed.has("view")) { map?.resize(); if (foot.phone()) foot.set(state.view === "list" ? "full" : "half"); }
    if (["group", "types", "open", "from", "who", "at"].some((name) => changed.has(name))) later();
  });
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(list, 120); };

  const foot = sheet(app, app.querySelector(".sheet"), $("handle"), say, () => later());

  // --- what people do ---------------------------------------------------------------------------------
  app.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const on_now = button.getAttribute("aria-pressed") === "true";
    if (button.dataset.group !== undefined && button.classList.contains("chip")) { side.hide(); set({ group: on_now ? "" : button.dataset.group, types: on_now ? "" : button.dataset.types, o: "" }); see($("listing")); }
    else if (button.dataset.open) set({ open: on_now ? "" : button.dataset.open });
    else if (button.dataset.near !== undefined) (state.from ? near(state.from) : pick(near));
    else if (button.dataset.more !== undefined) {
      const shut = !$("more").toggleAttribute("hidden");
      button.setAttribute("aria-expanded", String(shut));
      if (shut) { side.hide(); foot.phone() && foot.set("full"); $("more").scrollIntoView({ block: "nearest" }); see($("more")); }
    }
    else if (button.dataset.clear !== undefined) set({ group: "", types: "", open: "" });
    else if (button.dataset.viewSwitch !== undefined) set({ view: state.view === "list" ? "" : "list" });
    else if (button.dataset.locate !== undefined) here((from) => { set({ from }); map?.easeTo({ center: from, zoom: 15.5 }); });
    else if (button.dataset.share !== undefined) share(button);
  });
  $("who")?.addEventListener("change", (event) => set({ who: event.target.value }));
  $("open-at")?.addEventListener("change", (event) => set({ open: event.target.value }));
  async function share(button) {
    const link = { title: document.title, url: location.href };
    try { if (navigator.share && foot.phone()) await navigator.share(link); else { await navigator.clipboard.writeText(link.url); button.textContent = say("copied"); } } catch { /* the reader changed their mind */ }
  }
  const form = app.querySelector(".search");
  if (form) search(form, $("found"), say, () => ({ city: city.slug, who: state.who, lon: state.from?.[0] ?? map?.getCenter().lng, lat: state.from?.[1] ?? map?.getCenter().lat }), (result) => {
    if (result.kind === "outlet") choose({ key: result.key, name: result.name, lon: result.lon, lat: result.lat, group: "" });
    else if (result.kind === "type") set({ types: result.key, group: "", o: "" });
    else if (map) {
      map.easeTo({ center: [result.lon, result.lat], zoom: 15.5, padding: foot.padding() });
      note(result.name, make("button", { type: "button", class: "button", onclick: () => { note(); set({ from: [result.lon, result.lat] }); } }, say("start.as")), make("button", { type: "button", class: "button", onclick: () => { note(); near([result.lon, result.lat]); } }, say("near.mine")));
    }
  });

  // --- begin ------------------------------------------------------------------------------------------
  marked();
  list();
  if (state.o) showCard();
  document.documentElement.dataset.map = "loading";
  Promise.all([import("./canvas.js"), import("./layers.js")]).then(([{ drawMap }, drawn]) => {
    const made = drawMap($("map"), {
      ...data, say, state,
      moved: (moving) => { const { lng, lat } = moving.getCenter(); set({ at: [lng, lat, moving.getZoom()] }); },
      tapped: (tap) => { if (picking) picking([tap.lon, tap.lat]); else if (tap.outlet) choose(tap.outlet); else if (!tap.cell && state.o) side.close(); },
    });
    map = made.map;
    layers = { ...drawn, calm: made.calm };
    layers.ready = false;
    return made.ready;
  }).then(() => {
    layers.ready = true;
    layers.showStart(map, state.from);
    if (state.o) showCard();
    later();
    document.documentElement.dataset.map = "ready";
    window.yikeMap = map; // for tests and the curious: the map itself
  }).catch(() => { note(say("map.failed")); document.documentElement.dataset.map = "failed"; stop("tiles"); set({ view: "list" }); });
}

