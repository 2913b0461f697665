// State and address: what a dispatcher sees can be sent on, kept as a bookmark, and is there after a reload.
import { firstState, noFilters } from "./store.js";
/** @import { Filters, State, Store } from "./types.js" */

const LISTS = /** @type {const} */ (["status", "category", "owner", "cell", "certainty", "flag", "claimed"]);
const TEXTS = /** @type {const} */ (["late", "text"]);
const NUMBERS = /** @type {const} */ (["age", "hours", "ago"]);
const CHOICES = {
  view: ["clusters", "heat", "cells", "assets"], scope: ["view", "all"], lang: ["zh", "en"],
  theme: ["auto", "light", "dark"], late: ["", "over", "soon", "in_time"],
  hotspots: ["", "share", "none", "area", "population"], days: ["0", "30", "90", "365"],
  sort: ["due", "created", "updated", "category", "status", "certainty", "owner", "number"],
};
const KEPT = /** @type {(keyof State)[]} */ (
  ["issue", "view", "level", "hotspots", "hotspotDays", "hotspot", "sort", "desc", "scope", "filters", "camera", "lang", "theme"]
);

/**
 * The part of the state that an address holds; what it does not say is as at first.
 * @param {string} search
 * @returns {Partial<State>}
 */
export function readAddress(search) {
  const said = new URLSearchParams(search);
  /** @type {Partial<State>} */
  const found = { filters: readFilters(said), camera: readCamera(said.get("at") ?? "") };
  for (const key of /** @type {const} */ (["issue", "level", "hotspot"])) found[key] = said.get(key) ?? "";
  found.hotspots = choice("hotspots", said.get("hotspots"), "");
  found.hotspotDays = Number(choice("days", said.get("days"), "0"));
  found.view = /** @type {any} */ (choice("view", said.get("view"), "clusters"));
  found.scope = /** @type {any} */ (choice("scope", said.get("scope"), "view"));
  found.sort = choice("sort", said.get("sort"), "due");
  found.desc = said.get("desc") === "1";
  if (said.has("lang")) found.lang = /** @type {any} */ (choice("lang", said.get("lang"), "zh"));
  if (said.has("theme")) found.theme = /** @type {any} */ (choice("theme", said.get("theme"), "auto"));
  return found;
}

/** @param {URLSearchParams} said @returns {Filters} */
export function readFilters(said) {
  const filters = noFilters();
  for (const key of LISTS) filters[key] = [...new Set(said.getAll(key).flatMap((one) => one.split(",")).filter(Boolean))];
  for (const key of TEXTS) filters[key] = (said.get(key) ?? "").slice(0, 200);
  filters.late = choice("late", filters.late, "");
  for (const key of NUMBERS) {
    const number = Number(said.get(key) ?? 0);
    filters[key] = number > 0 && number <= 8760 ? number : 0;
  }
  return filters;
}

/** @param {keyof typeof CHOICES} key @param {string | null} word @param {string} otherwise */
function choice(key, word, otherwise) {
  return word !== null && CHOICES[key].includes(word) ? word : otherwise;
}

/** @param {string} said `zoom/lat/lng` */
function readCamera(said) {
  const [zoom, lat, lng] = said.split("/").map(Number);
  const good = said !== "" && zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
  return good ? { zoom, lat, lng } : null;
}

/** @param {Filters} filters @param {URLSearchParams} into */
export function writeFilters(filters, into) {
  for (const key of LISTS) if (filters[key].length) into.set(key, filters[key].join(","));
  for (const key of [...TEXTS, ...NUMBERS]) if (filters[key]) into.set(key, String(filters[key]));
}

/**
 * The query of an address that opens the page as it is.
 * @param {Readonly<State>} state
 */
export function writeAddress(state) {
  const said = new URLSearchParams();
  const first = firstState();
  for (const key of /** @type {const} */ (["issue", "view", "level", "hotspots", "hotspot", "sort", "scope"])) {
    if (state[key] && state[key] !== first[key]) said.set(key, state[key]);
  }
  if (state.hotspots && state.hotspotDays) said.set("days", String(state.hotspotDays));
  if (state.desc) said.set("desc", "1");
  writeFilters(state.filters, said);
  if (state.camera) {
    const { zoom, lat, lng } = state.camera;
    said.set("at", `${zoom.toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  }
  said.set("lang", state.lang);
  if (state.theme !== "auto") said.set("theme", state.theme);
  const query = said.toString().replaceAll("%2F", "/").replaceAll("%2C", ",");
  return query ? `?${query}` : "";
}

/** @param {Store} store */
export function startAddress(store) {
  let waiting = false;
  store.watch(KEPT, () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      history.replaceState(null, "", location.pathname + writeAddress(store.state));
    }, 150); // browsers refuse more than some changes a second
  });
  window.addEventListener("popstate", () => store.set(readAddress(location.search)));
}
