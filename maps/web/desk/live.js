// What others do, as it happens: server-sent events, resumed where they broke off.
/** @import { Change, Desk, IssueFeature, Store } from "./types.js" */

const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 30_000;

/**
 * Listens to /v1/events and tells the parts; started once the page knows who asks.
 * @param {Store} store
 * @returns {Desk["live"] & { start(): void, onGeneration(run: () => void): void }}
 */
export function makeLive(store) {
  /** @type {((change: Change) => void)[]} */
  const changed = [];
  /** @type {(() => void)[]} */
  const reset = [];
  /** @type {(() => void)[]} */
  const generation = [];
  /** @type {EventSource | null} */
  let source = null;
  let last = "", wait = FIRST_WAIT_MS, timer = 0;

  /** @param {Change} change */
  function tell(change) {
    store.set({ version: Math.max(store.state.version, change.feature.properties.seq ?? 0) });
    for (const run of changed) run(change);
  }

  function open() {
    source?.close();
    // The browser sends Last-Event-ID only for a connection that it mends itself; a new one says it in the address.
    source = new EventSource(`/v1/events${last ? `?since=${last}` : ""}`);
    source.addEventListener("hello", (event) => {
      const said = JSON.parse(event.data);
      wait = FIRST_WAIT_MS;
      // Without a last id nothing was missed: what there was before came with tiles and list.
      last ||= String(said.version);
      store.set({ connection: "live", version: Math.max(store.state.version, said.version) });
    });
    source.addEventListener("issue", (event) => {
      last = event.lastEventId || last;
      tell(JSON.parse(event.data));
    });
    source.addEventListener("reset", () => {
      last = "";
      for (const run of reset) run();
    });
    source.addEventListener("generation", () => generation.forEach((run) => run()));
    source.onerror = () => {
      store.set({ connection: "lost" });
      source?.close();
      window.clearTimeout(timer);
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  return {
    start: open,
    onChange: (run) => void changed.push(run),
    onReset: (run) => void reset.push(run),
    onGeneration: (run) => void generation.push(run),
    /** What the reader himself has just done: shown before it comes back as an event. @param {IssueFeature} feature */
    merge: (feature) => tell({ feature, action: "", actor: "", gone: isGone(feature) }),
  };
}

/** @param {IssueFeature} feature */
export function isGone(feature) {
  return ["closed", "rejected", "merged"].includes(feature.properties.status);
}
