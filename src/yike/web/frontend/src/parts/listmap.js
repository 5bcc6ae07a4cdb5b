// A quiet map for records of a list: no turning, fitted to what it shows.
import { AttributionControl, Map, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { style } from "../map/style.js";

setWorkerUrl(workerUrl);

export function listMap(box, { city, say, bounds }) {
  const map = new Map({
    container: box, style: style(city), center: city.center, zoom: 12, maxZoom: 19, attributionControl: false, dragRotate: false, touchPitch: false, cooperativeGestures: false,
    localIdeographFontFamily: '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
    locale: { "Map.Title": say("map.label"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out"), "ScaleControl.Meters": say("m"), "ScaleControl.Kilometers": say("km") }, ...(bounds && { bounds, fitBoundsOptions: { padding: 36, maxZoom: 16 } }),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  return map;
}

export { Popup };
