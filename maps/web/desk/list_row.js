// One row of the list: the mark, the number, what, whose, where, and the limit.
import { el, svg } from "./dom.js";
import { markIcon, statusName, turnName, turnOf } from "./marks.js";
import { capital, say } from "./strings.js";
import { agoText, lateness, timeText } from "./times.js";
/** @import { CityNames, IssueFeature } from "./types.js" */

/**
 * What stands in a row; its text is what a screen reader reads.
 * @param {IssueFeature} feature @param {CityNames} names
 * @returns {Node[]}
 */
export function rowContent(feature, names) {
  const issue = feature.properties;
  const turn = turnOf(issue.status, issue.owner_id !== null);
  const due = lateness(issue);
  return [
    markIcon(turn, due.kind === "over"),
    el("span", { class: "row-what" }, names.category(issue.category)),
    el("span", { class: "row-due" }, dueBadge(due)),
    el("span", { class: "row-whose" },
      el("span", { class: "row-status" }, capital(turn === "unassigned" ? turnName(turn) : statusName(issue.status))),
      issue.owner_id ? ` · ${names.owner(issue.owner_id)}` : "", issue.cell_name ? ` · ${issue.cell_name}` : ""),
    el("span", { class: "row-number" }, `${issue.number} · ${agoText(issue.created_at)}`),
    el("span", { class: "row-signs" }, ...signs(feature)),
  ];
}

/** @param {{ kind: string, text: string }} due */
export function dueBadge(due) {
  const drawn = DUE_SIGNS[due.kind];
  return el("span", { class: `due due-${due.kind}` }, drawn ? svg("0 0 16 16", [{ d: drawn }]) : null, due.text);
}

/** @type {Record<string, string>} */
const DUE_SIGNS = {
  over: "M8 1.5L15 14H1zM8 6v4M8 11.6v.6",
  soon: "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13zM8 4.5v3.7l2.6 1.6",
};

/** @param {IssueFeature} feature */
function signs({ properties: issue }) {
  const said = [];
  if (issue.certainty && issue.certainty !== "certain") said.push(el("span", { class: `sign-${issue.certainty}` }, say(`certainty.${issue.certainty}`)));
  if (issue.report_count > 1) said.push(el("span", {}, say("reports.n", { n: issue.report_count })));
  if (issue.claimed_by) said.push(el("span", { class: "sign-claim" }, say("claimed.by", { who: issue.claimed_by })));
  return said;
}

/** When it was opened and is due, for the title of a row. @param {IssueFeature} feature */
export function rowTitle({ properties: issue }) {
  const due = issue.due_at ? say("due.at", { at: timeText(issue.due_at) }) : "";
  return [say("opened.at", { at: timeText(issue.created_at) }), due].filter(Boolean).join("\n");
}
