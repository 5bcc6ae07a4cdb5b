// Questions of the planning desk to the server; a newer question of a kind breaks off the older one.
import { csrf } from "../parts/words.js";

const under_way = new Map();

/** Send JSON and return JSON; undefined when a newer question took its place. Throws an Error with `.status` and `.faults`. */
export async function send(kind, method, path, body) {
  under_way.get(kind)?.abort();
  const control = new AbortController();
  under_way.set(kind, control);
  try {
    const answer = await fetch(path, {
      method, signal: control.signal, headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...(method !== "GET" && { "X-CSRFToken": csrf() }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const detail = Array.isArray(said.detail) ? said.detail.map((each) => each.msg).join(" ") : said.detail;
    throw Object.assign(new Error(detail || answer.statusText), { status: answer.status, faults: said.faults ?? [] });
  } catch (fault) {
    if (fault.name === "AbortError") return undefined;
    throw fault;
  } finally {
    if (under_way.get(kind) === control) under_way.delete(kind);
  }
}

export const get = (kind, path, query = {}) => send(kind, "GET", `${path}?${new URLSearchParams(query)}`);
