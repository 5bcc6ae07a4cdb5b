// What the planning desk shows is in the address: area, walker, type, view, place of the map, chosen point, and the changes themselves.
//   area=… who=… kind=… view=now|after|diff at=lon,lat,zoom point=lon,lat proposal=<number> c=<changes as JSON>

const VIEWS = ["now", "after", "diff"];
const numbers = (text, many) => {
  const found = (text ?? "").split(",").map(Number);
  return found.length === many && found.every(Number.isFinite) ? found : null;
};

function changesOf(text) {
  try {
    const found = JSON.parse(text ?? "");
    return Array.isArray(found) ? found.filter((each) => each && typeof each === "object" && typeof each.verb === "string") : null;
  } catch { return null; }
}

export function readState(plan, search = location.search) {
  const query = new URLSearchParams(search), types = plan.types.map((each) => each.code);
  const known = (name, list, other) => (list.includes(query.get(name)) ? query.get(name) : other);
  return {
    area: plan.area.code,
    who: known("who", plan.walkers.map((each) => each.code), plan.walkers[0].code),
    kind: known("kind", types, plan.worst[0]?.missing.find((code) => types.includes(code)) ?? types[0]),
    view: known("view", VIEWS, "after"),
    at: numbers(query.get("at"), 3),
    point: numbers(query.get("point"), 2),
    proposal: /^\d+$/.test(query.get("proposal") ?? "") ? Number(query.get("proposal")) : null,
    changes: changesOf(query.get("c")) ?? plan.scenario?.changes ?? [],
  };
}

export function writeState(state) {
  const query = new URLSearchParams({ area: state.area, who: state.who, kind: state.kind, view: state.view });
  if (state.at) query.set("at", `${state.at[0].toFixed(5)},${state.at[1].toFixed(5)},${state.at[2].toFixed(2)}`);
  if (state.point) query.set("point", state.point.map((each) => each.toFixed(6)).join(","));
  if (state.proposal) query.set("proposal", state.proposal);
  if (state.changes.length) query.set("c", JSON.stringify(state.changes));
  return query.toString().replaceAll("%2C", ",");
}

/** The page's one store. Every change of the list of changes can be undone. */
export function store(plan) {
  const state = readState(plan), listeners = [], before = [];
  const keep = () => history.replaceState(null, "", `${location.pathname}?${writeState(state)}`);
  const tell = (names) => { keep(); listeners.forEach((listener) => listener(names)); };
  return {
    state,
    on: (listener) => listeners.push(listener),
    set(change) {
      const names = new Set(Object.keys(change).filter((name) => JSON.stringify(state[name]) !== JSON.stringify(change[name])));
      if (!names.size) return;
      if (names.has("changes")) before.push(state.changes);
      Object.assign(state, change);
      tell(names);
    },
    undo() {
      if (!before.length) return;
      state.changes = before.pop();
      tell(new Set(["changes"]));
    },
    get canUndo() { return before.length > 0; },
  };
}
