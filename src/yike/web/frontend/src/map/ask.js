// Questions to the server. A newer question of the same kind breaks off the older one.

const under_way = new Map();

/** Ask for JSON (or text with `as: "text"`); undefined when a newer question took its place.
 *  Throws an Error whose `.status` and `.message` say what the server said. */
export async function ask(kind, path, query = {}, as = "json") {
  under_way.get(kind)?.abort();
  const control = new AbortController();
  under_way.set(kind, control);
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  try {
    const answer = await fetch(`${path}${parameters.size ? `?${parameters}` : ""}`, { signal: control.signal, headers: { Accept: as === "json" ? "application/json" : "text/html" } });
    if (answer.ok) return await (as === "json" ? answer.json() : answer.text());
    const said = await answer.json().catch(() => ({}));
    const detail = Array.isArray(said.detail) ? said.detail.map((each) => each.msg).join(" ") : said.detail;
    throw Object.assign(new Error(said.message ?? detail ?? answer.statusText), { status: answer.status });
  } catch (fault) {
    if (fault.name === "AbortError") return undefined;
    throw fault;
  } finally {
    if (under_way.get(kind) === control) under_way.delete(kind);
  }
}

export const stop = (kind) => under_way.get(kind)?.abort();
