// The community worker's page: where I stand, photo, type, name, done. What is done is a draft in the phone first and is
// sent when there is a network; the server adds each draft once, so sending twice does no harm.
import table from "../../words/worker.json";
import * as drafts from "../parts/drafts.js";
import { here } from "../parts/here.js";
import { shrink } from "../parts/photo.js";
import { csrf, given, make, words } from "../parts/words.js";

const say = words(table);
const { city, trades, types, payments, photo_side } = given("given");
const at = (id) => document.getElementById(id);
const form = at("new"), type = at("type"), wrong = at("wrong"), list = at("drafts");
let point = null, photo = null, put = null, sending = false;

function fillChoices() {
  const group = (label, rows) => make("optgroup", { label }, ...rows.map(([value, name]) => make("option", { value }, name)));
  type.append(
    group(say("group.trades"), trades.map((each) => [`trade:${each.code}`, each.name])),
    ...["basic", "quality"].map((category) => group(say(`group.${category}`), types.filter((each) => each.category === category).map((each) => [`type:${each.code}`, each.name]))),
  );
  at("payments").append(...payments.map((each) => make("label", { class: "choice" }, make("input", { type: "checkbox", name: "pay", value: each.code, checked: each.code === "cash" }), each.name)));
}

function setPoint(lon, lat, accuracy) {
  point = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
  const told = { lon: point.lon.toFixed(5), lat: point.lat.toFixed(5), m: Math.round(accuracy ?? 0) };
  at("where").textContent = accuracy ? say("where.about", told) : say("where.at", told);
}

async function showMap() {
  const box = at("pick");
  box.hidden = false;
  if (put) return;
  try {
    const { pickOn } = await import("../parts/place.js");
    put = pickOn(box, { city, point: point && [point.lon, point.lat], say, chosen: (lon, lat) => setPoint(lon, lat) });
  } catch { at("where").textContent = say("map.failed"); box.hidden = true; }
}

async function findHere() {
  at("where").textContent = say("where.asking");
  try {
    const { lon, lat, accuracy } = await here();
    setPoint(lon, lat, accuracy);
    put?.(lon, lat);
  } catch { at("where").textContent = say("where.refused"); }
}

function showPhoto(blob) {
  const picture = at("shown-photo");
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.hidden = !blob;
  if (blob) picture.src = URL.createObjectURL(blob); else picture.removeAttribute("src");
}

const stall = () => type.value.startsWith("trade:");

function told() {
  const [kind, code] = type.value.split(":"), line = { item: at("price-item").value.trim(), yuan: at("price-yuan").value.trim(), unit: at("price-unit").value.trim() };
  return {
    city: city.slug, name: at("name").value.trim(), types: kind === "type" ? [code] : [], trade: kind === "trade" ? code : "", ...point,
    hours: at("hours").value.trim(), address: at("address").value.trim(), payments: [...form.querySelectorAll("[name=pay]:checked")].map((each) => each.value),
    prices: stall() && line.item ? [line] : [],
  };
}

function lacking() {
  if (!point) return "place";
  if (!type.value) return "type";
  if (!at("name").value.trim()) return "name";
  if (stall() && !(at("price-item").value.trim() && at("price-yuan").value.trim())) return "price";
  if (stall() && !photo) return "photo";
  return null;
}

async function done(event) {
  event.preventDefault();
  const lacks = lacking();
  wrong.hidden = !lacks;
  if (lacks) { wrong.textContent = say(`lacks.${lacks}`); return; }
  const draft = { draft_key: form.dataset.draft || drafts.draftKey(), told: told(), photo, state: "waiting", why: "", at: Date.now() };
  try { await drafts.keep(draft); } catch { wrong.hidden = false; wrong.textContent = say("storage.failed"); return; }
  clear();
  await show();
  send();
}

function clear() {
  form.reset();
  delete form.dataset.draft;
  photo = null;
  point = null;
  showPhoto(null);
  at("stall-only").hidden = true;
  at("where").textContent = say("where.none");
}

/** Put a refused draft back into the form: it keeps its key, so it is still added once. */
function mend(draft) {
  const { told: was } = draft;
  form.dataset.draft = draft.draft_key;
  type.value = was.trade ? `trade:${was.trade}` : `type:${was.types[0] ?? ""}`;
  at("stall-only").hidden = !stall();
  for (const name of ["name", "hours", "address"]) at(name).value = was[name];
  const line = was.prices[0] ?? { item: "", yuan: "", unit: "" };
  for (const name of ["item", "yuan", "unit"]) at(`price-${name}`).value = line[name];
  photo = draft.photo;
  showPhoto(photo);
  setPoint(was.lon, was.lat);
  at("name").focus();
}

async function sendOne(draft) {
  const body = new FormData();
  body.append("draft", JSON.stringify({ draft_key: draft.draft_key, ...draft.told }));
  if (draft.photo) body.append("photo", draft.photo, "photo.jpg");
  const answer = await fetch("/api/register/outlets", { method: "POST", body, headers: { "X-CSRFToken": csrf() }, credentials: "same-origin" });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return { ...draft, state: "sent", key: said.key, photo: null, why: "" };
  if (answer.status === 401 || (answer.status === 403 && !said.faults)) return { ...draft, state: "login", why: "" };
  if (answer.status >= 500) return { ...draft, state: "waiting" };
  return { ...draft, state: "refused", why: said.detail ?? String(answer.status) };
}

async function send() {
  if (sending || !navigator.onLine) return;
  sending = true;
  try {
    for (const draft of (await drafts.all()).reverse()) {
      if (!["waiting", "sending", "login"].includes(draft.state)) continue;
      await drafts.keep({ ...draft, state: "sending" });
      await show();
      let after;
      try { after = await sendOne(draft); } catch { after = { ...draft, state: "waiting" }; } // the network went away: it waits
      await drafts.keep(after);
      await show();
      if (after.state === "waiting" || after.state === "login") break;
    }
  } finally { sending = false; }
}

async function show() {
  const kept = await drafts.all().catch(() => []);
  at("no-drafts").hidden = kept.length > 0;
  at("send-all").hidden = !kept.some((each) => ["waiting", "login"].includes(each.state));
  list.replaceChildren(...kept.map((draft) => make(
    "li", { class: "card", "data-state": draft.state },
    make("p", {}, make("b", {}, draft.told.name), " ", make("span", { class: `tag ${draft.state === "sent" ? "tag-good" : draft.state === "refused" ? "tag-ask" : ""}` }, say(`state.${draft.state}`, { why: draft.why }))),
    make("div", { class: "actions" },
      draft.state === "refused" && make("button", { type: "button", class: "button", onclick: () => mend(draft) }, say("mend")),
      draft.state === "sent" && draft.key && make("a", { class: "button", href: `/desk/outlets/${draft.key}/` }, say("look")),
      draft.state !== "sending" && make("button", { type: "button", class: "button", onclick: async () => { await drafts.drop(draft.draft_key); show(); } }, say("drop"))),
  )));
}

function network() {
  at("network").textContent = say(navigator.onLine ? "online" : "offline");
  at("network").classList.toggle("tag-ask", !navigator.onLine);
  if (navigator.onLine) send();
}

fillChoices();
at("here").addEventListener("click", findHere);
at("on-map").addEventListener("click", showMap);
at("photo").addEventListener("change", async ({ target }) => { photo = target.files[0] ? await shrink(target.files[0], photo_side) : null; showPhoto(photo); });
type.addEventListener("change", () => { at("stall-only").hidden = !stall(); });
at("send-all").addEventListener("click", send);
form.addEventListener("submit", done);
addEventListener("online", network);
addEventListener("offline", network);
document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
show().then(network);
// The first visit was before the service worker held the page: ask for it once more, so that it is kept.
async function keepPage() {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  const controlled = new Promise((done) => worker.addEventListener("controllerchange", done, { once: true }));
  await worker.ready;
  if (!worker.controller) await controlled;
  if (navigator.onLine) await fetch(location.pathname, { credentials: "same-origin" });
}
keepPage().catch(() => {});
