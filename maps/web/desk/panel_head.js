// The head of the panel: what it is, where it stands, how long it may take, whose it is.
import { el, fact } from "./dom.js";
import { dueBadge } from "./list_row.js";
import { markIcon, statusName, turnName, turnOf } from "./marks.js";
import { addSection } from "./sections.js";
import { capital, hasWord, say, shareText } from "./strings.js";
import { agoText, lateness, timeText } from "./times.js";
/** @import { Desk, FullIssue } from "./types.js" */

export function addHead() {
  addSection({ id: "head", order: 10, render: head });
}

/** @param {FullIssue} issue @param {Desk} desk */
function head({ properties: issue, duplicates }, { names }) {
  const turn = turnOf(issue.status, issue.owner_id !== null);
  const due = lateness(issue);
  const flags = issue.flags.map((flag) => el("li", {}, hasWord(`flag.${flag}`) ? say(`flag.${flag}`) : flag));
  return el("div", { class: "issue-head" },
    el("h2", { id: "panel-title" }, markIcon(turn, due.kind === "over"), names.category(issue.category)),
    el("p", { class: "issue-number" }, issue.number, el("span", { class: "quiet" }, ` · ${agoText(issue.created_at)}`)),
    el("p", { class: "issue-state" }, el("strong", {}, capital(statusName(issue.status))), el("span", { class: "quiet" }, say("state.turn", { turn: turnName(turn) })), " ", dueBadge(due)),
    el("dl", { class: "facts" },
      ...fact(say("owner"), names.owner(issue.owner_id)),
      ...fact(say("certainty"), certaintyText(issue)),
      ...fact(say("cell"), issue.cell_name ?? issue.cell_code),
      ...fact(say("opened"), timeText(issue.created_at)),
      ...fact(say("due"), timeText(issue.due_at)),
      ...fact(say("claimed"), issue.claimed_by ? say("claimed.until", { who: issue.claimed_by, at: timeText(issue.claimed_until) }) : ""),
      ...fact(say("reports"), issue.report_count > 1 ? String(issue.report_count) : ""),
      ...fact(say("mergedInto"), issue.merged_into)),
    flags.length ? el("ul", { class: "flags", "aria-label": say("flags") }, ...flags) : null,
    duplicates.length ? el("p", { class: "hint" }, say("duplicates.some", { n: duplicates.length })) : null);
}

/** @param {FullIssue["properties"]} issue */
function certaintyText(issue) {
  if (!issue.certainty) return "";
  return say(`certainty.${issue.certainty}`) + shareText(issue.owner_share);
}
