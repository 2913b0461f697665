// What I have claimed, what nobody has, and the next one to claim.
import { get, Problem, problemWords } from "./api.js";
import { remember, sendAction, tell } from "./act_run.js";
import { WAITING } from "./marks.js";
import { issueQuery } from "./query.js";
import { button, el } from "./dom.js";
import { say } from "./strings.js";
/** @import { Desk, IssueFeature } from "./types.js" */

const TRIES = 10;

/** Two filters and a button; drawn by the bar above the list. @param {Desk} desk */
export function queueButtons(desk) {
  const { filters } = desk.store.state;
  const made = (/** @type {string} */ id, /** @type {string} */ word) => {
    const on = filters.claimed.length === 1 && filters.claimed[0] === word;
    return button(say(id), () => desk.store.set({ filters: { ...desk.store.state.filters, claimed: on ? [] : [word] } }), { id: id.replace(".", "-"), class: "toggle", "aria-pressed": String(on) });
  };
  return el("div", { class: "bar-group", role: "group", "aria-label": say("queue.label") },
    made("queue.mine", "me"), made("queue.free", "nobody"),
    button(say("queue.next"), () => void claimNext(desk), { id: "queue-next", title: say("queue.nextHelp"), "aria-keyshortcuts": "G" }));
}

let busy = false;

/** Claims the most urgent one that waits and is free; of two who ask at once, the other gets the one after it. @param {Desk} desk */
export async function claimNext(desk) {
  if (busy) return;
  busy = true;
  try {
    const free = await waiting(desk);
    for (const one of free) if (await claimed(desk, one)) return;
    tell(desk, say("queue.none"));
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error", action: { label: say("act.retry"), run: () => void claimNext(desk) } });
  } finally {
    busy = false;
  }
}

/** @param {Desk} desk @returns {Promise<IssueFeature[]>} */
async function waiting({ store }) {
  const { filters } = store.state;
  const status = filters.status.filter((one) => WAITING.includes(one));
  if (filters.status.length && !status.length) return [];
  const query = issueQuery({ ...filters, claimed: ["nobody"], status: status.length ? status : WAITING });
  query.set("sort", "due");
  query.set("limit", String(TRIES));
  return (await get("/v1/issues/list", { query })).rows;
}

/** @param {Desk} desk @param {IssueFeature} one @returns {Promise<boolean>} */
async function claimed(desk, one) {
  try {
    const feature = /** @type {IssueFeature} */ (await sendAction(one.id, { action: "claim" }));
    desk.live.merge(feature);
    desk.select(feature.properties.number);
    const { number, seq } = feature.properties;
    remember(desk, { action: "claim", entries: [{ id: feature.id, number, seq, base: one.properties.seq }] }, say("did.claim", { number }));
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 409) return false;
    throw error;
  }
}
