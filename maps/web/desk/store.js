// What the page knows, in one place: parts set pieces of it and watch the ones that concern them.
/** @import { Filters, State, Store } from "./types.js" */

/** @returns {Filters} Filters that let everything pass. */
export function noFilters() {
  return {
    status: [], category: [], owner: [], cell: [], certainty: [], flag: [], claimed: [],
    late: "", text: "", age: 0, hours: 0, ago: 0,
  };
}

/** @returns {State} */
export function firstState() {
  return {
    issue: "", view: "clusters", level: "", sort: "due", desc: false, scope: "view", filters: noFilters(),
    hotspots: "", hotspotDays: 0, hotspot: "",
    camera: null, lang: "zh", theme: "auto", session: null, city: null, bounds: null, version: 0, total: null,
    connection: "connecting", minute: 0,
  };
}

/**
 * A store: `set` tells those who watch a key whose value became another one.
 * @param {State} first
 * @returns {Store}
 */
export function makeStore(first) {
  const state = { ...first };
  /** @type {Set<{ keys: (keyof State)[], run: (state: State) => void }>} */
  const watchers = new Set();
  return {
    state,
    set(patch) {
      const keys = /** @type {(keyof State)[]} */ (Object.keys(patch));
      const changed = keys.filter((key) => !same(state[key], patch[key]));
      if (!changed.length) return;
      Object.assign(state, patch);
      for (const one of [...watchers]) if (one.keys.some((key) => changed.includes(key))) one.run(state);
    },
    watch(keys, run) {
      const one = { keys, run };
      watchers.add(one);
      return () => void watchers.delete(one);
    },
  };
}

/** @param {unknown} a @param {unknown} b */
function same(a, b) {
  return a === b || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}

/** @param {Filters} filters @returns {number} How many of them are set; the time slider is one. */
export function countFilters(filters) {
  const lists = [filters.status, filters.category, filters.owner, filters.cell, filters.certainty, filters.flag, filters.claimed];
  const others = [filters.late, filters.text, filters.age, filters.hours];
  return lists.filter((one) => one.length).length + others.filter(Boolean).length;
}
