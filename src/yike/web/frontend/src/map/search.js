// One search box for places, shop names and errands: suggestions as one types, by keyboard or by hand (ARIA combobox).
import { make } from "../parts/words.js";
import { ask } from "./ask.js";

export function search(form, list, say, question, chosen) {
  const box = form.querySelector("input[type=search]");
  let results = [], active = -1, timer = 0;

  const close = () => { list.hidden = true; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); active = -1; };
  const pick = (result) => { close(); box.value = result.name; box.blur(); chosen(result); };
  const mark = (k) => {
    active = k;
    [...list.children].forEach((node, n) => node.setAttribute("aria-selected", String(n === k)));
    if (k < 0) box.removeAttribute("aria-activedescendant");
    else { box.setAttribute("aria-activedescendant", `found-${k}`); list.children[k].scrollIntoView({ block: "nearest" }); }
  };
  const show = () => {
    list.replaceChildren(...(results.length ? results.map((each, k) => make("li", { role: "option", id: `found-${k}`, "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => pick(each) },
      make("span", { class: "found-name", translate: "no" }, each.name),
      make("span", { class: "found-detail", translate: "no" }, [say(`kind.${each.kind}`), each.detail, Number.isFinite(each.minutes) && each.minutes !== null ? say("minutes", { n: Math.round(each.minutes) }) : ""].filter(Boolean).join(" · "))))
      : [make("li", { class: "found-none", role: "option", "aria-disabled": "true" }, say("search.none", { q: box.value.trim() }))]));
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    mark(-1);
  };
  const look = async () => {
    const q = box.value.trim();
    if (!q) { results = []; close(); return; }
    try {
      const answer = await ask("search", "/api/search", { ...question(), q, limit: 12 });
      if (answer === undefined) return;
      results = answer.results;
      show();
    } catch { results = []; close(); }
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 140); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the reader is still choosing characters
    if (event.key === "ArrowDown" && results.length) { if (list.hidden) show(); mark((active + 1) % results.length); }
    else if (event.key === "ArrowUp" && results.length) mark((active + results.length - 1) % results.length);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (active < 0) { clearTimeout(timer); await look(); }
    const result = results[Math.max(0, active)];
    if (result) pick(result);
  });
}
