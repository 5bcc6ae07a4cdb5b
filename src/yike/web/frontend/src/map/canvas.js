// The MapLibre map itself: style, controls, what a tap means. Loaded after the page is there, for it is most of its weight.
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { addLayers } from "./layers.js";
import { style } from "./style.js";

setWorkerUrl(workerUrl);
const FONTS = '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

export function drawMap(container, { city, marks, raster, attribution, place, state, say, tapped, moved }) {
  const [lon, lat, zoom] = state.at ?? [...(place ?? state.from ?? city.center), place ? 16 : 15];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const pad = 0.15;
  const map = new Map({
    container, style: style(city, raster), center: [lon, lat], zoom, minZoom: 8, maxZoom: 19, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    localIdeographFontFamily: FONTS, fadeDuration: calm ? 0 : 150,
    maxBounds: [[city.bounds[0] - pad, city.bounds[1] - pad], [city.bounds[2] + pad, city.bounds[3] + pad]],
    locale: { "Map.Title": say("map.label"), "CooperativeGesturesHandler.MobileHelpText": say("two.fingers"), "CooperativeGesturesHandler.WindowsHelpText": say("ctrl"), "CooperativeGesturesHandler.MacHelpText": say("ctrl"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out"), "ScaleControl.Meters": say("m"), "ScaleControl.Kilometers": say("km") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: false, customAttribution: attribution }), "bottom-right");

  const ready = new Promise((resolve) => map.on("load", () => { addLayers(map, city, marks, state); resolve(map); }));
  const near = ({ x, y }, reach = 14) => [[x - reach, y - reach], [x + reach, y + reach]];
  const under = (event, layers) => map.queryRenderedFeatures(near(event.point), { layers: layers.filter((id) => map.getLayer(id)) });
  map.on("click", (event) => {
    const outlets = under(event, ["outlets", "outlet-dots"]);
    const nearest = outlets.map((each) => ({ each, away: Math.hypot(...["x", "y"].map((axis) => map.project(each.geometry.coordinates)[axis] - event.point[axis])) })).sort((a, b) => a.away - b.away)[0]?.each;
    const cell = nearest ? null : under(event, ["cells"])[0];
    if (cell) map.easeTo({ center: cell.geometry.coordinates, zoom: Math.min(16.5, map.getZoom() + 2), animate: !calm });
    tapped({ lon: event.lngLat.lng, lat: event.lngLat.lat, outlet: nearest && { ...nearest.properties, lon: nearest.geometry.coordinates[0], lat: nearest.geometry.coordinates[1] }, cell: Boolean(cell) });
  });
  for (const layer of ["outlets", "cells"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  map.on("moveend", () => moved(map));
  return { map, ready, calm };
}
