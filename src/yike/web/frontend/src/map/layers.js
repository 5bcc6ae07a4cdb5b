// Outlets, the start, and the way between, drawn over the base map.
import { addMarks } from "./marks.js";

const EMPTY = { type: "FeatureCollection", features: [] };
const OPEN = ["match", ["to-string", ["get", "open"]], ["false", "0"], "shut", "open"];

/** The address of the outlet tiles for what is asked. */
export function tilesOf(city, state) {
  const query = new URLSearchParams();
  for (const name of ["group", "types", "open"]) if (state[name]) query.set(name, state[name]);
  return `${location.origin}/tiles/${city.slug}/outlets/{z}/{x}/{y}.mvt${query.size ? `?${query}` : ""}`.replaceAll("%2C", ",").replaceAll("%3A", ":");
}

const group_of = (state) => (state.group ? state.group : ["coalesce", ["get", "group"], "other"]);
const icon = (state) => ["coalesce", ["image", ["concat", group_of(state), "-", OPEN]], ["image", ["concat", "other-", OPEN]]];

/** Add sources and layers once the style is there. */
export function addLayers(map, city, marks, state) {
  addMarks(map, marks);
  map.addSource("outlets", { type: "vector", tiles: [tilesOf(city, state)], minzoom: 8, maxzoom: 16, bounds: city.bounds });
  for (const id of ["route", "start", "chosen"]) map.addSource(id, { type: "geojson", data: EMPTY });
  const rounded = { "line-cap": "round", "line-join": "round" };
  map.addLayer({ id: "route-ends", type: "line", source: "route", filter: ["get", "end"], layout: rounded, paint: { "line-color": "#0b4f6c", "line-width": 4, "line-dasharray": [0.1, 1.8] } });
  map.addLayer({ id: "route-edge", type: "line", source: "route", filter: ["!", ["get", "end"]], layout: rounded, paint: { "line-color": "#ffffff", "line-width": 9 } });
  map.addLayer({ id: "route", type: "line", source: "route", filter: ["!", ["get", "end"]], layout: rounded, paint: { "line-color": "#0b4f6c", "line-width": 5 } });
  const ink = "#1b1b1d";
  map.addLayer({
    id: "cells", type: "circle", source: "outlets", "source-layer": "cells",
    paint: { "circle-color": "#ffffff", "circle-stroke-color": ink, "circle-stroke-width": 1.4, "circle-radius": ["interpolate", ["linear"], ["log10", ["max", 1, ["get", "count"]]], 0, 9, 1, 13, 2, 17, 3, 22, 4, 26] },
  });
  map.addLayer({
    id: "cell-counts", type: "symbol", source: "outlets", "source-layer": "cells",
    layout: { "text-field": ["to-string", ["get", "count"]], "text-size": 12, "text-font": ["sans"], "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": ink },
  });
  map.addLayer({
    id: "outlet-dots", type: "circle", source: "outlets", "source-layer": "outlets",
    paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 1.6, 17, 3], "circle-color": "#77777d" },
  });
  map.addLayer({
    id: "outlets", type: "symbol", source: "outlets", "source-layer": "outlets",
    layout: {
      "icon-image": icon(state), "icon-size": ["interpolate", ["linear"], ["zoom"], 13, 0.68, 16.5, 0.95], "icon-padding": 1,
      "text-field": ["step", ["zoom"], "", 15.5, ["get", "name"]], "text-size": 12, "text-font": ["sans"], "text-anchor": "top", "text-offset": [0, 1], "text-optional": true, "text-max-width": 8,
    },
    paint: { "text-color": ink, "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  });
  map.addLayer({ id: "start-edge", type: "circle", source: "start", paint: { "circle-radius": 9, "circle-color": "#ffffff", "circle-stroke-color": "#0b4f6c", "circle-stroke-width": 4 } });
  map.addLayer({ id: "start", type: "circle", source: "start", paint: { "circle-radius": 4, "circle-color": "#0b4f6c" } });
  map.addLayer({
    id: "chosen", type: "symbol", source: "chosen",
    layout: {
      "icon-image": ["image", ["concat", ["get", "group"], "-chosen"]], "icon-size": 1.35, "icon-allow-overlap": true, "icon-ignore-placement": true,
      "text-field": ["get", "name"], "text-size": 13.5, "text-font": ["sans"], "text-anchor": "top", "text-offset": [0, 1.3], "text-optional": true,
    },
    paint: { "text-color": "#b93420", "text-halo-color": "#ffffff", "text-halo-width": 2 },
  });
}

/** Ask for other outlets: the tiles of a group, of types, of what is open. */
export function showOutlets(map, city, state) {
  map.getSource("outlets")?.setTiles([tilesOf(city, state)]);
  if (map.getLayer("outlets")) map.setLayoutProperty("outlets", "icon-image", icon(state));
}

const point = (lon, lat, properties = {}) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });

export function showStart(map, from) {
  map.getSource("start")?.setData(from ? point(...from) : EMPTY);
}

export function showChosen(map, outlet) {
  map.getSource("chosen")?.setData(outlet ? point(outlet.lon, outlet.lat, { name: outlet.name, group: outlet.group || "other" }) : EMPTY);
}

/** Draw a walk; from the start to the street, and from the street to the door, as dots. */
export function showRoute(map, line, from, to) {
  const ways = line ? [line.coordinates] : [], ends = line && from && to ? [[from, line.coordinates[0]], [line.coordinates.at(-1), [to.lon, to.lat]]] : [];
  const feature = (end) => (coordinates) => ({ type: "Feature", geometry: { type: "LineString", coordinates }, properties: { end } });
  map.getSource("route")?.setData({ type: "FeatureCollection", features: [...ways.map(feature(false)), ...ends.map(feature(true))] });
}

/** The smallest box around lines and points, as MapLibre wants it. */
export function boxOf(...coordinates) {
  const lons = coordinates.map(([lon]) => lon), lats = coordinates.map(([, lat]) => lat);
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}
