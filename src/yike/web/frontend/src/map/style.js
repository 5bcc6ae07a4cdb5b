// The quiet base map: grey streets, white buildings, so that outlets and minutes speak. Names are drawn with the device's own letters.
import { lang } from "../parts/words.js";

const INK = "#1b1b1d", SOFT = "#5d5d63", PAPER = "#f4f4f1";
const by_zoom = (...stops) => ["interpolate", ["exponential", 1.5], ["zoom"], ...stops];
const fill = (layer, colour, filter) => ({ id: layer + (filter ? `-${filter[2]}` : ""), type: "fill", source: "base", "source-layer": layer, ...(filter && { filter }), paint: { "fill-color": colour } });
const line = (id, layer, filter, colour, width, more = {}) => ({
  id, type: "line", source: "base", "source-layer": layer, ...(filter && { filter }),
  layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": colour, "line-width": width, ...more },
});
const one_of = (...names) => ["in", ["get", "class"], ["literal", names]];
const name = lang === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];

function streets() {
  const classes = [
    ["path", one_of("path", "steps", "cycleway"), by_zoom(14, 0.5, 18, 3), by_zoom(14, 1, 18, 4)],
    ["service", one_of("service", "pedestrian"), by_zoom(13, 0.6, 18, 7), by_zoom(13, 1.2, 18, 9)],
    ["street", one_of("street"), by_zoom(12, 0.6, 18, 13), by_zoom(12, 1.4, 18, 15)],
    ["tertiary", one_of("tertiary"), by_zoom(11, 0.8, 18, 18), by_zoom(11, 1.8, 18, 20)],
    ["secondary", one_of("secondary"), by_zoom(9, 0.8, 18, 22), by_zoom(9, 1.8, 18, 24)],
    ["main", one_of("main"), by_zoom(8, 1, 18, 26), by_zoom(8, 2.2, 18, 28)],
  ];
  return [
    ...classes.map(([id, filter, , casing]) => line(`street-${id}-edge`, "streets", filter, "#d3d3d0", casing)),
    ...classes.map(([id, filter, width]) => line(`street-${id}`, "streets", filter, id === "path" ? "#e2e2de" : "#ffffff", width)),
  ];
}

function names() {
  const text = (size, more = {}) => ({ "text-field": name, "text-size": size, "text-font": ["sans"], "text-max-width": 9, ...more });
  const halo = (colour) => ({ "text-color": colour, "text-halo-color": "#ffffff", "text-halo-width": 1.4 });
  const level = (...levels) => ["in", ["get", "level"], ["literal", levels]];
  const label = (id, levels, from, to, size, colour) => ({ id, type: "symbol", source: "base", "source-layer": "labels", minzoom: from, maxzoom: to, filter: level(...levels), layout: text(size), paint: halo(colour) });
  return [
    { id: "street-names", type: "symbol", source: "base", "source-layer": "streets", minzoom: 13, filter: ["has", "name"], layout: text(by_zoom(13, 11, 18, 14), { "symbol-placement": "line", "symbol-spacing": 320 }), paint: halo(SOFT) },
    label("names-small", ["park", "water", "square", "compound", "neighbourhood", "village"], 14.5, 24, 12, SOFT),
    label("names-community", ["community"], 13.5, 24, 12.5, SOFT),
    label("names-town", ["street", "town", "suburb"], 11, 15.5, 13.5, INK),
    label("names-county", ["county"], 8, 12, 14.5, INK),
    label("names-city", ["city"], 6, 9.5, 17, INK),
  ];
}

/** A MapLibre style over the tiles of a city; `raster` is a licensed picture base map (天地图), drawn instead where it is set. */
export function style(city, raster) {
  const origin = location.origin;
  const sources = {
    base: { type: "vector", tiles: [city.base ? origin + city.base : `${origin}/tiles/${city.slug}/base/{z}/{x}/{y}.mvt`], minzoom: 8, maxzoom: 14, bounds: city.bounds },
    ...(raster && { raster: { type: "raster", tiles: raster.tiles, tileSize: 256, maxzoom: 18 } }),
  };
  const drawn = [
    fill("land", PAPER), fill("green", "#e3ebdf"), fill("water", "#cfdde4"),
    line("waterways", "waterways", null, "#cfdde4", by_zoom(9, 0.8, 16, 5)),
    ...streets().slice(0, 6),
    { id: "buildings", type: "fill", source: "base", "source-layer": "buildings", minzoom: 14, paint: { "fill-color": "#ffffff", "fill-outline-color": "#d0d0cc" } },
    ...streets().slice(6),
    line("walls", "walls", null, "#9b9b98", by_zoom(14, 0.6, 18, 1.6), { "line-dasharray": [3, 1.5] }),
    line("rail", "rail", null, "#b5b5b2", by_zoom(10, 0.8, 16, 2.2), { "line-dasharray": [4, 2] }),
    line("boundaries-community", "boundaries", ["==", ["get", "level"], "community"], "#a4a4a0", 0.8, { "line-dasharray": [2, 3] }),
    line("boundaries", "boundaries", ["!=", ["get", "level"], "community"], "#8d8d88", by_zoom(8, 0.8, 14, 1.6), { "line-dasharray": [4, 2] }),
  ];
  return {
    version: 8,
    sources,
    layers: [
      { id: "paper", type: "background", paint: { "background-color": PAPER } },
      ...(raster ? [{ id: "raster", type: "raster", source: "raster", paint: { "raster-saturation": -0.7 } }] : drawn),
      ...names(),
    ],
  };
}
