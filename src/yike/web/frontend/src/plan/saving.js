// Keeping scenarios: save, write over, and choose several to be laid side by side.
import { make } from "../parts/words.js";
import { send } from "./server.js";

export function saving(box, plan, store, { say, note }) {
  if (!box) return;
  const name = make("input", { class: "box", id: "scenario-name", maxlength: 80, value: plan.scenario?.name ?? "", placeholder: say("save.name"), "aria-label": say("save.name") });
  const clean = () => store.state.changes;
  const go = (made) => { location.assign(`/desk/plan/${made.id}/`); };
  const keep = async () => {
    try { go(await send("save", "POST", "/api/scenarios", { city: plan.city.slug, area: store.state.area, name: name.value, changes: clean() })); } catch (fault) { note(fault.message); }
  };
  const over = async () => {
    try {
      await send("save", "PUT", `/api/scenarios/${plan.scenario.id}`, { changes: clean() });
      if (name.value.trim() !== plan.scenario.name) await send("save", "PATCH", `/api/scenarios/${plan.scenario.id}`, { name: name.value });
      go(plan.scenario);
    } catch (fault) { note(fault.message); }
  };
  const drop = async () => {
    if (!confirm(say("drop.sure", { name: plan.scenario.name }))) return;
    try { await send("save", "DELETE", `/api/scenarios/${plan.scenario.id}`); location.assign(`/desk/plan/?area=${store.state.area}`); } catch (fault) { note(fault.message); }
  };
  if (plan.may_save) {
    box.append(name, make("div", { class: "actions tight" },
      plan.scenario ? make("button", { type: "button", class: "button", id: "save-over", onclick: over }, say("save.over")) : null,
      make("button", { type: "button", class: "button", id: "save", onclick: keep }, say(plan.scenario ? "save.as" : "save")),
      plan.scenario ? make("button", { type: "button", class: "button", id: "drop", onclick: drop }, say("drop")) : null));
  }
  const chosen = () => [...document.querySelectorAll("[name=compare]:checked")].map((each) => each.value);
  const button = document.querySelector("#compare");
  if (!button) return;
  const draw = () => { button.disabled = chosen().length < 2; };
  document.querySelector("#kept").addEventListener("change", draw);
  button.addEventListener("click", () => location.assign(`/desk/plan/compare/?ids=${chosen().join(",")}`));
  draw();
}
