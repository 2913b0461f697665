// What happened to it, newest first: who, when, why, and what became of it.
import { el } from "./dom.js";
import { statusName } from "./marks.js";
import { addSection } from "./sections.js";
import { capital, inLanguage, say } from "./strings.js";
import { timeText } from "./times.js";
/** @import { Desk, FullIssue, IssueEvent } from "./types.js" */

export function addHistory() {
  addSection({ id: "history", order: 60, title: "history", render: history });
}

/** @param {FullIssue} issue @param {Desk} desk */
function history({ events }, desk) {
  return el("ol", { class: "history", reversed: true }, ...events.toReversed().map((one) => entry(one, desk)));
}

/** @param {IssueEvent} event @param {Desk} desk */
function entry(event, desk) {
  const name = capital(inLanguage(event.name, event.kind));
  const became = changes(event, desk);
  return el("li", { class: event.undone ? "undone" : null },
    el("p", {}, el("strong", {}, name), ` · ${event.actor}`, event.undone ? el("em", {}, say("history.undone")) : ""),
    became ? el("p", {}, became) : null,
    event.reason ? el("blockquote", {}, event.reason) : null,
    el("p", { class: "quiet" }, el("time", { datetime: event.at }, timeText(event.at))));
}

/** @param {IssueEvent} event @param {Desk} desk */
function changes({ before, after }, { names }) {
  const told = [];
  if (after.status && after.status !== before.status) told.push(before.status ? `${statusName(before.status)} → ${statusName(after.status)}` : statusName(after.status));
  if ("owner_id" in after && after.owner_id !== before.owner_id) told.push(`${say("owner")}${say("colon")}${names.owner(after.owner_id)}`);
  if ("category" in after && before.category && after.category !== before.category) told.push(names.category(after.category));
  return told.join(" · ");
}
