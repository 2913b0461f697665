// What has changed since the tiles were made: drawn over them, hidden in them, until new tiles have it.
import { ISSUES, OVERLAY, withoutIds } from "./issue_layers.js";
import { isGone } from "./live.js";
import { setIssueTiles } from "./map.js";
import { asMark, pointOf } from "./map_select.js";
import { issueQuery, passes } from "./query.js";
/** @import { Desk, IssueFeature } from "./types.js" */

const REFRESH_MS = 8000; // after a change, until tiles are asked for again
const AT_ONCE = 300; // more changes than that ask for them earlier

/** @param {Desk} desk @returns {{ refresh(): void }} */
export function startOverlay(desk) {
  const { map, store } = desk;
  /** @type {Map<string, IssueFeature>} */
  const changes = new Map();
  let timer = 0, asked = String(issueQuery(store.state.filters)), frame = 0;

  function draw() {
    frame = 0;
    const me = store.state.session?.name ?? null;
    const shown = [...changes.values()].filter((one) => !isGone(one) && pointOf(one) && passes(one.properties, store.state.filters, me));
    /** @type {any} */ (map.getSource(OVERLAY))?.setData({ type: "FeatureCollection", features: shown.map(asMark) });
    if (map.getLayer("issue-mark")) map.setFilter("issue-mark", changes.size ? withoutIds([...changes.keys()]) : null);
  }

  const drawSoon = () => (frame ||= requestAnimationFrame(draw));

  /** New tiles, and away with what they hold. */
  function refresh() {
    window.clearTimeout(timer);
    timer = 0;
    const version = store.state.version;
    setIssueTiles(map, asked);
    const settle = () => {
      if (!map.isSourceLoaded(ISSUES)) return;
      map.off("sourcedata", settle);
      for (const [id, feature] of changes) if (feature.properties.seq <= version) changes.delete(id);
      drawSoon();
    };
    map.on("sourcedata", settle);
  }

  function ask() {
    const query = String(issueQuery(store.state.filters));
    if (query === asked) return;
    asked = query;
    setIssueTiles(map, asked);
    drawSoon();
  }

  desk.live.onChange(({ feature }) => {
    changes.set(feature.id, feature);
    drawSoon();
    if (changes.size > AT_ONCE) refresh();
    else timer ||= window.setTimeout(refresh, REFRESH_MS);
  });
  store.watch(["filters", "minute"], ask);
  map.once("load", () => {
    ask();
    draw();
  });
  return { refresh };
}
