// What the map shows is in the address, so that it can be shared, kept and gone back to.
//   at=lon,lat,zoom   group=…  types=a,b   open=now|2026-11-24T07:00   from=lon,lat   who=adult   o=<outlet key>   q=words   view=list

const NAMES = ["group", "types", "open", "who", "o", "q", "view"];
const pair = (text) => {
  const numbers = (text ?? "").split(",").map(Number);
  return numbers.length >= 2 && numbers.every(Number.isFinite) ? numbers : null;
};

export function readState(search = location.search) {
  const query = new URLSearchParams(search);
  const state = { at: pair(query.get("at")), from: pair(query.get("from")), embed: query.get("embed") === "1" };
  for (const name of NAMES) state[name] = query.get(name) ?? "";
  return state;
}

export function writeState(state) {
  const query = new URLSearchParams();
  if (state.at) query.set("at", `${state.at[0].toFixed(5)},${state.at[1].toFixed(5)},${state.at[2].toFixed(2)}`);
  if (state.from) query.set("from", state.from.map((each) => each.toFixed(6)).join(","));
  for (const name of NAMES) if (state[name]) query.set(name, state[name]);
  if (state.embed) query.set("embed", "1");
  return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** The one store of the page: `set` changes some of it, tells who listens which names changed, and keeps the address. */
export function store(state) {
  const listeners = [];
  const keep = () => {
    const query = writeState(state), path = location.pathname + (query ? `?${query}` : "");
    history.replaceState(null, "", path);
    // links to this page in another language or size go to what is shown now
    document.querySelectorAll("input[data-next]").forEach((node) => { node.value = path; });
    document.querySelectorAll("a[data-next]").forEach((node) => {
      const address = new URL(node.href);
      address.searchParams.set("next", path);
      node.href = address.pathname + address.search;
    });
  };
  return {
    state,
    on: (listener) => listeners.push(listener),
    set(change) {
      const changed = new Set(Object.keys(change).filter((name) => JSON.stringify(state[name]) !== JSON.stringify(change[name])));
      if (!changed.size) return;
      Object.assign(state, change);
      keep();
      listeners.forEach((listener) => listener(changed));
    },
  };
}
