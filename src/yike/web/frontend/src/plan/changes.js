// The changes of this scenario: each can be switched off and removed; undo takes the last gesture back.
import { lang, make } from "../parts/words.js";
import { minutes, signed } from "./numbers.js";

export function changeList(box, plan, store, { say, map }) {
  let did = [], faults = new Map();
  const name = (code) => plan.types.find((each) => each.code === code)?.[lang] ?? code;
  const title = (each) => {
    const done = did.find((one) => one.row === store.state.changes.indexOf(each) + 1);
    return say(`change.${each.verb === "gate" ? `gate.${each.kind}` : each.verb}`, {
      types: (each.types ?? []).map(name).join("、"), name: each.label ?? each.outlet ?? "", who: plan.walkers.find((one) => one.code === each.who)?.[lang] ?? each.who ?? "",
      type: name(each.business_type), minutes: each.minutes, metres: done?.metres ?? "…", seconds: done?.seconds ? minutes(done.seconds / 60) : "…",
    });
  };
  const replace = (k, more) => store.set({ changes: store.state.changes.map((each, n) => (n === k ? { ...each, ...more } : each)) });
  const place = (each) => (each.lon !== undefined ? [each.lon, each.lat] : each.points?.[0] ?? each.from);

  function draw() {
    const list = store.state.changes;
    const rows = list.map((each, k) => {
      const done = each.on === false ? null : did.find((one) => one.row === k + 1), bad = faults.get(k + 1);
      return make("li", { class: each.on === false ? "off" : "" },
        make("label", { class: "switch" }, make("input", { type: "checkbox", checked: each.on !== false, "data-switch": k, onchange: ({ target }) => replace(k, { on: target.checked }) }), make("span", {}, title(each))),
        make("span", { class: "change-done" }, bad ? make("span", { class: "error" }, bad) : done ? say("change.did", { people: signed(done.people_types), homes: done.homes }) : ""),
        ["walker", "limit"].includes(each.verb) ? null : make("input", { class: "box cost", type: "number", min: 0, step: "any", value: each.yuan === undefined ? "" : each.yuan / 10000, placeholder: say("cost.of"), "aria-label": `${say("cost.of")} ${title(each)}`, onchange: ({ target }) => replace(k, { yuan: target.value === "" ? undefined : Math.max(0, Number(target.value)) * 10000 }) }),
        make("span", { class: "change-tools" },
          place(each) ? make("button", { type: "button", class: "link-button", onclick: () => map.go(...place(each)) }, say("show")) : null,
          make("button", { type: "button", class: "link-button", "data-remove": k, onclick: () => store.set({ changes: list.filter((_, n) => n !== k) }), "aria-label": say("remove.long", { what: title(each) }) }, say("remove"))));
    });
    box.replaceChildren(
      rows.length ? make("ol", { class: "change-list" }, ...rows) : make("p", { class: "empty" }, say("changes.none")),
      make("div", { class: "actions tight" },
        make("button", { type: "button", class: "button", id: "undo", disabled: !store.canUndo, onclick: () => store.undo() }, say("undo")),
        make("button", { type: "button", class: "button", id: "clear", disabled: !rows.length, onclick: () => store.set({ changes: [] }) }, say("clear"))),
    );
    map.changes(list);
  }
  return {
    draw,
    told(found) { did = found.changes; faults = new Map(); draw(); },
    failed(error) {
      faults = new Map();
      for (const fault of error.faults ?? []) for (const [row] of fault.rows ?? []) if (row) faults.set(row, (fault[lang] ?? error.message).split("\n")[0].replace(/^[\w.]+: /, ""));
      draw();
    },
  };
}
