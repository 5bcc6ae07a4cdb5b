// The page of one study: everything it shows is in the page itself; it asks the network for nothing.
"use strict";

const facts = JSON.parse(document.getElementById("facts").textContent);
const $ = (id) => document.getElementById(id);
const state = { lang: facts.lang, type: facts.types[0].code, walker: facts.walkers[0].id, home: -1, view: null };
const NONE = 255; // minutes are told in quarters; 255 = no way within the limit
let arrays = {};

const say = (key, values = {}) =>
  facts.words[key][state.lang].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const named = (thing) => thing[state.lang];
const people = (n) => (n > 0 && n < facts.fewest ? `< ${facts.fewest}` : Math.round(n).toLocaleString("en"));
const percent = (share) => (share === null ? "—" : `${(share * 100).toFixed(1)} %`);

async function unpack() {
  const packed = Uint8Array.from(atob($("arrays").textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  for (const { name, kind, from, length } of facts.arrays) {
    arrays[name] = new { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array }[kind](buffer, from, length);
  }
}

// --- what the figures say ---------------------------------------------------------------------------

const minutesOf = (home, type) => {
  const value = arrays[`minutes.${state.walker}`][home * facts.types.length + type];
  return value === NONE ? Infinity : value / 4;
};
const classOf = (minutes) => facts.classes.findIndex((c) => c.upto === null || minutes <= c.upto);
const typeRow = () => facts.types.findIndex((t) => t.code === state.type);
const limitOf = (type) => facts.types[type].limit_min;

function shares(type) {
  const sums = new Float64Array(facts.classes.length);
  let total = 0;
  for (let h = 0; h < facts.homes; h++) {
    sums[classOf(minutesOf(h, type))] += arrays.people[h];
    total += arrays.people[h];
  }
  return Array.from(sums, (sum) => (total ? sum / total : 0));
}

// --- the map ----------------------------------------------------------------------------------------

const canvas = $("map");
const pen = canvas.getContext("2d");
const [west, south, east, north] = facts.bounds;
const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180));
const worldX = (u) => (u / 65535) * (east - west) * squeeze;
const worldY = (v) => (1 - v / 65535) * (north - south);

// The map is fitted where neither the legend nor the buttons lie: right of the legend or below it, whichever shows more.
function free() {
  const w = canvas.clientWidth, h = canvas.clientHeight, legend = $("legend"), zoom = $("zoom");
  const left = legend.offsetLeft + legend.offsetWidth + 8, top = Math.max(legend.offsetTop + legend.offsetHeight, zoom.offsetTop + zoom.offsetHeight) + 8;
  const right = zoom.offsetLeft - 8, foot = h - 56;
  return [[left, 8, right, h - 8], [8, top, w - 8, foot]].filter(([x, y, x2, y2]) => x2 - x > 60 && y2 - y > 60);
}

function fit() {
  const w = (east - west) * squeeze, h = north - south;
  const within = ([x, y, x2, y2]) => {
    const scale = Math.min((x2 - x) / w, (y2 - y) / h);
    return { scale, x: (x + x2 - w * scale) / 2, y: (y + y2 - h * scale) / 2, least: scale };
  };
  const views = free().map(within);
  state.view = views.sort((a, b) => b.scale - a.scale)[0] ?? within([8, 8, canvas.clientWidth - 8, canvas.clientHeight - 8]);
}

const screenX = (u) => worldX(u) * state.view.scale + state.view.x;
const screenY = (v) => worldY(v) * state.view.scale + state.view.y;

function draw() {
  if (!state.view) fit();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  drawBuildings();
  drawStreets(0, "#bfbfbf");
  drawStreets(1, "#e2cdb9");
  drawHomes();
  drawOutlets();
  drawChosen();
  drawScale();
}

function drawStreets(isPrivate, colour) {
  const line = arrays.lines, flags = arrays.private, zoom = state.view.scale / state.view.least;
  pen.strokeStyle = colour;
  pen.lineWidth = Math.min(3, (facts.links > 60000 ? 0.4 : 0.9) * Math.sqrt(zoom));
  pen.beginPath();
  for (let k = 0; k < flags.length; k++) {
    if (flags[k] !== isPrivate) continue;
    const x = screenX(line[4 * k]), y = screenY(line[4 * k + 1]);
    const x2 = screenX(line[4 * k + 2]), y2 = screenY(line[4 * k + 3]);
    if (Math.max(x, x2) < 0 || Math.max(y, y2) < 0 || Math.min(x, x2) > canvas.clientWidth || Math.min(y, y2) > canvas.clientHeight) continue;
    pen.moveTo(x, y);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
}

function drawBuildings() {
  const ring = arrays.rings, start = arrays.ring_start;
  pen.fillStyle = "#ececec";
  pen.strokeStyle = "#d4d4d4";
  pen.lineWidth = 0.6;
  pen.beginPath();
  for (let k = 0; k + 1 < start.length; k++) {
    for (let i = start[k]; i < start[k + 1]; i++) {
      const x = screenX(ring[2 * i]), y = screenY(ring[2 * i + 1]);
      if (i === start[k]) pen.moveTo(x, y); else pen.lineTo(x, y);
    }
    pen.closePath();
  }
  pen.fill();
  pen.stroke();
}

const dotSize = () => Math.max(1.1, Math.min(7, Math.sqrt(9000 / Math.max(facts.homes, 1)) * Math.sqrt(state.view.scale / state.view.least)));

function drawHomes() {
  const type = typeRow(), r = dotSize();
  const at = facts.classes.map(() => []);
  for (let h = 0; h < facts.homes; h++) at[classOf(minutesOf(h, type))].push(h);
  at.forEach((homes, k) => {
    const { colour, hatch } = facts.classes[k];
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineWidth = Math.max(0.8, r / 3);
    pen.beginPath();
    for (const h of homes) {
      const x = screenX(arrays.home_at[2 * h]), y = screenY(arrays.home_at[2 * h + 1]);
      if (x < -9 || y < -9 || x > canvas.clientWidth + 9 || y > canvas.clientHeight + 9) continue;
      if (hatch) { pen.moveTo(x - r, y - r); pen.lineTo(x + r, y + r); pen.moveTo(x - r, y + r); pen.lineTo(x + r, y - r); }
      else { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, 7); }
    }
    if (hatch) pen.stroke(); else pen.fill();
  });
}

function drawOutlets() {
  const at = arrays.outlet_at, list = facts.outlets_of[state.type] || [], r = 5;
  pen.fillStyle = "#fff";
  pen.strokeStyle = "#1d1d1f";
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const o of list) {
    const x = screenX(at[2 * o]), y = screenY(at[2 * o + 1]);
    pen.moveTo(x, y - r); pen.lineTo(x + r, y); pen.lineTo(x, y + r); pen.lineTo(x - r, y); pen.closePath();
  }
  pen.fill();
  pen.stroke();
}

function drawChosen() {
  if (state.home < 0) return;
  pen.strokeStyle = "#c23a22";
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(screenX(arrays.home_at[2 * state.home]), screenY(arrays.home_at[2 * state.home + 1]), 11, 0, 7);
  pen.stroke();
}

function drawScale() {
  const metre = state.view.scale / 110574;
  let length = 10 ** Math.floor(Math.log10(120 / metre));
  for (const step of [5, 2]) if (length * step * metre <= 120) { length *= step; break; }
  $("scale").querySelector("i").style.width = `${length * metre}px`;
  $("scale").querySelector("span").textContent = length < 1000 ? `${length} m` : `${length / 1000} km`;
}

function zoomAt(x, y, by) {
  const v = state.view, scale = Math.max(v.least * 0.8, Math.min(v.least * 400, v.scale * by)), real = scale / v.scale;
  v.x = x - (x - v.x) * real;
  v.y = y - (y - v.y) * real;
  v.scale = scale;
  later();
}

let waiting = false;
function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function nearestHome(x, y) {
  let best = -1, least = 30 * 30;
  for (let h = 0; h < facts.homes; h++) {
    const dx = screenX(arrays.home_at[2 * h]) - x, dy = screenY(arrays.home_at[2 * h + 1]) - y, d = dx * dx + dy * dy;
    if (d < least) { least = d; best = h; }
  }
  return best;
}

function hands() {
  const held = new Map();
  let moved = 0, gap = 0;
  const spot = (e) => ({ x: e.offsetX, y: e.offsetY });
  const spread = () => { const [a, b] = [...held.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
  canvas.addEventListener("pointerdown", (e) => {
    canvas.setPointerCapture(e.pointerId);
    held.set(e.pointerId, spot(e));
    moved = 0;
    if (held.size === 2) gap = spread();
  });
  canvas.addEventListener("pointermove", (e) => {
    const before = held.get(e.pointerId);
    if (!before) return;
    const now = spot(e);
    held.set(e.pointerId, now);
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (held.size === 2) {
      const [a, b] = [...held.values()], wide = spread();
      zoomAt((a.x + b.x) / 2, (a.y + b.y) / 2, wide / (gap || wide));
      gap = wide;
    } else { state.view.x += now.x - before.x; state.view.y += now.y - before.y; later(); }
  });
  const up = (e) => {
    const at = held.get(e.pointerId);
    held.delete(e.pointerId);
    if (at && moved < 6 && e.type === "pointerup") choose(nearestHome(at.x, at.y));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoomAt(e.offsetX, e.offsetY, Math.exp(-e.deltaY / 400)); }, { passive: false });
  canvas.addEventListener("keydown", (e) => {
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[e.key];
    const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
    if (step) { state.view.x += step[0]; state.view.y += step[1]; later(); }
    else if (e.key === "+" || e.key === "=") zoomAt(...middle, 1.5);
    else if (e.key === "-") zoomAt(...middle, 1 / 1.5);
    else if (e.key === "Enter") choose(nearestHome(...middle));
    else if (e.key === "Escape") choose(-1);
    else return;
    e.preventDefault();
  });
  $("in").addEventListener("click", () => zoomAt(canvas.clientWidth / 2, canvas.clientHeight / 2, 1.6));
  $("out").addEventListener("click", () => zoomAt(canvas.clientWidth / 2, canvas.clientHeight / 2, 1 / 1.6));
  new ResizeObserver(refit).observe($("stage"));
  $("back").addEventListener("click", () => { choose(-1); $("type").focus(); });
}

function refit() {
  if (!state.view) return;
  const old = state.view;
  fit();
  if (old.scale > old.least * 1.01) Object.assign(state.view, { scale: old.scale, x: old.x, y: old.y });
  later();
}

// --- the quarter dial: spokes are types, lengths are minutes ----------------------------------------

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function drawDial(home) {
  const dial = $("dial"), left = 22, foot = 298, full = 276;
  dial.replaceChildren();
  dial.setAttribute("aria-label", $("home-sentence").textContent);
  const order = facts.types.map((t, k) => k).filter((k) => limitOf(k) !== null && !facts.types[k].unseen);
  order.sort((a, b) => (facts.types[a].category > facts.types[b].category ? 1 : facts.types[a].category < facts.types[b].category ? -1 : a - b));
  const point = (angle, minutes) => { const r = (Math.min(minutes, 17) / 17) * full; return [left + r * Math.cos(angle), foot - r * Math.sin(angle)]; };
  for (const ring of [5, 10, 15]) {
    const [x0, y0] = point(Math.PI / 2, ring), [x1, y1] = point(0, ring), r = (ring / 17) * full;
    dial.append(svg("path", { d: `M${x0} ${y0}A${r} ${r} 0 0 1 ${x1} ${y1}`, fill: "none", stroke: "#c9c9cd", "stroke-width": 1 }));
    dial.append(svg("text", { x: x1, y: foot + 14, "text-anchor": "middle", "font-size": 11, fill: "#5b5b60" }, String(ring)));
  }
  dial.append(svg("path", { d: `M${left} ${foot - full}V${foot}H${left + full}`, fill: "none", stroke: "#1d1d1f", "stroke-width": 1.2 }));
  const spokes = order.map((type, n) => ({ type, angle: Math.PI / 2 - ((n + 0.5) / order.length) * (Math.PI / 2), minutes: minutesOf(home, type) }));
  spokes.sort((a, b) => b.minutes - a.minutes || 0); // the long and missing ones first, so that none covers a short one
  spokes.forEach(({ type, angle, minutes }) => {
    const beyond = minutes > limitOf(type), step = facts.classes[classOf(minutes)];
    const [x, y] = point(angle, Number.isFinite(minutes) ? minutes : 16);
    const spoke = { x1: left, y1: foot, x2: x, y2: y, stroke: beyond ? "#c8553d" : step.colour, "stroke-width": type === typeRow() ? 5 : beyond ? 1.6 : 2.8 };
    if (beyond) spoke["stroke-dasharray"] = "3 3";
    const line = svg("line", spoke);
    line.append(svg("title", {}, `${named(facts.types[type])} ${minuteText(minutes)}`));
    dial.append(line);
    if (type === typeRow()) nameSpoke(dial, named(facts.types[type]), minuteText(minutes));
    if (!Number.isFinite(minutes)) dial.append(svg("circle", { cx: x, cy: y, r: 3.4, fill: "#fff", stroke: "#c8553d", "stroke-width": 1.6 }));
  });
}

// The chosen type is the thick spoke; its name and minutes stand in the corner that no spoke reaches.
function nameSpoke(dial, name, minutes) {
  const short = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  dial.append(svg("text", { x: 316, y: 14, "text-anchor": "end", "font-size": 12, "font-weight": 700, fill: "#1d1d1f" }, short));
  dial.append(svg("text", { x: 316, y: 30, "text-anchor": "end", "font-size": 12, fill: "#1d1d1f" }, minutes));
}

const minuteText = (minutes) => (Number.isFinite(minutes) ? say("walk.minutes", { n: minutes < 10 ? minutes.toFixed(1) : Math.round(minutes) }) : say("page.none"));

// --- words and tables -------------------------------------------------------------------------------

function fillTable(id, heads, rows) {
  const head = document.createElement("tr");
  heads.forEach(([text, number]) => { const th = document.createElement("th"); th.textContent = text; th.scope = "col"; if (number) th.className = "number"; head.append(th); });
  $(id).tHead.replaceChildren(head);
  $(id).tBodies[0].replaceChildren(...rows.map(({ cells, short, click }) => {
    const tr = document.createElement("tr");
    if (short) tr.className = "short";
    cells.forEach((text, k) => { const td = document.createElement("td"); td.textContent = text; if (heads[k][1]) td.className = "number"; tr.append(td); });
    if (click) { tr.tabIndex = 0; tr.addEventListener("click", click); tr.addEventListener("keydown", (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); click(); } }); }
    return tr;
  }));
}

function tellHome() {
  const home = state.home;
  $("home").hidden = home < 0;
  $("whole").hidden = home >= 0;
  if (home < 0) return;
  const asked = facts.types.map((_, k) => k).filter((k) => limitOf(k) !== null && !facts.types[k].unseen);
  const short = asked.filter((k) => minutesOf(home, k) > limitOf(k));
  const missing = short.slice(0, 6).map((k) => named(facts.types[k])).join(state.lang === "zh" ? "、" : ", ");
  $("home-title").textContent = say("page.home", { people: people(arrays.people[home]) });
  $("home-sentence").textContent = say(short.length ? "page.home_short" : "page.home_full", { met: asked.length - short.length, of: asked.length, missing, more: short.length > 6 ? " …" : "" });
  drawDial(home);
  fillTable("home-table", [[say("table.type")], [say("table.minutes"), true], [say("table.limit"), true]],
    asked.map((k) => ({ cells: [named(facts.types[k]), minuteText(minutesOf(home, k)), say("walk.minutes", { n: limitOf(k) })], short: minutesOf(home, k) > limitOf(k), click: () => choose(home, facts.types[k].code) })));
}

function tellWhole() {
  const found = facts.shares[state.walker];
  $("whole-title").textContent = say("page.whole");
  fillTable("whole-table", [[say("table.type")], [say("table.limit"), true], [say("table.share"), true]],
    facts.types.filter((t) => t.limit_min !== null).map((t) => ({ cells: [named(t), say("walk.minutes", { n: t.limit_min }), t.unseen ? say("page.unseen") : percent(found[t.code] ?? null)], short: !t.unseen && (found[t.code] ?? 1) < 0.5, click: () => choose(-1, t.code) })));
}

function swatch(each) {
  const box = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  box.append(each.hatch ? svg("path", { d: "M3 3L13 13M3 13L13 3", stroke: each.colour, "stroke-width": 2.4 }) : svg("circle", { cx: 8, cy: 8, r: 6, fill: each.colour }));
  return box;
}

function tellLegend() {
  const parts = shares(typeRow());
  const rows = facts.classes.map((each, k) => {
    const row = document.createElement("div");
    row.append(swatch(each), `${named(each)}  ${percent(parts[k])}`);
    return row;
  });
  const shops = document.createElement("div"), mark = svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  mark.append(svg("path", { d: "M8 2L14 8L8 14L2 8Z", fill: "#fff", stroke: "#1d1d1f", "stroke-width": 1.6 }));
  shops.append(mark, say("sheet.outlets", { n: (facts.outlets_of[state.type] || []).length }));
  $("legend").replaceChildren(...rows, shops);
  const type = facts.types[typeRow()], share = facts.shares[state.walker][state.type];
  const inTime = type.limit_min === null || type.unseen ? null : share;
  $("sentence").textContent = inTime === null || inTime === undefined ? `${named(type)}${type.unseen ? ` · ${say("page.unseen")}` : ""}` : say("page.sentence", { name: named(type), share: percent(inTime), limit: type.limit_min });
  canvas.setAttribute("aria-label", $("sentence").textContent);
}

function option(value, text, chosen) {
  const node = document.createElement("option");
  node.value = value; node.textContent = text; node.selected = chosen;
  return node;
}

function tellChoices() {
  document.documentElement.lang = state.lang;
  $("title").textContent = say("page.title", { study: facts.study });
  document.title = $("title").textContent;
  $("large").textContent = say("page.large");
  $("back").textContent = say("page.back");
  $("stage").setAttribute("aria-label", say("page.map"));
  for (const way of ["in", "out"]) $(way).setAttribute("aria-label", say(`page.zoom_${way}`));
  $("language").textContent = state.lang === "zh" ? "English" : "中文";
  $("type-label").textContent = say("table.type");
  $("walker-label").textContent = say("page.walker");
  $("type").replaceChildren(...["basic", "quality"].map((category) => {
    const group = document.createElement("optgroup");
    group.label = say(`category.${category}`);
    group.append(...facts.types.filter((t) => t.category === category).map((t) => option(t.code, named(t), t.code === state.type)));
    return group;
  }));
  $("walker").replaceChildren(...facts.walkers.map((w) => option(w.id, named(w), w.id === state.walker)));
  $("source").textContent = named(facts.source);
  $("band").hidden = !facts.made_up;
  $("band").textContent = say("made_up.band");
}

function choose(home, type = state.type) {
  const isNew = home >= 0 && home !== state.home;
  state.home = home;
  state.type = type;
  all();
  if (isNew) $("home").scrollIntoView({ block: "start" });
}

function all() {
  tellChoices();
  tellLegend();
  tellWhole();
  tellHome();
  remember();
  later();
}

function remember() {
  const url = `#${new URLSearchParams({ type: state.type, walker: state.walker, lang: state.lang, ...(state.home >= 0 ? { home: state.home } : {}) })}`;
  try { history.replaceState(null, "", url); } catch { location.hash = url; }
}

function recall() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (facts.types.some((t) => t.code === asked.get("type"))) state.type = asked.get("type");
  if (facts.walkers.some((w) => w.id === asked.get("walker"))) state.walker = asked.get("walker");
  if (["zh", "en"].includes(asked.get("lang"))) state.lang = asked.get("lang");
  const home = Number.parseInt(asked.get("home") ?? "-1", 10);
  if (home >= 0 && home < facts.homes) state.home = home;
}

async function begin() {
  await unpack();
  recall();
  hands();
  $("type").addEventListener("change", (e) => choose(state.home, e.target.value));
  $("walker").addEventListener("change", (e) => { state.walker = e.target.value; all(); });
  $("language").addEventListener("click", () => { state.lang = state.lang === "zh" ? "en" : "zh"; all(); refit(); });
  $("large").addEventListener("click", () => {
    const isLarge = document.documentElement.classList.toggle("large");
    $("large").setAttribute("aria-pressed", String(isLarge));
    refit();
  });
  all();
  fit();
  document.body.dataset.ready = "yes";
}

begin();
