// What may be done with the open issue: the next step on one button, everything else beside it, and the keys.
import { get, problemWords } from "./api.js";
import { drawConflict } from "./act_conflict.js";
import { drawForm } from "./act_form.js";
import { draftOf, dropDraft, lastStep, me, newDraft, onDraft, perform, tell, undoStep } from "./act_run.js";
import { ACT_WORDS } from "./act_words.js";
import { button, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { stopMove } from "./move_form.js";
import { addSection } from "./sections.js";
import { actionName, addWords, capital, currentLanguage, inLanguage, say } from "./strings.js";
/** @import { Desk, FullIssue } from "./types.js" */
/** @import { Draft } from "./act_run.js" */

addWords(ACT_WORDS);

const NEXT = /** @type {Record<string, string>} */ ({ received: "dispatch", returned: "dispatch", reopened: "dispatch", dispatched: "handled", in_progress: "handled", handled: "verify", verified: "close", closed: "reopen", rejected: "reopen", merged: "reopen" });
const ORDER = ["claim", "release", "confirm", "start", "verify", "close", "return", "transfer", "reject", "ask", "merge", "move", "reopen", "comment"];
const AT_ONCE = ["claim", "release", "confirm", "start", "handled", "verify"];
const KEYS = /** @type {Record<string, string>} */ ({ dispatch: "D", transfer: "D", return: "R", handled: "C", verify: "C", close: "C", reject: "C" });
/** Where the focus goes once the panel has been drawn anew. */
let refocus = false;

export function addActions() {
  addSection({ id: "actions", order: 20, render: (issue, desk) => render(issue, desk) });
}

/** @param {FullIssue} issue @param {Desk} desk */
function render(issue, desk) {
  const root = el("div", { id: "act" });
  fill(root, issue, desk);
  if (refocus) queueMicrotask(() => {
    refocus = false;
    if (document.activeElement === document.body || document.activeElement?.id === "panel") firstField(root)?.focus({ preventScroll: true });
  });
  return root;
}

/** @param {HTMLElement} root @param {FullIssue} issue @param {Desk} desk */
function fill(root, issue, desk) {
  const draft = draftOf(issue.id);
  const open = draft?.open === true;
  stopMove();
  root.replaceChildren(...(draft && open ? [opened(desk, draft)] : closed(issue, desk, draft?.busy === true)));
  queueMicrotask(() => root.closest(".panel-section")?.toggleAttribute("data-keep", open));
}

/** @param {Desk} desk @param {Draft} draft */
function opened(desk, draft) {
  const leave = () => {
    draft.open = false;
    draft.conflict = null;
    draft.fault = draft.meanwhile = "";
    if (!draft.reason && !draft.place && !draft.into) dropDraft(draft);
    redraw(desk, draft.issue.id, true);
    desk.panel.reload();
  };
  if (draft.conflict) {
    return drawConflict(desk, draft, {
      again: () => void perform(desk, Object.assign(draft, { issue: draft.conflict ?? draft.issue, seq: draft.conflict?.properties.seq ?? draft.seq })),
      comment: () => void perform(desk, Object.assign(draft, { action: "comment", owner: "", into: "", place: null })),
      leave: () => {
        dropDraft(draft);
        leave();
      },
    }) ?? "";
  }
  return drawForm(desk, draft, { submit: () => void perform(desk, draft), cancel: leave });
}

/** @param {FullIssue} issue @param {Desk} desk @param {boolean} busy */
function closed(issue, desk, busy) {
  const may = new Set(issue.actions);
  const next = NEXT[issue.properties.status];
  const primary = may.has(next) ? next : "";
  const others = ORDER.filter((action) => may.has(action) && action !== primary);
  const press = (/** @type {string} */ action) => () => void choose(desk, issue, action);
  /** @param {string} action @param {string} label @param {Record<string, any>} [more] */
  const made = (action, label, more) => {
    const one = button(label, more?.open ? () => void openForm(desk, issue, action) : press(action), { "data-action": more?.open ? `${action}-other` : action, "data-key": `act-${action}${more?.open ? "-other" : ""}`, disabled: busy, class: more?.class, "aria-keyshortcuts": KEYS[action] });
    if (KEYS[action] && more?.key) one.append(" ", el("kbd", { "aria-hidden": "true" }, KEYS[action]));
    return one;
  };
  const proposed = issue.proposed_owner !== null;
  return [
    el("h3", { class: "hidden" }, say("act.title")),
    primary ? made(primary, label(primary, issue, desk), { class: "primary act-next", key: true }) : null,
    el("div", { class: "act-others" },
      primary === "dispatch" && proposed ? made("dispatch", say("act.more", { action: say("act.dispatchOther") }), { open: true }) : null,
      ...others.map((action) => made(action, label(action, issue, desk))),
      may.has("undo") ? made("undo", undoLabel(issue)) : null,
      el("a", { class: "act-link", href: `/issues/${encodeURIComponent(issue.properties.number)}/work-order.html?lang=${currentLanguage()}`, target: "_blank", rel: "noopener" }, say("act.workOrder"))),
    issue.actions.length ? null : el("p", { class: "quiet" }, say("act.none")),
  ].filter((one) => one !== null);
}

/** @param {string} action @param {FullIssue} issue @param {Desk} desk */
function label(action, issue, desk) {
  if (action === "dispatch" && issue.proposed_owner) return say("act.dispatchTo", { owner: desk.names.owner(issue.proposed_owner.id) });
  const name = capital(actionName(action));
  return isAtOnce(action, issue) ? name : say("act.more", { action: name });
}

/** @param {FullIssue} issue */
function undoLabel(issue) {
  const last = issue.may.find((one) => one.action === "undo")?.undoes;
  return say("act.more", { action: last ? say("undo.what", { action: inLanguage(last.name) }) : say("undo.it") });
}

/** Whether one press does it. @param {string} action @param {FullIssue} issue */
function isAtOnce(action, issue) {
  if (action === "dispatch") return issue.proposed_owner !== null;
  if (action === "close") return !issue.may.find((one) => one.action === "close")?.needs.includes("reason");
  return AT_ONCE.includes(action);
}

/** @param {Desk} desk @param {FullIssue} issue @param {string} action */
async function choose(desk, issue, action) {
  if (!isAtOnce(action, issue)) return openForm(desk, issue, action);
  const draft = newDraft(issue, action);
  if (draft.busy) return;
  Object.assign(draft, { reason: "", owner: "" });
  await perform(desk, draft);
}

/** @param {Desk} desk @param {FullIssue} issue @param {string} action */
function openForm(desk, issue, action) {
  const draft = newDraft(issue, action);
  if (draft.busy) return;
  draft.open = true;
  redraw(desk, issue.id, true);
}

/** Draws the section again, if it is this issue's. @param {Desk} desk @param {string} id @param {boolean} focus */
function redraw(desk, id, focus) {
  const root = document.getElementById("act");
  const issue = desk.panel.issue();
  if (!root || issue?.id !== id) return;
  const held = document.activeElement instanceof HTMLElement && root.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  fill(root, issue, desk);
  const again = held ? root.querySelector(`[data-key="${CSS.escape(held)}"]`) : null;
  if (again instanceof HTMLElement && !focus) again.focus({ preventScroll: true });
  else if (held || focus) {
    refocus = true;
    firstField(root)?.focus();
  }
}

/** @param {HTMLElement} root @returns {HTMLElement | null} */
function firstField(root) {
  return root.querySelector("#act-conflict-title") ?? root.querySelector(".act-form input, .act-form textarea") ?? root.querySelector(".act-next, .act-others button");
}

/** @param {Desk} desk */
export function startActing(desk) {
  const { store } = desk;
  onDraft((draft) => {
    const isHere = document.getElementById("act")?.contains(document.activeElement) === true;
    redraw(desk, draft.issue.id, draft.conflict !== null || (isHere && draft.open && draft.fault !== ""));
  });
  store.watch(["issue"], stopMove);
  store.watch(["lang"], () => {
    const issue = desk.panel.issue();
    if (issue) redraw(desk, issue.id, false);
  });
  desk.live.onChange(({ feature, action, actor }) => {
    const draft = draftOf(feature.id);
    if (!draft?.open || draft.busy || draft.conflict || !action || feature.properties.seq <= draft.seq || actor === me(desk)) return;
    draft.meanwhile = say("conflict.meanwhile", { who: actor, action: actionName(action) });
    const hint = document.getElementById("act-meanwhile");
    if (hint && desk.panel.issue()?.id === feature.id) [hint.textContent, hint.hidden] = [draft.meanwhile, false];
  });
  const isOpen = () => store.state.issue !== "";
  shortcut({ key: "d", help: "keys.dispatch", when: isOpen, run: () => void byKey(desk, ["dispatch", "transfer"]) });
  shortcut({ key: "r", help: "keys.return", when: isOpen, run: () => void byKey(desk, ["return"]) });
  shortcut({ key: "c", help: "keys.closeStep", when: isOpen, run: () => void byKey(desk, ["close", "verify", "handled", "reject"]) });
  shortcut({ key: "u", help: "keys.undo", run: () => void undo(desk) });
}

/** The first of some actions that may be done with the issue that is chosen. @param {Desk} desk @param {string[]} wanted */
async function byKey(desk, wanted) {
  const issue = await chosen(desk);
  if (!issue) return;
  const steps = wanted.filter((action) => issue.actions.includes(action));
  // Of a handled one the usual next step is that somebody looks.
  const action = steps.includes("verify") ? "verify" : steps[0];
  if (action) return choose(desk, issue, action);
  desk.notices.tell(say("conflict.gone", { action: actionName(wanted[0]) }));
}

/** The issue that is chosen, also while the panel still shows another. @param {Desk} desk @returns {Promise<FullIssue | null>} */
async function chosen(desk) {
  const name = desk.store.state.issue;
  const shown = desk.panel.issue();
  if (shown && (shown.id === name || shown.properties.number === name)) return shown;
  try {
    return await get(`/v1/issues/${encodeURIComponent(name)}`);
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error" });
    return null;
  }
}

/** What was done last here; else the open issue's last step, after a question. @param {Desk} desk */
async function undo(desk) {
  const step = lastStep();
  if (step) return undoStep(desk, step);
  const issue = desk.store.state.issue ? await chosen(desk) : null;
  if (issue?.actions.includes("undo")) return openForm(desk, issue, "undo");
  tell(desk, say("undo.nothing"));
}
