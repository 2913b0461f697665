// Which issues are selected: in the list by mouse, touch and keys, on the map as rings; live updates keep them.
import { get, problemWords } from "./api.js";
import { byId, el } from "./dom.js";
import { pointOf } from "./map_select.js";
import { boxText, issueQuery } from "./query.js";
import { grouped, say } from "./strings.js";
import { colours, onColours } from "./theme.js";
/** @import { Box, Desk, IssueFeature } from "./types.js" */

export const MOST = 1000; // that the service takes at once
const PICKED = "picked", PAGE = 1000, MOST_PAGES = 20;

/** @type {Map<string, IssueFeature>} */
const picked = new Map();
/** @type {(() => void)[]} */
const watchers = [];
let anchor = "";
/** Whether a plain click in the list selects. */
export const mode = { on: false };

/** @param {() => void} run after the selection has become another one */
export function onPicked(run) {
  watchers.push(run);
}

export function allPicked() {
  return [...picked.values()];
}

function tell() {
  for (const run of watchers) run();
}

/** Exactly these. @param {IssueFeature[]} features */
export function pickOnly(features) {
  picked.clear();
  for (const one of features.slice(0, MOST)) picked.set(one.id, one);
  tell();
}

/** @param {IssueFeature[]} features @param {boolean} on */
function pick(features, on) {
  for (const one of features) if (!on) picked.delete(one.id); else if (picked.size < MOST) picked.set(one.id, one);
  tell();
}

/** @param {boolean} on */
export function setMode(on) {
  mode.on = on;
  byId("list").classList.toggle("picking", on || picked.size > 0);
  tell();
}

/**
 * Open issues that pass the filters, in the order of the list, and how many there are.
 * @param {Desk} desk @param {{ box?: Box | null, keep?: (feature: IssueFeature) => boolean, offset?: number, limit?: number }} options
 * @returns {Promise<{ features: IssueFeature[], total: number }>}
 */
export async function listed({ store }, { box = null, keep, offset = 0, limit = MOST } = {}) {
  const query = issueQuery(store.state.filters);
  query.set("sort", store.state.sort);
  if (store.state.desc) query.set("desc", "true");
  if (box) query.set("bbox", boxText(box));
  const features = [];
  let total = 0;
  for (let page = 0; page < MOST_PAGES && features.length < limit; page++) {
    query.set("offset", String(offset + page * PAGE));
    query.set("limit", String(Math.min(PAGE, keep ? PAGE : limit)));
    const answer = await get("/v1/issues/list", { query });
    total = answer.total;
    features.push(...(keep ? answer.rows.filter(keep) : answer.rows));
    if (offset + (page + 1) * PAGE >= total) break;
  }
  return { features: features.slice(0, limit), total };
}

/** Selects all that the list holds, as many as go at once. @param {Desk} desk */
export async function pickInView(desk) {
  const { scope, bounds } = desk.store.state;
  try {
    const { features, total } = await listed(desk, { box: scope === "view" ? bounds : null });
    pickOnly(features);
    said(desk, features.length, total);
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error" });
  }
}

/** @param {Desk} desk @param {number} n @param {number} total */
function said(desk, n, total) {
  if (!n) return desk.notices.tell(say("pick.none"));
  if (total > n) desk.notices.tell(say("pick.first", { n: grouped(n), all: grouped(total) }));
  desk.notices.announce(say("pick.n", { n: grouped(n) }));
}

/** @param {Desk} desk */
export function startPicking(desk) {
  const list = byId("list"), rows = byId("rows");
  const rowOf = (/** @type {EventTarget | null} */ target) => /** @type {HTMLElement | null} */ (target instanceof Element ? target.closest("#rows > li") : null);
  const known = (/** @type {string} */ id) => desk.list.rowsKnown().find((one) => one.id === id);

  /** @param {HTMLElement} row */
  function toggle(row) {
    const feature = known(row.dataset.id ?? "");
    if (!feature) return;
    anchor = feature.id;
    pick([feature], !picked.has(feature.id));
    const what = `${feature.properties.number} · ${desk.names.category(feature.properties.category)}`;
    desk.notices.announce(`${picked.has(feature.id) ? say("pick.picked") : ""}${what}${say("comma")}${say("pick.n", { n: picked.size })}`);
  }

  /** All from the last one that was selected to this one. @param {HTMLElement} row */
  async function reach(row) {
    const all = desk.list.rowsKnown();
    const [from, to] = [anchor || desk.store.state.issue, row.dataset.id ?? ""].map((name) => all.findIndex((one) => one.id === name || one.properties.number === name));
    if (from < 0 || to < 0) return toggle(row);
    const between = all.slice(Math.min(from, to), Math.max(from, to) + 1);
    const places = [...rows.children].filter((one) => one instanceof HTMLElement && [all[from].id, row.dataset.id].includes(one.dataset.id)).map((one) => Number(one.getAttribute("aria-posinset")));
    const apart = places.length === 2 ? Math.abs(places[0] - places[1]) + 1 : between.length;
    if (apart === between.length) pick(between, true);
    else toggle(row);
    desk.notices.announce(say("pick.n", { n: picked.size }));
  }

  rows.addEventListener("click", (event) => {
    const row = rowOf(event.target);
    if (!row || !(event.shiftKey || event.ctrlKey || event.metaKey || mode.on)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) void reach(row);
    else toggle(row);
  }, true);
  list.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (event.key === " " && row && !event.altKey) toggle(row);
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) void pickInView(desk);
    else if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp") && row) return extend(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  list.addEventListener("keyup", (event) => event.key === " " && rowOf(event.target) && event.preventDefault(), true);

  /** The list moves on by itself; both rows are selected. @param {HTMLElement} row */
  function extend(row) {
    const first = known(row.dataset.id ?? "");
    if (first) desk.select(first.properties.number);
    window.setTimeout(() => {
      const next = desk.list.rowsKnown().find((one) => one.properties.number === desk.store.state.issue);
      pick([first, next].filter((one) => one !== undefined), true);
      desk.notices.announce(say("pick.n", { n: picked.size }));
    });
  }

  desk.live.onChange(({ feature }) => {
    if (!picked.has(feature.id)) return;
    picked.set(feature.id, feature);
    drawSoon();
  });
  const { mark, drawSoon } = startMarks(desk, rows);
  onPicked(() => {
    list.classList.toggle("picking", mode.on || picked.size > 0);
    mark();
    drawSoon();
  });
}

/** Shows what is selected, in the list and on the map. @param {Desk} desk @param {HTMLElement} rows */
function startMarks({ map }, rows) {
  let frame = 0;
  const mark = () => {
    for (const row of rows.children) {
      const on = row instanceof HTMLElement && picked.has(row.dataset.id ?? "");
      row.classList.toggle("picked", on);
      const button = row.firstElementChild;
      if (!button) continue;
      if (!on) button.querySelector(".pick-word")?.remove();
      else if (!button.querySelector(".pick-word")) button.append(el("span", { class: "hidden pick-word" }, say("pick.picked").replace(/[:：]\s*$/, "")));
    }
  };
  const draw = () => {
    frame = 0;
    const features = allPicked().flatMap((one) => {
      const place = pointOf(one);
      return place ? [{ type: /** @type {const} */ ("Feature"), properties: {}, geometry: { type: /** @type {const} */ ("Point"), coordinates: place } }] : [];
    });
    /** @type {any} */ (map.getSource(PICKED))?.setData({ type: "FeatureCollection", features });
  };
  const drawSoon = () => void (frame ||= requestAnimationFrame(draw));
  const add = () => {
    if (map.getSource(PICKED)) return;
    map.addSource(PICKED, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: PICKED, source: PICKED, type: "circle", paint: { "circle-radius": 15, "circle-color": colours().selected, "circle-opacity": 0.14, "circle-stroke-width": 2.5, "circle-stroke-color": colours().selected } }, map.getLayer("issue-mark") ? "issue-mark" : undefined);
  };
  if (map.isStyleLoaded()) add();
  else map.once("load", add);
  onColours(() => {
    if (!map.getLayer(PICKED)) return;
    for (const name of /** @type {const} */ (["circle-color", "circle-stroke-color"])) map.setPaintProperty(PICKED, name, colours().selected);
  });
  new MutationObserver(mark).observe(rows, { childList: true, subtree: true, attributeFilter: ["data-id"] });
  return { mark, drawSoon };
}
