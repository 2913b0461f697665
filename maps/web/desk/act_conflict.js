// Somebody else was faster: what he did, how it stands now, and what one may do about it.
import { button, el } from "./dom.js";
import { statusName } from "./marks.js";
import { actionName, capital, inLanguage, say } from "./strings.js";
import { timeText } from "./times.js";
/** @import { Desk, IssueEvent } from "./types.js" */
/** @import { Draft } from "./act_run.js" */

/**
 * @param {Desk} desk @param {Draft} draft whose `conflict` is the issue as it is now
 * @param {{ again: () => void, comment: () => void, leave: () => void }} on
 */
export function drawConflict(desk, draft, on) {
  const fresh = draft.conflict;
  if (!fresh) return null;
  const action = capital(actionName(draft.action));
  const { claimed_by: holder, claimed_until: until, status, owner_id: owner } = fresh.properties;
  const held = holder && holder !== desk.store.state.session?.name && !fresh.actions.includes(draft.action);
  const possible = fresh.actions.includes(draft.action);
  const others = fresh.events.filter((event) => event.seq > draft.seq);
  const owned = owner ? ` · ${desk.names.owner(owner)}` : "";
  return el("div", { class: "act-conflict", role: "alertdialog", "aria-labelledby": "act-conflict-title" },
    el("h4", { id: "act-conflict-title", tabindex: -1 }, say("conflict.title")),
    el("ol", {}, ...others.map((event) => entry(event, desk))),
    el("p", {}, say("conflict.now", { status: statusName(status) }), owned),
    held ? el("p", {}, say("conflict.claimed", { who: holder, at: timeText(until) })) : null,
    possible || held ? null : el("p", {}, say("conflict.gone", { action: actionName(draft.action) })),
    draft.reason.trim() ? el("blockquote", {}, draft.reason) : null,
    el("div", { class: "act-buttons" },
      possible ? button(say("conflict.again", { action: desk.store.state.lang === "zh" ? actionName(draft.action) : action }), on.again, { class: "primary", "data-key": "conflict-again" }) : null,
      draft.reason.trim() && draft.action !== "comment" && fresh.actions.includes("comment") ? button(say("conflict.comment"), on.comment, { "data-key": "conflict-comment" }) : null,
      button(say("conflict.leave"), on.leave, { "data-key": "conflict-leave" })));
}

/** @param {IssueEvent} event @param {Desk} desk */
function entry({ name, kind, actor, at, reason, after }, desk) {
  const who = actor === desk.store.state.session?.name ? say("conflict.you") : actor;
  const owner = after.owner_id ? ` → ${desk.names.owner(after.owner_id)}` : "";
  return el("li", {}, el("strong", {}, who), ` · ${inLanguage(name, kind)}${owner} · `, el("time", { datetime: at }, timeText(at)), reason ? el("blockquote", {}, reason) : null);
}
