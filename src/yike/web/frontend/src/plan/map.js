// The planning desk's map: homes coloured by minutes (now, after, difference), open outlets of the type, and the changes drawn.
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import classes from "minutes";
import { style } from "../map/style.js";

setWorkerUrl(workerUrl);
const FONTS = '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const EMPTY = { type: "FeatureCollection", features: [] }, ACCENT = "#b93420", INK = "#1b1b1d", SAME = "#c9c9c5", NONE = 999;
export const DIFFERENCE = [
  { key: "much", from: 5, colour: "#0b4f6c" }, { key: "some", from: 1, colour: "#3b8ab0" }, { key: "little", from: 0.02, colour: "#a6cfe2" },
  { key: "same", from: -0.02, colour: SAME }, { key: "longer", from: -Infinity, colour: "#c8553d" },
];
const stepped = (value) => ["step", value, classes[0].colour, ...classes.slice(0, -1).flatMap((each, k) => [Number(each.upto_min) + 0.0001, classes[k + 1].colour])];
const state = (name) => ["coalesce", ["feature-state", name], NONE];
const PAINT = {
  now: stepped(state("b")),
  after: stepped(state("a")),
  diff: ["let", "saved", ["-", state("b"), state("a")], ["step", ["var", "saved"], DIFFERENCE[4].colour, ...DIFFERENCE.slice(0, 4).reverse().flatMap((each) => [each.from, each.colour])]],
};
const point = (lon, lat, properties = {}) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });
const line = (coordinates, properties = {}) => ({ type: "Feature", geometry: { type: "LineString", coordinates }, properties });
const all = (features) => ({ type: "FeatureCollection", features });
const origin = () => location.origin;

export function drawMap(container, plan, store, { say, tapped, moved }) {
  const { city, area } = plan, { at } = store.state, pad = 1.5;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new Map({
    container, style: style(city), ...(at ? { center: at.slice(0, 2), zoom: at[2] } : area.bounds ? { bounds: area.bounds, fitBoundsOptions: { padding: 24, maxZoom: 16 } } : { center: city.center, zoom: 13 }),
    minZoom: 8, maxZoom: 19, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, localIdeographFontFamily: FONTS, fadeDuration: calm ? 0 : 150,
    maxBounds: [[city.bounds[0] - pad, city.bounds[1] - pad], [city.bounds[2] + pad, city.bounds[3] + pad]],
    locale: { "Map.Title": say("map.label"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out"), "ScaleControl.Meters": say("m"), "ScaleControl.Kilometers": say("km") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  const ready = new Promise((resolve) => map.on("load", () => { addLayers(map, city, store.state); resolve(); }));
  const under = (event, layer, reach = 9) => (map.getLayer(layer) ? map.queryRenderedFeatures([[event.point.x - reach, event.point.y - reach], [event.point.x + reach, event.point.y + reach]], { layers: [layer] }) : []);
  map.on("click", (event) => {
    const outlet = under(event, "outlets")[0], gate = under(event, "gates", 12)[0];
    tapped({
      lon: event.lngLat.lng, lat: event.lngLat.lat,
      outlet: outlet && { key: outlet.properties.key, name: outlet.properties.name, lon: outlet.geometry.coordinates[0], lat: outlet.geometry.coordinates[1] },
      gate: gate && gate.properties,
    });
  });
  for (const layer of ["outlets", "gates"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  map.on("moveend", () => moved(map));
  return { map, ready, ...drawing(map, city, ready) };
}

function addLayers(map, city, now) {
  map.addSource("homes", { type: "geojson", data: EMPTY });
  map.addSource("outlets", { type: "vector", tiles: [tiles(city, now.kind)], minzoom: 8, maxzoom: 16, bounds: city.bounds });
  for (const id of ["gates", "changes", "chosen", "sites"]) map.addSource(id, { type: "geojson", data: EMPTY });
  const before = map.getLayer("street-names") ? "street-names" : undefined;
  map.addLayer({
    id: "homes", type: "circle", source: "homes",
    paint: {
      "circle-color": PAINT[now.view],
      "circle-radius": ["interpolate", ["exponential", 1.6], ["zoom"], 9, 1, 13, ["+", 1.5, ["/", ["sqrt", ["get", "p"]], 14]], 17, ["+", 5, ["/", ["sqrt", ["get", "p"]], 3]]],
      "circle-stroke-color": ["case", ["boolean", ["feature-state", "moved"], false], INK, "#ffffff"], "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 12, ["case", ["boolean", ["feature-state", "moved"], false], 0.8, 0], 15, ["case", ["boolean", ["feature-state", "moved"], false], 1.4, 0.8]],
    },
  }, before);
  map.addLayer({ id: "outlets", type: "circle", source: "outlets", "source-layer": "outlets", minzoom: 13, paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 3, 17, 7], "circle-color": "#ffffff", "circle-stroke-color": INK, "circle-stroke-width": 2.2 } });
  map.addLayer({ id: "outlet-names", type: "symbol", source: "outlets", "source-layer": "outlets", minzoom: 15.5, layout: { "text-field": ["get", "name"], "text-size": 12, "text-font": ["sans"], "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true, "text-max-width": 8 }, paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.4 } });
  map.addLayer({ id: "gates", type: "circle", source: "gates", minzoom: 12, paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 4, 17, 9], "circle-color": ["match", ["get", "kind"], "door", "#ffffff", "#fdf1ee"], "circle-stroke-color": ACCENT, "circle-stroke-width": 2.4 } });
  map.addLayer({ id: "change-lines", type: "line", source: "changes", filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round" }, paint: { "line-color": ACCENT, "line-width": 4, "line-dasharray": [1.2, 1.4], "line-opacity": ["case", ["get", "on"], 1, 0.35] } });
  const dot = { "circle-radius": 10, "circle-color": ["match", ["get", "verb"], "close", "#ffffff", ACCENT], "circle-stroke-color": ["match", ["get", "verb"], "close", ACCENT, "#ffffff"], "circle-stroke-width": 2.4, "circle-opacity": ["case", ["get", "on"], 1, 0.35], "circle-stroke-opacity": ["case", ["get", "on"], 1, 0.35] };
  map.addLayer({ id: "change-dots", type: "circle", source: "changes", filter: ["==", ["geometry-type"], "Point"], paint: dot });
  map.addLayer({ id: "change-signs", type: "symbol", source: "changes", filter: ["==", ["geometry-type"], "Point"], layout: { "text-field": ["get", "sign"], "text-size": 13, "text-font": ["sans"], "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": ["match", ["get", "verb"], "close", ACCENT, "#ffffff"] } });
  map.addLayer({ id: "sites", type: "circle", source: "sites", paint: { "circle-radius": 8, "circle-color": ["case", ["get", "locked"], ACCENT, "#ffffff"], "circle-stroke-color": ACCENT, "circle-stroke-width": 3 } });
  map.addLayer({ id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 11, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": INK, "circle-stroke-width": 3 } });
}

const tiles = (city, kind) => `${origin()}/tiles/${city.slug}/outlets/{z}/{x}/{y}.mvt?types=${kind}`;
const SIGNS = { add: "＋", move: "→", close: "×", gate: "门" };

function drawing(map, city, ready) {
  let moved = [];
  const data = async (id, found) => { await ready; map.getSource(id)?.setData(found); };
  return {
    /** All homes of the box: places, people, minutes now. */
    async homes(found) {
      await ready;
      map.removeFeatureState({ source: "homes" });
      moved = [];
      map.getSource("homes").setData(all(found.row.map((row, k) => ({ ...point(found.lon[k], found.lat[k], { p: found.people[k] }), id: row }))));
      found.row.forEach((row, k) => { const m = found.minutes[k] ?? NONE; map.setFeatureState({ source: "homes", id: row }, { b: m, a: m }); });
    },
    /** What the changes do to them. */
    async changed({ row, before, after }, known) {
      await ready;
      for (const id of moved) { const b = known.get(id) ?? NONE; map.setFeatureState({ source: "homes", id }, { b, a: b, moved: false }); }
      moved = row.filter((id) => known.has(id));
      row.forEach((id, k) => { if (known.has(id)) map.setFeatureState({ source: "homes", id }, { b: before[k] ?? NONE, a: after[k] ?? NONE, moved: true }); });
    },
    async view(name) { await ready; map.setPaintProperty("homes", "circle-color", PAINT[name]); },
    async kind(code) { await ready; map.getSource("outlets").setTiles([tiles(city, code)]); },
    gates: (found) => data("gates", all(found.map((each) => point(each.lon, each.lat, each)))),
    chosen: (place) => data("chosen", place ? point(...place) : EMPTY),
    sites: (found) => data("sites", all(found)),
    changes: (found) => data("changes", all(found.flatMap((each) => {
      const properties = { verb: each.verb, on: each.on !== false, sign: SIGNS[each.verb] ?? "" };
      if (each.verb === "link") return [line(each.points, properties)];
      if (each.verb === "move" && each.from) return [line([each.from, [each.lon, each.lat]], properties), point(each.lon, each.lat, properties)];
      const place = each.lon === undefined ? each.from : [each.lon, each.lat];
      return place ? [point(...place, properties)] : [];
    }))),
    box: () => { const b = map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((each) => each.toFixed(6)).join(","); },
    go: (lon, lat, zoom = 16) => map.easeTo({ center: [lon, lat], zoom: Math.max(zoom, map.getZoom()), animate: !matchMedia("(prefers-reduced-motion: reduce)").matches }),
  };
}
