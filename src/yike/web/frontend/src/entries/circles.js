// Circles on a map: choosing communities to draw one, looking at a proposal, looking at one circle.
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import table from "../../words/circles.json";
import { style } from "../map/style.js";
import { given, lang, words } from "../parts/words.js";

setWorkerUrl(workerUrl);
const say = words(table), data = given("circle-data"), box = document.getElementById("circle-map");
const ACCENT = "#b3321f", INK = "#1b1b1d", SOFT = "#6d6d72";
const boxes = (name) => [...document.querySelectorAll(`input[name=${name}]`)];
const on = ["boolean", ["feature-state", "on"], false];

function bounds(features) {
  const found = [180, 90, -180, -90];
  const walk = (part) => {
    if (typeof part[0] === "number") {
      found[0] = Math.min(found[0], part[0]); found[1] = Math.min(found[1], part[1]);
      found[2] = Math.max(found[2], part[0]); found[3] = Math.max(found[3], part[1]);
    } else part.forEach(walk);
  };
  for (const each of features) if (each.geometry) walk(each.geometry.coordinates);
  return found[0] <= found[2] ? found : data.city.bounds;
}

function open(features) {
  const map = new Map({
    container: box, style: style(data.city), bounds: bounds(features), fitBoundsOptions: { padding: 24, maxZoom: 16 }, minZoom: 7, maxZoom: 19,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    localIdeographFontFamily: '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
    locale: { "Map.Title": say("map.label"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out"), "ScaleControl.Meters": say("m"), "ScaleControl.Kilometers": say("km") },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  return new Promise((ready) => map.on("load", () => ready(map)));
}

const labels = (source) => ({ id: "names", type: "symbol", source, layout: { "text-field": ["get", "name"], "text-size": 12.5, "text-font": ["sans"], "text-max-width": 7 }, paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 1.5 } });

/** Areas that a tap chooses: each is one with a box of the form. */
async function choosing(collection, name, fill, key) {
  const map = await open(collection.features);
  const byValue = new globalThis.Map(boxes(name).map((each) => [each.value, each]));
  const idOf = new globalThis.Map(collection.features.map((each) => [String(each.properties[key]), each.id]));
  map.addSource("areas", { type: "geojson", data: collection });
  map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": ["case", on, ACCENT, fill[0]], "fill-opacity": ["case", on, 0.35, fill[1]] } });
  map.addLayer({ id: "edges", type: "line", source: "areas", paint: { "line-color": ["case", on, ACCENT, SOFT], "line-width": ["case", on, 2.2, 1] } });
  map.addLayer(labels("areas"));
  const show = () => {
    for (const [value, id] of idOf) map.setFeatureState({ source: "areas", id }, { on: byValue.get(value)?.checked ?? false });
  };
  map.on("click", "areas", ({ features }) => {
    const tick = byValue.get(String(features[0].properties[key]));
    if (tick) { tick.checked = !tick.checked; tick.dispatchEvent(new Event("change", { bubbles: true })); }
  });
  map.on("mouseenter", "areas", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "areas", () => { map.getCanvas().style.cursor = ""; });
  document.addEventListener("change", show);
  show();
}

function total() {
  const told = document.querySelector("[data-total]");
  if (!told) return;
  const chosen = boxes("community").filter((each) => each.checked);
  const people = chosen.reduce((sum, each) => sum + Number(each.dataset.people.replace(/\D/g, "")), 0);
  told.textContent = say("total", { n: chosen.length, people: people.toLocaleString(lang === "en" ? "en" : "zh") });
}

async function looking(collection) {
  const map = await open(collection.features), part = (name) => ["==", ["get", "part"], name];
  map.addSource("circle", { type: "geojson", data: collection });
  const layer = (id, type, filter, paint) => map.addLayer({ id, type, source: "circle", filter: part(filter), paint });
  layer("inside", "fill", "community", { "fill-color": ACCENT, "fill-opacity": 0.14 });
  layer("inside-edge", "line", "community", { "line-color": ACCENT, "line-width": 2 });
  layer("shed", "line", "shed", { "line-color": INK, "line-width": 2, "line-dasharray": [3, 2] });
  layer("original", "line", "original", { "line-color": SOFT, "line-width": 2.5, "line-dasharray": [1, 1.5] });
  layer("centre", "circle", "centre", { "circle-radius": 6, "circle-color": "#fff", "circle-stroke-color": INK, "circle-stroke-width": 3 });
}

async function begin() {
  total();
  document.addEventListener("change", total);
  document.querySelector("[data-all-picks]")?.addEventListener("change", ({ target }) => {
    for (const each of boxes("pick")) each.checked = target.checked;
  });
  if (!box || !data) return;
  try {
    if (data.shapes) {
      const answer = await fetch(data.shapes, { headers: { Accept: "application/json" } });
      if (!answer.ok) { box.textContent = say("shapes.failed"); return; }
      const taken = ["all", ["has", "circle"], ["!=", ["get", "circle"], data.own]];
      await choosing(await answer.json(), "community", [["case", taken, INK, "#ffffff"], ["case", taken, 0.16, 0.6]], "code");
    } else if (data.fit) await looking(data.features);
    else await choosing(data.features, "pick", ["#ffffff", 0.5], "k");
  } catch (error) { box.textContent = say("map.failed"); throw error; }
}
begin();
