// The layer of hotspots: asks the service where the filtered category concentrates, draws and tells it.
import { get, problemWords, wasAborted } from "./api.js";
import { button, byId, el } from "./dom.js";
import { askedText, cellFacts, cellList, classKey, noteList } from "./hotspot_box.js";
import { HOTSPOTS } from "./hotspot_layers.js";
import { HOTSPOT_WORDS } from "./hotspot_words.js";
import { addWords, grouped, say } from "./strings.js";
/** @import { Desk, State } from "./types.js" */
/** @import { Cell, Hotspots } from "./hotspot_box.js" */

addWords(HOTSPOT_WORDS);

export const BASELINES = ["share", "none", "area", "population"];
export const DAYS = [0, 30, 90, 365];
const WAIT_MS = 250, DAY_MS = 86_400_000, CLOSE_ZOOM = 14.5;

/** Whether the service answers it: api/access.py. @param {Readonly<State>} state */
export function mayAskHotspots(state) {
  return ["dispatcher", "planner", "admin"].includes(state.session?.role ?? "");
}

/** The button among the views. @param {Desk} desk */
export function hotspotToggle({ store }) {
  if (!mayAskHotspots(store.state)) return "";
  const { hotspots } = store.state;
  return button(say("view.hotspots"), () => store.set({ hotspots: hotspots ? "" : BASELINES[0], hotspot: "" }), { id: "view-hotspots", "aria-pressed": String(Boolean(hotspots)), class: "toggle" });
}

/** @param {Readonly<State>} state */
export function hotspotQuery({ filters, hotspots, hotspotDays, level }) {
  const query = new URLSearchParams();
  if (filters.category.length) query.set("category", filters.category.join(","));
  if (level) query.set("level", level);
  if (hotspotDays) query.set("since", new Date(Date.now() - hotspotDays * DAY_MS).toISOString().slice(0, 10));
  query.set("baseline", hotspots);
  return query;
}

/** @param {Desk} desk */
export function startHotspots(desk) {
  const { map, store } = desk;
  const place = byId("hotspots");
  /** @type {AbortController | null} */
  let asked = null;
  let timer = 0, was = "", fault = "", category = "", listed = false;
  /** @type {Hotspots | null} */
  let found = null;

  const cells = () => shown().map((one) => /** @type {Cell} */ (one.properties));
  /** The features of the category that is looked at: of several, cells lie one above the other. */
  const shown = () => (found?.features ?? []).filter((one) => String(one.properties?.category ?? "") === category);
  const categories = () => [...new Set((found?.features ?? []).map((one) => String(one.properties?.category ?? "")))];

  /** The category with the most hot cells. */
  function hottest() {
    /** @type {Map<string, number>} */
    const hot = new Map(categories().map((one) => [one, 0]));
    for (const { properties } of found?.features ?? []) {
      const one = String(properties?.category ?? "");
      if (properties?.class === "hot") hot.set(one, (hot.get(one) ?? 0) + 1);
    }
    return [...hot].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const query = hotspotQuery(store.state);
    [was, found, fault] = [String(query), null, ""];
    drawMap();
    draw();
    try {
      found = await get("/v1/hotspots", { query, signal: asked.signal });
    } catch (error) {
      if (wasAborted(error)) return;
      fault = problemWords(error);
    }
    category = categories().includes(category) ? category : hottest();
    drawMap();
    draw();
    desk.notices.announce(fault || summary());
  }

  function follow() {
    window.clearTimeout(timer);
    if (!store.state.hotspots) {
      asked?.abort();
      [was, found, fault] = ["", null, ""];
      drawMap();
      return draw();
    }
    if (String(hotspotQuery(store.state)) !== was) timer = window.setTimeout(() => void ask(), WAIT_MS);
    draw();
  }

  function drawMap() {
    const source = /** @type {any} */ (map.getSource(HOTSPOTS));
    if (!source) return void map.once("load", drawMap);
    source.setData({ type: "FeatureCollection", features: store.state.hotspots ? shown() : [] });
    mark();
  }

  function mark() {
    if (!map.getSource(HOTSPOTS)) return;
    map.removeFeatureState({ source: HOTSPOTS });
    if (store.state.hotspot) map.setFeatureState({ source: HOTSPOTS, id: store.state.hotspot }, { chosen: true });
  }

  function summary() {
    const all = cells();
    const count = (/** @type {string} */ name) => all.filter((one) => one.class === name).length;
    const [hot, cold, plain] = ["hot", "cold", "not significant"].map(count);
    if (!(hot + cold + plain)) return say("hotspots.nothing");
    return hot + cold ? say("hotspots.some", { n: grouped(hot + cold + plain), hot: grouped(hot), cold: grouped(cold) }) : say("hotspots.empty");
  }

  /** From the list: shows the cell on the map and tells of it. @param {string} code */
  function choose(code) {
    store.set({ hotspot: code });
    const box = boundsOf(shown().find((one) => one.properties?.cell_code === code));
    if (box) map.fitBounds(box, { padding: aroundBox(), maxZoom: Math.max(map.getZoom(), CLOSE_ZOOM), duration: 0 });
    document.getElementById("spot-facts")?.focus();
  }

  /** Pixels at the edges of the map where a cell would be hidden, or hardly seen. */
  function aroundBox() {
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const [x, y] = [width, height].map((one) => Math.min(120, one / 4));
    const over = getComputedStyle(place).position === "absolute" ? place.offsetWidth : 0;
    return { left: Math.min(x + over, width - x - 40), right: x, top: y, bottom: y };
  }

  function closeCell() {
    const code = store.state.hotspot;
    store.set({ hotspot: "" });
    const back = [...place.querySelectorAll(".spot")].find((one) => /** @type {HTMLElement} */ (one).dataset.code === code);
    /** @type {HTMLElement | undefined} */ (back ?? place.querySelector("button"))?.focus();
  }

  function draw() {
    const held = document.activeElement?.id;
    place.hidden = !store.state.hotspots;
    if (place.hidden) return place.replaceChildren();
    const cell = cells().find((one) => one.cell_code === store.state.hotspot);
    place.replaceChildren(
      el("div", { class: "spot-head" }, el("h2", {}, say("hotspots")), button("×", close, { id: "hotspots-close", class: "icon", "aria-label": say("hotspots.close"), title: say("hotspots.close") })),
      ...controls(), el("p", { id: "hotspots-state", role: "status", class: fault ? "fault" : "" }, found ? summary() : fault || say("hotspots.busy")),
      ...(fault ? [button(say("again"), () => void ask(), { id: "hotspots-again" })] : []), ...(found ? result(found, cell) : []));
    if (held && place.contains(document.getElementById(held))) document.getElementById(held)?.focus();
  }

  /** @param {Hotspots} answer @param {Cell | undefined} cell */
  function result(answer, cell) {
    const list = cellList(cells(), choose, listed);
    list?.addEventListener("toggle", () => (listed = /** @type {HTMLDetailsElement} */ (list).open));
    return [
      el("p", { class: "quiet" }, askedText(answer.about ?? {})), ...(cell ? [cellFacts(cell, desk.names, closeCell)] : []),
      classKey(cells()), list, noteList(answer.notes ?? []),
    ].filter((one) => one !== null);
  }

  function controls() {
    const baseline = pick("baseline", BASELINES.map((one) => [one, say(`baseline.${one}`)]), store.state.hotspots, (value) => store.set({ hotspots: value }));
    const days = pick("days", DAYS.map((one) => [String(one), one ? say("days.n", { n: one }) : say("days.0")]), String(store.state.hotspotDays), (value) => store.set({ hotspotDays: Number(value) }));
    const several = categories().map((one) => [one, one ? desk.names.category(one) : say("hotspots.all")]);
    const which = pick("category", several, category, (value) => {
      category = value;
      store.set({ hotspot: "" });
      drawMap();
      draw();
    });
    return [el("div", { class: "spot-controls" }, baseline, days, several.length > 1 ? which : null)];
  }

  function close() {
    store.set({ hotspots: "", hotspot: "" });
    document.getElementById("view-hotspots")?.focus();
  }

  store.watch(["hotspots", "hotspotDays", "level", "filters"], follow);
  store.watch(["hotspot"], () => {
    mark();
    draw();
  });
  store.watch(["lang"], draw);
  follow();
}

/** @param {string} name @param {string[][]} options @param {string} chosen @param {(value: string) => void} choose */
function pick(name, options, chosen, choose) {
  const select = /** @type {HTMLSelectElement} */ (el("select", { id: `hotspots-${name}` },
    ...options.map(([value, label]) => el("option", { value, selected: value === chosen }, label))));
  select.addEventListener("change", () => choose(select.value));
  return el("label", {}, el("span", {}, say(`hotspots.${name}`)), select);
}

/** @param {GeoJSON.Feature | undefined} feature */
function boundsOf(feature) {
  if (!feature?.geometry || feature.geometry.type === "GeometryCollection") return null;
  const flat = /** @type {number[]} */ (/** @type {any} */ (feature.geometry.coordinates).flat(Infinity));
  const box = new maplibregl.LngLatBounds();
  for (let at = 0; at + 1 < flat.length; at += 2) box.extend([flat[at], flat[at + 1]]);
  return box.isEmpty() ? null : box;
}
