// The proposal under the map: a budget, the answer with its proof, its sites, the marginal-yuan curve; lock, forbid, solve again, accept.
import { lang, make } from "../parts/words.js";
import { curve } from "./curve.js";
import { many, signed, yuan } from "./numbers.js";
import { get, send } from "./server.js";

const WAIT_MS = 1000;

export function proposalPanel(box, plan, store, { say, map, note }) {
  const name = (code) => plan.types.find((each) => each.code === code)?.[lang] ?? code;
  const budget = make("input", { class: "box", id: "budget", type: "number", min: 1, step: 10, value: 500, inputmode: "decimal" });
  const solve = make("button", { type: "button", class: "button button-primary", id: "solve", onclick: begin }, say("solve"));
  const scope = make("select", { class: "box", id: "scope" }, ...plan.scopes.map((each) => make("option", { value: each.code, selected: each.chosen }, each.name)));
  const told = make("div", { id: "proposal-told", role: "status" }), answer = make("div", { id: "proposal-answer" });
  box.append(
    make("div", { class: "solve-line" }, make("label", { class: "field-line" }, make("span", {}, say("budget")), budget), make("label", { class: "field-line" }, make("span", {}, say("scope")), scope), solve, make("p", { class: "hint" }, say("solve.how"))),
    told, answer);
  let now = null, marks = new Map(), timer = 0;
  const key = (space, type) => `${space} ${type}`;
  const yuans = () => Math.round(Number(budget.value) * 10000);

  async function begin() {
    if (!(yuans() > 0)) return note(say("budget.bad"));
    solve.disabled = true;
    try {
      const made = await send("solve", "POST", "/api/proposals", { city: plan.city.slug, area: scope.value, name: "", settings: { budget_yuan: yuans(), walker: store.state.who } });
      marks = new Map();
      follow(made.id);
    } catch (fault) { told.replaceChildren(make("p", { class: "error" }, fault.message)); solve.disabled = false; }
  }

  async function again() {
    const chosen = (state) => [...marks.values()].filter((each) => each.state === state && each.before !== state).map((each) => each.pair);
    const left = (state) => [...marks.values()].filter((each) => each.before === state && each.state !== state).map((each) => each.pair);
    solve.disabled = true;
    try {
      const made = await send("solve", "POST", `/api/proposals/${now.id}/again`, { lock: chosen("locked"), unlock: left("locked"), forbid: chosen("forbidden"), allow: left("forbidden"), settings: { budget_yuan: yuans() } });
      follow(made.id);
    } catch (fault) { told.replaceChildren(make("p", { class: "error" }, fault.message)); solve.disabled = false; }
  }

  async function accept() {
    if (!confirm(say("accept.sure"))) return;
    try {
      const made = await send("solve", "POST", `/api/proposals/${now.id}/accept`);
      told.replaceChildren(make("p", { class: "message" }, say("accepted", { n: made.projects.length }), " ", make("a", { href: "/desk/projects/" }, say("projects"))));
      look(now.id);
    } catch (fault) { told.replaceChildren(make("p", { class: "error" }, fault.message)); }
  }

  function follow(id) {
    store.set({ proposal: id });
    look(id);
  }

  async function look(id) {
    clearTimeout(timer);
    const found = await get("look", `/api/proposals/${id}`).catch((fault) => { told.replaceChildren(make("p", { class: "error" }, fault.message)); });
    if (!found) return;
    if (found.state === "solving") {
      const share = found.job?.share ?? 0;
      told.replaceChildren(make("progress", { max: 1, value: share, "aria-label": say("solving") }), make("span", { class: "hint" }, ` ${found.job?.step || say("solving")}`), make("a", { class: "small", href: "/desk/jobs/" }, say("jobs")));
      timer = setTimeout(() => look(id), WAIT_MS);
      return;
    }
    solve.disabled = false;
    now = found;
    if (found.state !== "accepted") told.replaceChildren();
    draw();
  }

  function draw() {
    const { answer: each } = now;
    if (now.settings.budget_yuan) budget.value = now.settings.budget_yuan / 10000;
    marks = new Map();
    for (const [state, list] of [["locked", now.settings.locked ?? []], ["forbidden", now.settings.forbidden ?? []]]) for (const pair of list) marks.set(key(...pair), { pair, state, before: state });
    if (!each || now.state === "failed") { answer.replaceChildren(make("p", { class: "error" }, say("solve.failed"), " ", make("a", { href: now.link }, say("proposal.page")))); return; }
    const gap = Math.max(0, each.gap ?? 0);
    if (each.status === "infeasible") {
      answer.replaceChildren(make("p", { class: "lead" }, say("infeasible")), make("ul", {}, ...(each.conflicts ?? []).map((one) => make("li", {}, one[lang], one.relax ? ` ${one.relax[lang] ?? ""}` : ""))));
      return;
    }
    answer.replaceChildren(
      make("p", { class: "lead" }, say("answer", { sites: each.sites.length, spent: yuan(each.spent_yuan), people: signed(each.people_types_after - each.people_types_before), distinct: many(each.people_gaining ?? 0) })),
      make("p", { class: "proof", id: "proof" }, say(each.status === "optimal" ? "proof.best" : "proof", { gap: (100 * gap).toFixed(1) }), each.alone?.ratio ? ` ${say("alone", { ratio: each.alone.ratio.toFixed(2) })}` : ""),
      make("div", { class: "columns wide-left" }, sites(), make("div", {}, make("h3", {}, say("curve")), curve(each.curve ?? [], each.spent_yuan, each.elbow_yuan, now.settings.budget_yuan, say))),
      make("div", { class: "actions" },
        make("button", { type: "button", class: "button", id: "again", onclick: again }, say("again")),
        now.state === "solved" ? make("button", { type: "button", class: "button button-primary", id: "accept", onclick: accept }, say("accept")) : null,
        make("a", { class: "button", href: now.link }, say("proposal.page"))),
      make("p", { class: "source" }, say("proposal.source", { study: (now.study || each.study || "").slice(0, 8), standard: now.standard || each.standard || "" })));
    map.sites(now.sites.filter((one) => one.lon !== undefined && one.lon !== null).map((one) => ({ type: "Feature", geometry: { type: "Point", coordinates: [one.lon, one.lat] }, properties: { locked: Boolean(one.locked) } })));
  }

  function sites() {
    const rows = now.sites.map((one) => {
      const type = one.business_type, space = one.space, pair = [space, type], mark = () => marks.get(key(...pair))?.state;
      const press = (state) => make("button", { type: "button", class: "button small-button", "data-mark": state, "aria-pressed": String(mark() === state), onclick: (event) => {
        const kept = marks.get(key(...pair)) ?? { pair, before: "" };
        marks.set(key(...pair), { ...kept, state: kept.state === state ? "" : state });
        for (const each of event.target.parentNode.children) each.setAttribute("aria-pressed", String(mark() === each.dataset.mark));
      } }, say(state === "locked" ? "lock" : "forbid"));
      const per = one.people_gained > 0 ? one.cost_yuan / one.people_gained : null;
      return make("tr", {}, make("th", { scope: "row" }, name(type)), make("td", {}, one.lon === undefined ? (one.space_name ?? one.name ?? space) : make("button", { type: "button", class: "link-button", onclick: () => map.go(one.lon, one.lat) }, one.space_name ?? one.name ?? space)),
        make("td", { class: "number" }, yuan(one.cost_yuan)), make("td", { class: "number" }, signed(one.people_gained)), make("td", { class: "number" }, per === null ? "—" : yuan(per)), make("td", { class: "marks" }, press("locked"), press("forbidden")));
    });
    if (!rows.length) return make("p", { class: "empty" }, say("sites.none"));
    return make("div", { class: "table-box tall" }, make("table", { class: "table plan-table", id: "sites" }, make("caption", {}, say("sites")), make("thead", {}, make("tr", {}, ...["type", "space", "cost", "people.new", "yuan.each", "choose"].map((each, k) => make("th", { scope: "col", class: k > 1 && k < 5 ? "number" : "" }, say(each))))), make("tbody", {}, ...rows)));
  }

  if (store.state.proposal) look(store.state.proposal);
}
