// The sheet at the foot of a phone: three heights, by its handle (tap, arrow keys) or by dragging it. On a desk it is the left column.
const HEIGHTS = ["peek", "half", "full"];

export function sheet(app, node, handle, say, moved) {
  const phone = () => matchMedia("(max-width: 820px)").matches && !document.documentElement.classList.contains("large");
  const set = (height) => {
    if (app.dataset.sheet === height) return;
    app.dataset.sheet = height;
    handle.setAttribute("aria-expanded", String(height !== "peek"));
    handle.setAttribute("aria-label", say(height === "full" ? "sheet.less" : "sheet.more"));
    moved();
  };
  const step = (by) => set(HEIGHTS[Math.max(0, Math.min(2, HEIGHTS.indexOf(app.dataset.sheet) + by))]);
  let begun = null;
  handle.addEventListener("pointerdown", (event) => { begun = event.clientY; handle.setPointerCapture(event.pointerId); });
  handle.addEventListener("pointerup", (event) => {
    const by = begun === null ? 0 : event.clientY - begun;
    begun = null;
    if (Math.abs(by) > 24) { step(by < 0 ? 1 : -1); handle.dataset.dragged = "1"; }
  });
  handle.addEventListener("click", () => {
    if (handle.dataset.dragged) { delete handle.dataset.dragged; return; }
    set(app.dataset.sheet === "full" ? "peek" : HEIGHTS[HEIGHTS.indexOf(app.dataset.sheet) + 1]);
  });
  handle.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp") step(1);
    else if (event.key === "ArrowDown") step(-1);
    else return;
    event.preventDefault();
  });
  return {
    set,
    phone,
    get height() { return app.dataset.sheet; },
    /** What of the map the sheet and the search box cover, so that a route is never under them. */
    padding() {
      const legend = app.querySelector(".legend").getBoundingClientRect();
      if (document.documentElement.classList.contains("large")) return { top: 50, right: 90, bottom: 50, left: 40 };
      if (!phone()) return { top: 50, right: 80, bottom: 60, left: Math.round(legend.width) + 40 };
      const covered = { peek: 0.17, half: 0.45, full: 0.45 }[app.dataset.sheet];
      const finder = app.querySelector(".finder").getBoundingClientRect().height;
      return { top: finder + 30, right: 40, bottom: Math.round(app.clientHeight * covered) + 40, left: 40 };
    },
  };
}
