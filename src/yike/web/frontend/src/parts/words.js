// Words of a part in the page's language: `const say = words(table)`, then say("key", { n: 3 }). Tables are in frontend/words/.
export const lang = document.documentElement.lang === "en" ? "en" : "zh";

export function words(table) {
  return (key, values = {}) => (table[key]?.[lang] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The data that a template put into the page with `json_script`. */
export function given(id) {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
}

/** An element with attributes and children; text is never read as markup. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((each) => each !== null && each !== undefined && each !== false));
  return node;
}

/** The token for POST, from the cookie that Django sets. */
export const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
