// Doing something with an issue: what was entered is kept until it is done, and a conflict is told with what the other did.
import { get, Problem, problemWords, send } from "./api.js";
import { actionName, say } from "./strings.js";
/** @import { Desk, FullIssue, IssueFeature } from "./types.js" */

/**
 * What somebody is about to do with an issue.
 * @typedef {{
 *   issue: FullIssue, action: string, seq: number, open: boolean, busy: boolean, unsure: boolean,
 *   reason: string, owner: string, into: string, place: { lng: number, lat: number, datum: string, accuracy_m?: number } | null, remember: boolean, words: string,
 *   fault: string, conflict: FullIssue | null, meanwhile: string
 * }} Draft
 */
/** @typedef {{ entries: { id: string, number: string, seq: number, base: number }[], action: string }} Step what can be undone */

/** @type {Map<string, Draft>} */
const drafts = new Map();
/** @type {Step[]} what was done here, oldest first */
const steps = [];
const MOST_STEPS = 50, UNDO_MS = 12_000;
const NOT_UNDONE = ["comment", "undo"], NEEDS_NO_SEQ = ["comment", "claim", "release"];

/** Called when a draft has become another. @type {(draft: Draft) => void} */
let changed = () => {};

/** @param {(draft: Draft) => void} run */
export function onDraft(run) {
  changed = run;
}

/** @param {string} id @returns {Draft | undefined} */
export function draftOf(id) {
  return drafts.get(id);
}

/**
 * The draft of an action; words that were entered before are still in it.
 * @param {FullIssue} issue @param {string} action
 */
export function newDraft(issue, action) {
  const old = drafts.get(issue.id);
  if (old?.busy) return old;
  const kept = old?.action === action ? { reason: old.reason, owner: old.owner, into: old.into, place: old.place, remember: old.remember, words: old.words } : {};
  /** @type {Draft} */
  const draft = {
    issue, action, seq: issue.properties.seq, open: false, busy: false, unsure: false,
    reason: "", owner: "", into: "", place: null, remember: false, words: "", fault: "", conflict: null, meanwhile: "", ...kept,
  };
  drafts.set(issue.id, draft);
  return draft;
}

/** @param {Draft} draft */
export function dropDraft(draft) {
  if (drafts.get(draft.issue.id) === draft) drafts.delete(draft.issue.id);
}

/** The body of an action as the service takes it. @param {Draft} draft */
export function bodyOf({ action, seq, reason, owner, into, place, remember, words }) {
  return {
    action, ...(NEEDS_NO_SEQ.includes(action) ? {} : { seq }), ...(reason.trim() ? { reason: reason.trim() } : {}),
    ...(owner ? { owner } : {}), ...(into ? { into } : {}), ...(place ?? {}),
    ...(remember ? { remember: words.trim() || true } : {}),
  };
}

/** @param {string} id @param {object} body @param {string} [query] @returns {Promise<any>} */
export function sendAction(id, body, query = "") {
  return send(`/v1/issues/${encodeURIComponent(id)}/actions${query}`, body);
}

/** Does it, once; what is refused stays as a draft that says why. @param {Desk} desk @param {Draft} draft */
export async function perform(desk, draft) {
  if (draft.busy) return;
  Object.assign(draft, { busy: true, fault: "", conflict: null });
  changed(draft);
  try {
    done(desk, draft, await sendAction(draft.issue.id, bodyOf(draft)));
  } catch (error) {
    await refused(desk, draft, error);
  }
}

/** @param {Desk} desk @param {Draft} draft @param {IssueFeature} feature */
function done(desk, draft, feature) {
  const { action, seq } = draft;
  draft.busy = draft.open = false;
  dropDraft(draft);
  changed(draft);
  const entry = { id: feature.id, number: feature.properties.number, seq: feature.properties.seq, base: seq };
  if (action === "undo") wasUndone([entry]);
  desk.live.merge(feature);
  const text = say(`did.${action}`, { number: feature.properties.number, owner: desk.names.owner(feature.properties.owner_id) });
  if (NOT_UNDONE.includes(action)) tell(desk, text);
  else remember(desk, { action, entries: [entry] }, text);
}

/** Keeps what was done so that it can be undone, and says it. @param {Desk} desk @param {Step} step @param {string} text */
export function remember(desk, step, text) {
  steps.push(step);
  if (steps.length > MOST_STEPS) steps.shift();
  const undo = () => void undoStep(desk, step);
  desk.notices.announce(text);
  desk.notices.tell(text, { action: { label: `${say("undo.it")} (U)`, run: undo }, ms: UNDO_MS });
}

/** @param {Desk} desk @param {string} text */
export function tell(desk, text) {
  desk.notices.announce(text);
  desk.notices.tell(text);
}

/** @param {Desk} desk @param {Draft} draft @param {unknown} error */
async function refused(desk, draft, error) {
  draft.busy = false;
  if (error instanceof Problem && error.status === 409) {
    const fresh = await lookAgain(draft);
    if (fresh && draft.unsure && fresh.events.some((event) => event.seq > draft.seq && event.kind === draft.action && event.actor === me(desk))) {
      return done(desk, draft, fresh);
    }
    draft.conflict = fresh;
  }
  // A lost answer and a fault of the service leave open whether it was done; the number of the version sees to it that it is done once.
  draft.unsure ||= !(error instanceof Problem) || error.status === 0 || error.status >= 500;
  draft.fault = draft.conflict ? "" : problemWords(error);
  draft.open = true;
  changed(draft);
  if (desk.panel.issue()?.id === draft.issue.id) return;
  const { number } = draft.issue.properties;
  const text = say(draft.conflict ? "conflict.notice" : "conflict.fault", { number, action: actionName(draft.action), why: draft.fault });
  desk.notices.tell(text, { kind: "error", action: { label: say("act.look"), run: () => desk.select(number) } });
}

/** @param {Draft} draft @returns {Promise<FullIssue | null>} */
async function lookAgain(draft) {
  try {
    return await get(`/v1/issues/${encodeURIComponent(draft.issue.id)}`);
  } catch {
    return null;
  }
}

/** @param {Desk} desk */
export function me({ store }) {
  return store.state.session?.name ?? "";
}

export function lastStep() {
  return steps.at(-1);
}

/** What was undone is no step any more; the one before it stands on the new state. @param {Step["entries"]} entries as they are now */
function wasUndone(entries) {
  for (const { id, seq, base } of entries) {
    const at = steps.findLastIndex((step) => step.entries.some((one) => one.id === id && one.seq === base));
    if (at < 0) continue;
    const undone = steps[at].entries.find((one) => one.id === id);
    steps[at].entries = steps[at].entries.filter((one) => one.id !== id);
    if (!steps[at].entries.length) steps.splice(at, 1);
    for (const step of steps) for (const one of step.entries) if (one.id === id && one.seq === undone?.base) one.seq = seq;
  }
}

/** Undoes what was done here, if nobody has done anything since. @param {Desk} desk @param {Step} step */
export async function undoStep(desk, step) {
  if (!steps.includes(step)) return tell(desk, say("undo.nothing"));
  if (step.entries.length > 1) return undoMany(desk, step);
  const [{ id, seq }] = step.entries;
  try {
    const shown = desk.panel.issue();
    const issue = shown?.id === id && shown.properties.seq === seq ? shown : await get(`/v1/issues/${id}`);
    const draft = newDraft(issue, "undo");
    if (draft.busy) return;
    Object.assign(draft, { seq, reason: "" });
    await perform(desk, draft);
    if (draft.conflict) steps.splice(steps.indexOf(step), 1); // the choice is in the panel now
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error" });
  }
}

/** @param {Desk} desk @param {Step} step */
async function undoMany(desk, step) {
  try {
    const { entries } = step;
    const answer = await send("/v1/issues/actions", { action: "undo", ids: entries.map(({ id, seq }) => ({ id, seq })) });
    const back = answer.results.filter((/** @type {any} */ one) => one.ok).map((/** @type {any} */ one) => one.issue);
    wasUndone(back.map((/** @type {IssueFeature} */ issue) => ({ id: issue.id, number: issue.properties.number, seq: issue.properties.seq, base: entries.find((one) => one.id === issue.id)?.seq ?? 0 })));
    steps.splice(0, steps.length, ...steps.filter((one) => one !== step));
    mergeAll(desk, back);
    tell(desk, answer.refused ? say("undo.some", { n: answer.done, m: answer.refused }) : say("undo.many", { n: answer.done }));
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error", action: { label: say("act.retry"), run: () => void undoMany(desk, step) } });
  }
}

/** Shows what was done with many; of very many, the events tell. @param {Desk} desk @param {IssueFeature[]} features */
export function mergeAll(desk, features) {
  for (const feature of features.slice(0, 100)) desk.live.merge(feature);
  if (features.length > 100) desk.list.reload();
}
