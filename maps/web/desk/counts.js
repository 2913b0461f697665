// How many are open and how many late in the whole city; more late ones than before are announced.
import { get } from "./api.js";
import { button, byId, el } from "./dom.js";
import { grouped, say } from "./strings.js";
/** @import { Desk } from "./types.js" */

const LIVE_MS = 4000;

/** @param {Desk} desk */
export function startCounts({ live, notices, store }) {
  const place = byId("counts");
  let open = store.state.city?.open_issues ?? 0, late = -1, timer = 0;

  async function count() {
    window.clearTimeout(timer);
    timer = 0;
    const [all, over] = await Promise.all(["", "true"].map((overdue) => get("/v1/issues/list", { query: new URLSearchParams({ limit: "1", ...(overdue ? { overdue } : {}) }) }))).catch(() => []);
    if (!over) return;
    if (late >= 0 && over.total > late) notices.announce(say("announce.late", { n: grouped(over.total) }));
    [open, late] = [all.total, over.total];
    draw();
  }

  function draw() {
    const onlyLate = () => store.set({ filters: { ...store.state.filters, late: store.state.filters.late === "over" ? "" : "over" } });
    const held = place.contains(document.activeElement);
    place.replaceChildren(
      el("span", {}, say("counts.open", { n: grouped(open) })),
      late < 0 ? "" : button(say("counts.late", { n: grouped(late) }), onlyLate, { class: late ? "link late-text" : "link", id: "counts-late", "aria-pressed": String(store.state.filters.late === "over") }));
    if (held) document.getElementById("counts-late")?.focus();
  }

  live.onChange(() => (timer ||= window.setTimeout(count, LIVE_MS)));
  live.onReset(() => void count());
  store.watch(["minute"], () => void count());
  store.watch(["lang", "filters"], draw);
  draw();
  void count();
}
