// Clusters, heat, cells by number, assets: which way the same issues are shown.
import { get, wasAborted } from "./api.js";
import { BASE } from "./basemap.js";
import { button, byId, el } from "./dom.js";
import { hotspotToggle } from "./hotspots.js";
import { setBreaks } from "./map.js";
import { issueQuery } from "./query.js";
import { capital, say } from "./strings.js";
/** @import { Desk, ViewName } from "./types.js" */

/** @type {ViewName[]} */
const VIEWS = ["clusters", "heat", "cells", "assets"];
const CLASSES = 5, LIVE_MS = 5000;

/** What the legend shows of the cells. */
export const counted = { breaks: /** @type {number[]} */ ([]), most: 0, elsewhere: 0 };

/** @param {Desk} desk */
export function startViews(desk) {
  const { store } = desk;
  const place = byId("views");
  const levels = (store.state.city?.levels ?? []).map((one) => String(one.level));
  const draw = () => {
    const { view, level } = store.state;
    const held = document.activeElement?.id;
    const select = /** @type {HTMLSelectElement} */ (el("select", { id: "level", "aria-label": say("level") }));
    for (const one of levels) select.append(el("option", { value: one, selected: one === (level || levels.at(-1)) }, capital(desk.names.cellLevel(one))));
    select.addEventListener("change", () => store.set({ level: select.value }));
    place.replaceChildren(
      ...VIEWS.filter((one) => one !== "cells" || levels.length).map((one) =>
        button(say(`view.${one}`), () => store.set({ view: one }), { id: `view-${one}`, "aria-pressed": String(one === view), class: "toggle" })),
      view === "cells" ? select : "", hotspotToggle(desk));
    if (held && place.contains(document.getElementById(held))) document.getElementById(held)?.focus();
  };
  store.watch(["view", "level", "lang", "hotspots", "session"], draw);
  draw();
  startCounts(desk, levels);
}

/** Asks how many issues each cell has while cells are shown. @param {Desk} desk @param {string[]} levels */
function startCounts(desk, levels) {
  const { map, store } = desk;
  /** @type {AbortController | null} */
  let asked = null;
  let timer = 0;
  async function count() {
    window.clearTimeout(timer);
    timer = 0;
    asked?.abort();
    if (store.state.view !== "cells" || !levels.length) return;
    asked = new AbortController();
    const query = issueQuery(store.state.filters);
    query.set("level", store.state.level || levels[levels.length - 1]);
    try {
      const said = await get("/v1/issues/counts", { query, signal: asked.signal });
      show(Object.values(said.cells), said.elsewhere?.open ?? 0);
    } catch (error) {
      if (!wasAborted(error)) console.warn(error);
    }
  }
  /** @param {{ id: number, open: number, overdue: number }[]} cells @param {number} elsewhere */
  function show(cells, elsewhere) {
    map.removeFeatureState({ source: BASE, sourceLayer: "cell" });
    for (const { id, open, overdue } of cells) map.setFeatureState({ source: BASE, sourceLayer: "cell", id }, { open, overdue });
    counted.breaks = breaksOf(cells.map((one) => one.open));
    counted.most = Math.max(0, ...cells.map((one) => one.open));
    counted.elsewhere = elsewhere;
    setBreaks(map, store.state, counted.breaks);
    byId("legend").dispatchEvent(new Event("counted"));
  }
  store.watch(["view", "level", "filters"], () => void count());
  desk.live.onChange(() => (timer ||= window.setTimeout(count, LIVE_MS)));
  if (map.isStyleLoaded()) void count();
  else map.once("load", () => void count());
}

/**
 * The least number of each class but the first: classes hold about equally many cells that have any.
 * @param {number[]} numbers
 */
export function breaksOf(numbers) {
  const sorted = numbers.filter((one) => one > 0).sort((a, b) => a - b);
  const found = Array.from({ length: CLASSES - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / CLASSES)]);
  return [...new Set(found)].filter((one) => one !== undefined && one > sorted[0]);
}
