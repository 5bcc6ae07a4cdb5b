// An area's page: the map of minutes, the week fetched when the rest is there, choices that take effect at once.
import classes from "minutes";
import table from "../../words/seeing.json";
import { given, words } from "../parts/words.js";

const say = words(table), data = given("seeing-data"), box = document.getElementById("seeing-map");
const ringed = (colour) => ({ fill: "#ffffff", ring: colour }), full = (colour) => ({ fill: colour, ring: "#ffffff" });
const shades = classes.map((each) => (each.hatch ? ringed(each.colour) : full(each.colour))), [near, walk, far, beyond] = shades;
const upto = (limits) => (value) => limits.findIndex((most) => value <= most);
const tenths = (value) => (value / 600).toFixed(1).replace(/\.0$/, "");
const loop = { drawn: [near, walk, far, beyond], classOf: upto([6000, 12_000, 18_000, Infinity]), told: ({ v }) => (v === 65_535 ? say("loop.none") : say("loop", { n: tenths(v) })) };
const LAYERS = {
  minutes: { drawn: shades, classOf: upto(classes.map((each) => (each.upto_min ? Number(each.upto_min) * 600 : Infinity))), told: ({ v }) => (v === 65_535 ? say("none") : say("minutes", { n: tenths(v) })) },
  merging: { drawn: [near, walk, far, full("#a9a9b0"), beyond], classOf: (value) => Math.max(0, 4 - value), told: ({ v }) => say("whole", { n: v }) },
  loop, loop_any: loop,
};

async function show() {
  try {
    const { homesMap, placesOf, valuesOf, featuresOf } = await import("../map/homes.js");
    const layer = LAYERS[data.layer], told = (properties) => `${layer.told(properties)} · ${say("people", { n: properties.p })}`;
    const query = new URLSearchParams({ layer: data.layer, type: data.type, who: data.who, hour: data.hour, through: data.through });
    const { map, ready } = homesMap(box, { city: data.city, bounds: data.bounds, attribution: data.attribution, say, classes: layer.drawn, told });
    const [places, values] = await Promise.all([placesOf(`/api/seeing/${data.code}/places?v=${data.stamp}`), valuesOf(`/api/seeing/${data.code}/values?${query}`), ready]);
    map.getSource("homes").setData(featuresOf(places, values, layer.classOf));
    map.once("idle", () => { document.documentElement.dataset.map = "ready"; });
    for (const button of document.querySelectorAll("[data-at]")) {
      button.addEventListener("click", () => { map.jumpTo({ center: button.dataset.at.split(",").map(Number), zoom: 16.5 }); box.scrollIntoView({ block: "center" }); });
    }
  } catch (fault) {
    console.error(fault);
    document.documentElement.dataset.map = "failed";
    document.getElementById("seeing-map-note").textContent = say("map.failed");
  }
}
if (box && data) show();

for (const form of document.querySelectorAll("[data-auto]")) form.addEventListener("change", () => form.requestSubmit());
for (const hole of document.querySelectorAll("[data-fetch]")) {
  fetch(hole.dataset.fetch, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status))))).then((text) => {
    const piece = new DOMParser().parseFromString(text, "text/html").querySelector("[data-piece]");
    if (piece) hole.replaceChildren(...piece.childNodes);
  }).catch(() => { hole.dataset.failed = ""; }); // the link to the same page stays
}
