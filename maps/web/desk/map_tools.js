// Zooming and moving without a mouse: buttons over the map, and keys that work wherever the focus is.
import { button, byId } from "./dom.js";
import { shortcut } from "./keys.js";
import { say } from "./strings.js";
/** @import { Desk } from "./types.js" */

const STEP = 120; // pixels that an arrow moves

/** @param {Desk} desk */
export function startMapTools(desk) {
  const { map, store } = desk;
  const place = byId("map-tools");
  const whole = () => {
    const box = store.state.city?.bbox;
    if (box) map.fitBounds(box, { padding: 24 });
  };
  const draw = () => place.replaceChildren(
    button("+", () => map.zoomIn(), { class: "icon", "aria-label": say("zoom.in"), title: `${say("zoom.in")} (+)` }),
    button("−", () => map.zoomOut(), { class: "icon", "aria-label": say("zoom.out"), title: `${say("zoom.out")} (−)` }),
    button("⌂", whole, { class: "icon", "aria-label": say("zoom.whole"), title: `${say("zoom.whole")} (0)` }),
  );
  store.watch(["lang"], draw);
  draw();
  shortcut({ key: "+", help: "zoom.in", run: () => map.zoomIn() });
  shortcut({ key: "=", help: "zoom.in", run: () => map.zoomIn() });
  shortcut({ key: "-", help: "zoom.out", run: () => map.zoomOut() });
  shortcut({ key: "0", help: "zoom.whole", run: whole });
  for (const [key, x, y] of /** @type {const} */ ([["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]])) {
    shortcut({ key, help: "keys.pan", when: onPage, run: () => map.panBy([x * STEP, y * STEP]) });
  }
}

/** Whether the arrows are nobody else's: not the list's, a panel's or a menu's. */
function onPage() {
  const here = document.activeElement;
  return !here || here === document.body || here.closest("#map-pane") !== null;
}
