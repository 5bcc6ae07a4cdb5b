// 我的一刻钟: a tap, a search or one's own place chooses the home; a name in the table draws the way to it.
import table from "../../words/map.json";
import { given, lang, words } from "../parts/words.js";
import { ask } from "../map/ask.js";
import { search } from "../map/search.js";

const say = words(table);
const $ = (id) => document.getElementById(id);
const data = given("map-data");
const { city, from, types } = data;
const note = (text) => { $("near-note").textContent = text; };

function go([lon, lat]) {
  const address = new URL(location.href);
  address.searchParams.set("city", city.slug);
  address.searchParams.set("lon", lon.toFixed(6));
  address.searchParams.set("lat", lat.toFixed(6));
  location.assign(address);
}

$("here").addEventListener("click", () => {
  const refused = () => note(say("locate.refused"));
  if (!navigator.geolocation) { refused(); return; }
  navigator.geolocation.getCurrentPosition(({ coords: { longitude: lon, latitude: lat } }) => {
    const [west, south, east, north] = city.bounds;
    if (lon < west || lon > east || lat < south || lat > north) note(say("locate.outside", { city: city.shown }));
    else go([lon, lat]);
  }, refused, { enableHighAccuracy: true, timeout: 8000, maximumAge: 60_000 });
});

search(document.querySelector(".search-near .search"), $("found"), say, () => ({ city: city.slug, lon: city.center[0], lat: city.center[1] }), (result) => { if (Number.isFinite(result.lon)) go([result.lon, result.lat]); });

// the form's own buttons keep what the other one chose
$("choices")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const address = new URL(location.href);
  address.searchParams.set(event.submitter.name, event.submitter.value);
  location.assign(address);
});

$("share")?.addEventListener("click", async (event) => {
  const button = event.currentTarget, url = button.dataset.link;
  try { if (navigator.share && matchMedia("(max-width: 820px)").matches) await navigator.share({ title: document.title, url }); else { await navigator.clipboard.writeText(url); button.textContent = say("copied"); } } catch { /* the reader changed their mind */ }
});

// The picture as PNG, for chats that take no SVG: drawn here from the server's SVG; where that fails the link gives the SVG.
$("picture")?.addEventListener("click", async (event) => {
  event.preventDefault();
  const link = event.currentTarget;
  try {
    const svg = await (await fetch(link.href)).blob(), image = new Image(), address = URL.createObjectURL(svg);
    await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = address; });
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    const png = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const save = document.createElement("a");
    save.href = URL.createObjectURL(png); save.download = "yike.png"; save.click();
    URL.revokeObjectURL(address);
  } catch { location.assign(link.href); }
});

const drawn = Promise.all([import("../map/canvas.js"), import("../map/layers.js")]).then(async ([{ drawMap }, layers]) => {
  const state = { at: from ? [...from, 15] : null, group: "", types: "", open: "", from };
  const made = drawMap($("map"), { ...data, say, state, moved: () => {}, tapped: ({ lon, lat }) => go([lon, lat]) });
  made.map.getCanvas().style.cursor = "crosshair";
  made.map.cooperativeGestures?.enable();
  await made.ready;
  layers.showStart(made.map, from);
  document.documentElement.dataset.map = "ready";
  return { ...made, layers };
}).catch(() => { document.documentElement.dataset.map = "failed"; note(say("map.failed")); return null; });

document.querySelectorAll("button.go").forEach((button) => button.addEventListener("click", async () => {
  const { key, name, lon, lat, type } = button.dataset, said = document.querySelector("[data-way]");
  document.querySelectorAll("button.go").forEach((each) => each.toggleAttribute("aria-current", each === button));
  try {
    const who = new URLSearchParams(location.search).get("who") ?? "";
    const answer = await ask("route", "/api/route", { city: city.slug, lon: from[0], lat: from[1], to: key, who });
    if (!answer) return;
    said.textContent = `${name}${lang === "zh" ? "：" : ": "}${say("walk", { n: answer.minutes < 10 ? answer.minutes.toFixed(1).replace(/\.0$/, "") : Math.round(answer.minutes), m: Math.round(answer.metres / 10) * 10 })}`;
    const there = await drawn;
    if (there) {
      const { map, layers, calm } = there;
      layers.showRoute(map, answer.line, from, { lon: Number(lon), lat: Number(lat) });
      layers.showChosen(map, { name, lon: Number(lon), lat: Number(lat), group: types[type]?.group });
      map.fitBounds(layers.boxOf(...answer.line.coordinates, from), { padding: 40, maxZoom: 17, animate: !calm });
    }
    $("map").scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  } catch (fault) { said.textContent = say(fault.status === 404 ? "route.none" : "route.failed"); }
}));
