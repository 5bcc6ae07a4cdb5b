// The planning desk: changes on the left, the map in the middle, what they bring on the right, the proposal under it.
import table from "../../words/plan.json";
import { given, lang, make, words } from "../parts/words.js";
import { changeList } from "../plan/changes.js";
import { effectPanel } from "../plan/effect.js";
import { legend } from "../plan/legend.js";
import { proposalPanel } from "../plan/proposal.js";
import { saving } from "../plan/saving.js";
import { get, send } from "../plan/server.js";
import { store as make_store } from "../plan/state.js";

const plan = given("plan"), say = words(table);

async function begin() {
  const store = make_store(plan), app = document.querySelector("#app");
  const note = (text) => { document.querySelector("#map-note").replaceChildren(text ? make("span", {}, text) : ""); };
  const box = (id) => document.getElementById(id);
  const [{ drawMap }, { tools: make_tools }] = await Promise.all([import("../plan/map.js"), import("../plan/tools.js")]);
  let tools = null, homes = null, known = new Map(), effect = null, gesture = performance.now();
  const map = drawMap(box("map"), plan, store, {
    say, tapped: (at) => tools?.place(at, at),
    moved: (drawn) => { const { lng, lat } = drawn.getCenter(); store.set({ at: [lng, lat, drawn.getZoom()] }); },
  });
  const list = changeList(box("changes"), plan, store, { say, map }), panel = effectPanel(box("effect"), plan, store, { say, map }), key = legend(box("legend"), say);
  tools = make_tools(box("tools"), plan, store, { say, map, note });
  saving(box("saving"), plan, store, { say, note });
  if (box("proposal")) proposalPanel(box("proposal"), plan, store, { say, map, note });

  async function loadHomes() {
    try {
      const found = await get("homes", "/api/scenarios/homes", { city: plan.city.slug, who: store.state.who, kind: store.state.kind, bbox: map.box() });
      if (!found) return;
      homes = found;
      known = new Map(found.row.map((row, k) => [row, found.minutes[k]]));
      await map.homes(found);
      if (effect) await map.changed(effect.homes, known);
      note(found.of > found.row.length ? say("homes.some", { n: found.row.length, of: found.of }) : "");
    } catch (fault) { note(fault.message); }
  }

  async function tryNow() {
    panel.busy();
    const began = gesture, { changes, who, kind, point, area } = store.state;
    try {
      const found = await send("try", "POST", "/api/scenarios/try", { city: plan.city.slug, area, who, kind, point, changes });
      if (!found) return;
      effect = found;
      panel.draw(found, began);
      list.told(found);
      map.changed(found.homes, known);
      app.dataset.tried = String(Number(app.dataset.tried ?? 0) + 1);
    } catch (fault) { list.failed(fault); note(fault.message); box("effect").removeAttribute("aria-busy"); }
  }

  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => store.set({ view: button.dataset.view }));
  const fill = (id, options, name) => { const node = box(id); node.replaceChildren(...options.map((each) => make("option", { value: each.code, selected: each.code === store.state[name] }, each[lang]))); node.addEventListener("change", () => store.set({ [name]: node.value })); };
  fill("kind", plan.types, "kind");
  fill("who", plan.walkers, "who");
  box("area")?.addEventListener("change", ({ target }) => { location.search = `?area=${target.value}&who=${store.state.who}`; });

  const show = () => {
    for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === store.state.view));
    key.draw(store.state.view);
  };
  let waiting = 0;
  store.on((names) => {
    gesture = performance.now();
    if (names.has("at")) { tools.moved(); clearTimeout(waiting); waiting = setTimeout(loadHomes, 250); }
    if (names.has("view")) { map.view(store.state.view); show(); }
    if (names.has("point")) map.chosen(store.state.point);
    if (names.has("kind")) { box("kind").value = store.state.kind; map.kind(store.state.kind); }
    if (names.has("kind") || names.has("who")) loadHomes();
    if (names.has("changes")) { note(""); list.draw(); }
    if (["changes", "kind", "who", "point"].some((name) => names.has(name))) tryNow();
  });
  show();
  list.draw();
  map.chosen(store.state.point);
  tryNow();
  await map.ready;
  loadHomes();
}

if (plan) begin();
