// Small helps of the register's forms: a map to tap, the phone's place, a photo made small, all rows ticked at once.
import table from "../../words/worker.json";
import { here } from "../parts/here.js";
import { shrink } from "../parts/photo.js";
import { given, words } from "../parts/words.js";

const say = words(table), place = given("place");
const field = (name) => document.querySelector(`input[name=${name}]`);
let put = null;

function chosen(lon, lat) {
  field("lon").value = lon.toFixed(6);
  field("lat").value = lat.toFixed(6);
}

async function drawMap(box) {
  const [lon, lat] = (place.point ?? []).map(Number);
  const point = place.point?.[0] && Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null;
  try {
    const { pickOn } = await import("../parts/place.js");
    put = pickOn(box, { city: place.city, point, say, chosen });
  } catch { box.textContent = say("map.failed"); }
}

const box = document.querySelector("[data-pick]");
const within = box?.closest("details");
if (box && place) {
  if (within && !within.open) within.addEventListener("toggle", () => { if (!put) drawMap(box); }, { once: true });
  else drawMap(box);
}
for (const button of document.querySelectorAll("[data-here]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    try { const { lon, lat } = await here(); chosen(lon, lat); put?.(lon, lat); } catch { button.insertAdjacentText("afterend", say("where.refused")); }
    button.removeAttribute("aria-busy");
  });
}
for (const form of document.querySelectorAll("[data-shrink-photo]")) {
  form.querySelector("input[type=file]")?.addEventListener("change", async ({ target }) => {
    const file = target.files[0];
    if (!file) return;
    const small = await shrink(file), files = new DataTransfer();
    files.items.add(new File([small], "photo.jpg", { type: small.type || "image/jpeg" }));
    target.files = files.files;
  });
}
document.querySelector("[data-all]")?.addEventListener("change", ({ target }) => {
  for (const each of target.form.querySelectorAll("[name=key]")) each.checked = target.checked;
});
