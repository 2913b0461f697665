// The rows of the list, asked for piece by piece: 100,000 of them are never in the page at once.
import { get } from "./api.js";
/** @import { IssueFeature } from "./types.js" */

export const PIECE = 60;
const MOST_PIECES = 40;

/**
 * Rows by their place in the list.
 * @param {() => URLSearchParams} query without offset and limit
 * @param {{ arrived: (change: { total: number, version: number, reset: boolean }) => void, failed: (error: unknown) => void }} told
 */
export function makeListData(query, told) {
  /** @type {Map<number, IssueFeature[]>} */
  let pieces = new Map();
  /** @type {Map<number, AbortController>} */
  const asked = new Map();
  let round = 0, total = 0;

  /** @param {number} piece @param {boolean} reset */
  async function load(piece, reset) {
    if (asked.has(piece)) return;
    const controller = new AbortController();
    asked.set(piece, controller);
    const mine = round;
    const wanted = query();
    wanted.set("offset", String(piece * PIECE));
    wanted.set("limit", String(PIECE));
    try {
      const answer = await get("/v1/issues/list", { query: wanted, signal: controller.signal });
      if (mine !== round) return;
      if (reset) pieces = new Map();
      pieces.set(piece, answer.rows);
      total = answer.total;
      for (const old of [...pieces.keys()].slice(0, Math.max(0, pieces.size - MOST_PIECES))) pieces.delete(old);
      told.arrived({ total, version: answer.version, reset });
    } catch (error) {
      if (mine === round) told.failed(error);
    } finally {
      if (asked.get(piece) === controller) asked.delete(piece);
    }
  }

  return {
    /** @param {number} at @returns {IssueFeature | undefined} */
    row: (at) => pieces.get(Math.floor(at / PIECE))?.[at % PIECE],
    /** See to it that rows are there. @param {number} first @param {number} last */
    need(first, last) {
      for (let piece = Math.floor(first / PIECE); piece <= Math.floor(Math.max(first, last) / PIECE); piece++) {
        if (!pieces.has(piece) && (piece === 0 || piece * PIECE < total)) load(piece, false);
      }
    },
    /** Ask anew, beginning where the reader is; old rows stay until the new ones are there. @param {number} first */
    restart(first) {
      round++;
      for (const controller of asked.values()) controller.abort();
      asked.clear();
      load(Math.floor(Math.max(0, first) / PIECE), true);
    },
    /** Where an issue is among the rows that are there; -1 where it is not. @param {string} name id or number */
    find(name) {
      for (const [piece, rows] of pieces) {
        const at = rows.findIndex((row) => row.id === name || row.properties.number === name);
        if (at >= 0) return piece * PIECE + at;
      }
      return -1;
    },
    /** Take an issue in the place of what is known of it. @param {IssueFeature} feature */
    merge(feature) {
      for (const rows of pieces.values()) {
        const at = rows.findIndex((row) => row.id === feature.id);
        if (at >= 0) rows[at] = feature;
      }
    },
    /** Where an issue is in the whole list; -1 where it is not. @param {string} number */
    async seek(number) {
      const wanted = query();
      wanted.set("limit", "1");
      wanted.set("find", number);
      try {
        return (await get("/v1/issues/list", { query: wanted })).found ?? -1;
      } catch {
        return -1;
      }
    },
    known: () => [...pieces.entries()].sort((a, b) => a[0] - b[0]).flatMap(([, rows]) => rows),
    total: () => total,
  };
}
