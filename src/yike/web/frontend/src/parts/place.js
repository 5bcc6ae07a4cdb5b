// Where something stands: the phone's own place, or a tap on a small map with one mark.
import { AttributionControl, Map, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { style } from "../map/style.js";

setWorkerUrl(workerUrl);

/** A map in `box`; `chosen(lon, lat)` is called at each tap. Returns `put(lon, lat)`, which sets the mark. */
export function pickOn(box, { city, point, say, chosen }) {
  const [lon, lat] = point ?? city.center;
  const map = new Map({
    container: box, style: style(city), center: [lon, lat], zoom: point ? 17 : 14, maxZoom: 19, attributionControl: false, dragRotate: false, touchPitch: false,
    localIdeographFontFamily: '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif',
    locale: { "Map.Title": say("map.label"), "NavigationControl.ZoomIn": say("zoom.in"), "NavigationControl.ZoomOut": say("zoom.out") },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new AttributionControl({ compact: true }), "bottom-right");
  const mark = new Marker({ color: "#b3321f" });
  const put = (x, y, move = true) => {
    mark.setLngLat([x, y]).addTo(map);
    if (move) map.easeTo({ center: [x, y], zoom: Math.max(16, map.getZoom()), animate: false });
  };
  map.on("click", ({ lngLat }) => { put(lngLat.lng, lngLat.lat, false); chosen(lngLat.lng, lngLat.lat); });
  if (point) put(lon, lat, false);
  return put;
}
