// The cells that can be filtered by: all levels whose cells are not too many, the upper ones first.
import { get } from "./api.js";
import { capital } from "./strings.js";
/** @import { Desk } from "./types.js" */
/** @import { Option } from "./menu.js" */

const MOST = 3000; // of a level: more are found by the box for places
/** @type {Map<string, Promise<{ code: string, name: string | null }[]>>} */
const known = new Map();

/** @param {Desk} desk @returns {Promise<Option[]>} */
export async function cellOptions({ store, names }) {
  const levels = (store.state.city?.levels ?? []).filter((one) => one.count > 1 && one.count <= MOST).map((one) => String(one.level));
  const lists = await Promise.all(levels.map(cellsOf));
  return lists.flatMap((cells, at) => cells.map((cell) => ({
    value: cell.code, label: cell.name && cell.name !== cell.code ? `${cell.name} ${cell.code}` : cell.code, group: capital(names.cellLevel(levels[at])),
  })));
}

/** @param {string} level */
function cellsOf(level) {
  const found = known.get(level) ?? load(level);
  known.set(level, found);
  found.catch(() => known.delete(level));
  return found;
}

/** @param {string} level */
async function load(level) {
  const cells = [];
  let cursor = "";
  do {
    const page = await get("/v1/cells", { query: new URLSearchParams({ level, limit: "1000", ...(cursor ? { cursor } : {}) }) });
    for (const { properties } of page.features) cells.push({ code: properties.code, name: properties.name });
    cursor = page.next ?? "";
  } while (cursor);
  return cells;
}
