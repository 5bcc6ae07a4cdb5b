// What takes the place of the list in the sheet: an outlet's card, or 我的一刻钟. Its words come from the server, drawn once for page and map.
import { make } from "../parts/words.js";

export function panel(node, { say, close, opened }) {
  const it = {
    node,
    close,
    /** Show HTML of our own server, or a node; the reader's focus goes to its heading. */
    show(content) {
      const inside = make("div", { class: "panel-inside" });
      if (typeof content === "string") inside.innerHTML = content;
      else inside.append(content);
      node.replaceChildren(make("button", { type: "button", class: "button panel-back", onclick: close }, "‹ ", say("back")), inside);
      node.hidden = false;
      opened(true);
      node.parentElement.scrollTop = 0;
      const heading = inside.querySelector("h1, h2");
      if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
      inside.querySelectorAll("form[data-report]").forEach((form) => form.addEventListener("submit", report));
      return inside;
    },
    hide() { if (!node.hidden) { node.hidden = true; node.replaceChildren(); opened(false); } },
  };
  return it;
}

/** 信息有误: the second of two taps is sent in the background, and the answer stands where the buttons were. */
export async function report(event) {
  event.preventDefault();
  const form = event.target, body = new FormData(form);
  if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
  form.querySelectorAll("button").forEach((each) => { each.disabled = true; });
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    form.replaceWith(make("p", { role: "status", class: answer.ok ? "message" : "error" }, said.message));
  } catch { form.submit(); }
}
