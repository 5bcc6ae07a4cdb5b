// Homes as points on the quiet base map: places once, values for each question, both packed (yike/web/seeing/packing.py).
import { AttributionControl, Map, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { style } from "./style.js";

setWorkerUrl(workerUrl);
const FONTS = '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
export const NONE = 65_535;

/** Fetch packed homes: their places as {lon, lat, people}. */
export async function placesOf(address) {
  const octets = await packed(address), [west, south, stepX, stepY] = new Float64Array(octets, 0, 4);
  const rest = new Uint16Array(octets, 32), n = rest.length / 3;
  return { n, lon: (k) => west + stepX * rest[k], lat: (k) => south + stepY * rest[n + k], people: (k) => rest[2 * n + k] };
}

export const valuesOf = async (address) => new Uint16Array(await packed(address));

async function packed(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.arrayBuffer();
}

/** One feature a home; `classOf(value)` is the class drawn. The worst are listed last, so that they lie on top. */
export function featuresOf(places, values, classOf) {
  const features = Array.from({ length: places.n }, (_, k) => ({
    type: "Feature", geometry: { type: "Point", coordinates: [places.lon(k), places.lat(k)] },
    properties: { v: values[k], p: places.people(k), c: classOf(values[k]) },
  }));
  return { type: "FeatureCollection", features: features.sort((a, b) => a.properties.c - b.properties.c) };
}

/** A map of homes in `box`; `classes` are [{colour, ring}] from best to worst; `told(properties)` fills the popup. */
export function homesMap(box, { city, bounds, attribution, say, classes, told, tapped }) {
  const map = new Map({
    container: box, style: style(city), bounds: [[bounds[0], bounds[1]], [bounds[2], bounds[3]]], fitBoundsOptions: { padding: 24, maxZoom: 16 }, maxZoom: 19,
    attributionControl: false, dragRotate: false, touchPitch: false, localIdeographFontFamily: FONTS, cooperativeGestures: true,
    locale: { "Map.Title": say("map.label"), "CooperativeGesturesHandler.MobileHelpText": say("two.fingers"), "CooperativeGesturesHandler.WindowsHelpText": say("ctrl"), "CooperativeGesturesHandler.MacHelpText": say("ctrl"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out"), "ScaleControl.Meters": say("m"), "ScaleControl.Kilometers": say("km") },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: matchMedia("(max-width: 720px)").matches, customAttribution: attribution }), "bottom-right");
  const pick = (name) => ["match", ["get", "c"], ...classes.flatMap((each, k) => [k, each[name]]), "#1b1b1d"];
  const ready = new Promise((done) => map.on("load", () => {
    map.addSource("homes", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addSource("outlets-here", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({
      id: "homes", type: "circle", source: "homes",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 1.3, 12, 2.2, 15, 5, 18, 10], "circle-color": pick("fill"),
        "circle-stroke-color": pick("ring"), "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 9, ["match", ["get", "c"], ...classes.flatMap((each, k) => [k, each.fill === "#ffffff" ? 0.7 : 0]), 0], 15, 1.8],
      },
    });
    map.addLayer({ id: "outlets-here", type: "circle", source: "outlets-here", paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 2.5, 16, 6], "circle-color": "#1b1b1d", "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } });
    done(map);
  }));
  map.on("click", (event) => {
    const { x, y } = event.point, found = map.getLayer("homes") && map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ["homes"] })[0];
    if (tapped?.(event, found)) return;
    if (!found) return;
    new Popup({ closeButton: false, maxWidth: "18rem" }).setLngLat(found.geometry.coordinates).setText(told(found.properties)).addTo(map);
  });
  map.on("mouseenter", "homes", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "homes", () => { map.getCanvas().style.cursor = ""; });
  return { map, ready };
}
