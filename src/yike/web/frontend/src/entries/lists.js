// The map beside a list: one dot for each record with a place, in the tone of its state; a tap opens its page. A small map on a form is tapped to choose a place.
import "./register.js";
import table from "../../words/lists.json";
import { given, make, words } from "../parts/words.js";

const say = words(table), told = given("points");
const box = document.querySelector("[data-points]");
const TONES = { ask: "#b93420", good: "#0b4f6c", soft: "#7c7c84", ink: "#1b1b1d" };

function bounds(points) {
  const lon = points.map((each) => each[0]), lat = points.map((each) => each[1]);
  return [[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]];
}

async function draw() {
  const { listMap, Popup } = await import("../parts/listmap.js");
  const features = told.points.map(([lon, lat, name, url, tone]) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { name, url, tone } }));
  const map = listMap(box, { city: told.city, say, bounds: told.points.length ? bounds(told.points) : null });
  const tones = ["match", ["get", "tone"], ...Object.entries(TONES).slice(0, 3).flat(), TONES.ink];
  map.on("load", () => {
    map.addSource("records", { type: "geojson", data: { type: "FeatureCollection", features } });
    map.addLayer({ id: "records", type: "circle", source: "records", paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 3.5, 15, 8], "circle-color": tones, "circle-stroke-color": "#fff", "circle-stroke-width": 1.5 } });
    map.on("mouseenter", "records", () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", "records", () => { map.getCanvas().style.cursor = ""; });
    map.on("click", "records", ({ features: hit }) => {
      const { name, url } = hit[0].properties;
      new Popup({ closeButton: false }).setLngLat(hit[0].geometry.coordinates).setDOMContent(make("a", { href: url }, name)).addTo(map);
    });
    box.dataset.ready = "1";
  });
}

if (box && told) draw().catch(() => { box.textContent = say("map.failed"); });
