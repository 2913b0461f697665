// What has changed since the tiles were made: drawn over them, hidden in them, until new tiles have it.
import { ISSUES, OVERLAY } from "./issue_layers.js";
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
    if (!map.getSource(ISSUES)) return;
    map.removeFeatureState({ source: ISSUES, sourceLayer: "issue" });
    for (const id of changes.keys()) map.setFeatureState({ source: ISSUES, sourceLayer: "issue", id }, { hidden: true });
  }

  const drawSoon = () => (frame ||= requestAnimationFrame(draw));

  /** New tiles, and away with what they hold. */
  function refresh() {
    window.clearTimeout(timer);
    timer = 0;
    const version = store.state.version;
    setIssueTiles(map, asked, () => {
      for (const [id, feature] of changes) if (feature.properties.seq <= version) changes.delete(id);
      drawSoon();
    });
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
  // Another view has the tiles parsed anew, and while others are on their way the library may keep the old ones.
  store.watch(["view"], () => map.isSourceLoaded(ISSUES) || map.once("idle", refresh));
  map.once("load", () => {
    ask();
    draw();
  });
  return { refresh };
}
