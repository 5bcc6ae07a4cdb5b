// 保供 stress test: homes by what they lose, the outlets that close, and a line to draw across streets.
import table from "../../words/seeing.json";
import { given, words } from "../parts/words.js";

const say = words(table), data = given("seeing-data"), box = document.getElementById("seeing-map");
const CLASSES = [{ fill: "#0b4f6c", ring: "#ffffff" }, { fill: "#a9a9b0", ring: "#ffffff" }, { fill: "#ffffff", ring: "#b93420" }, { fill: "#b93420", ring: "#ffffff" }];
const field = document.getElementById("line"), draw = document.getElementById("draw");
const point = (coordinates, properties = {}) => ({ type: "Feature", geometry: { type: "Point", coordinates }, properties });
const pointsIn = () => field.value.split(";").map((pair) => pair.split(",").map(Number)).filter((pair) => pair.length === 2 && pair.every(Number.isFinite));

function showLine(map) {
  const points = pointsIn(), lines = points.length > 1 ? [{ type: "Feature", geometry: { type: "LineString", coordinates: points }, properties: {} }] : [];
  map.getSource("line")?.setData({ type: "FeatureCollection", features: [...lines, ...points.map((each) => point(each))] });
}

async function show() {
  try {
    const { homesMap, placesOf, valuesOf, featuresOf } = await import("../map/homes.js");
    const drawing = () => draw.getAttribute("aria-pressed") === "true";
    const tapped = ({ lngLat }) => {
      if (!drawing()) return false;
      field.value = [...pointsIn(), [lngLat.lng, lngLat.lat]].map(([x, y]) => `${x.toFixed(6)},${y.toFixed(6)}`).join(";");
      showLine(map);
      return true;
    };
    const { map, ready } = homesMap(box, { city: data.city, bounds: data.bounds, attribution: data.attribution, say, classes: CLASSES, told: ({ c, p }) => `${say(`class.${c}`)} · ${say("people", { n: p })}`, tapped });
    const query = new URLSearchParams({ who: data.who, through: data.through, ...data.asked });
    const values = data.done ? valuesOf(`/api/seeing/${data.code}/stress/values?${query}`) : null;
    const [places, classes] = await Promise.all([placesOf(`/api/seeing/${data.code}/places?v=${data.stamp}`), values, ready]);
    if (classes) map.getSource("homes").setData(featuresOf(places, classes, (value) => value));
    map.getSource("outlets-here").setData({ type: "FeatureCollection", features: (data.closed ?? []).map((each) => point([each.lon, each.lat])) });
    map.addSource("line", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "line", type: "line", source: "line", filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": "#b93420", "line-width": 3, "line-dasharray": [2, 1] } });
    map.addLayer({ id: "line-points", type: "circle", source: "line", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 4, "circle-color": "#b93420" } });
    showLine(map);
    field.addEventListener("input", () => showLine(map));
    draw.addEventListener("click", () => {
      const on = !drawing();
      draw.setAttribute("aria-pressed", String(on));
      if (on) { field.value = ""; document.querySelector("[name=way][value=line]").checked = true; showLine(map); }
      map.getCanvas().style.cursor = on ? "crosshair" : "";
      document.getElementById("seeing-map-note").textContent = on ? say("draw") : say("drawn");
    });
    map.once("idle", () => { document.documentElement.dataset.map = "ready"; });
  } catch (fault) {
    console.error(fault);
    document.documentElement.dataset.map = "failed";
    document.getElementById("seeing-map-note").textContent = say("map.failed");
  }
}
if (box && data) show();
for (const name of ["outlets", "road", "line", "number", "need"]) {
  document.querySelector(`#stress-form [name=${name}]`)?.addEventListener("input", ({ target }) => { target.closest("fieldset").querySelector("[name=way]").checked = true; });
}
