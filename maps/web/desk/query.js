// Which issues are meant: the filters as the service's query, and as a test of one issue.
import { SOON_H } from "./times.js";
/** @import { Box, Filters, IssueProperties } from "./types.js" */

const HOUR = 3_600_000, STEP = 5 * 60_000; // times go in steps, so that tiles keep their addresses for a while
const LISTS = /** @type {const} */ (["status", "category", "owner", "cell", "certainty", "flag", "claimed"]);
export const NOBODY = "-"; // among owners: issues that nobody answers for

/** @param {number} time @returns {string} */
function moment(time) {
  return new Date(time).toISOString().replace(".000", "");
}

/**
 * When an issue has to have been opened.
 * @param {Filters} filters @param {number} now
 * @returns {{ since: number | null, until: number | null }}
 */
export function openedWithin(filters, now) {
  const here = Math.ceil(now / STEP) * STEP;
  const since = filters.hours ? here - (filters.ago + filters.hours) * HOUR : null;
  const ends = [filters.hours && filters.ago ? here - filters.ago * HOUR : null, filters.age ? here - filters.age * HOUR : null];
  const until = ends.filter((one) => one !== null);
  return { since, until: until.length ? Math.min(...until) : null };
}

/**
 * The filters as GET /v1/issues takes them.
 * @param {Filters} filters @param {number} [now]
 */
export function issueQuery(filters, now = Date.now()) {
  const query = new URLSearchParams();
  for (const key of LISTS) {
    const words = filters[key];
    if (words.length && !(key === "owner" && words.includes(NOBODY))) query.set(key, words.join(","));
  }
  if (filters.owner.includes(NOBODY)) query.set("unassigned", "true");
  if (filters.text.trim()) query.set("text", filters.text.trim());
  const { since, until } = openedWithin(filters, now);
  if (since !== null) query.set("created_since", moment(since));
  if (until !== null) query.set("created_until", moment(until));
  if (filters.late === "over") query.set("overdue", "true");
  if (filters.late === "in_time" || filters.late === "soon") query.set("overdue", "false");
  if (filters.late === "soon") query.set("due_before", moment(Math.ceil(now / STEP) * STEP + SOON_H * HOUR));
  return query;
}

/** @param {Box} box */
export function boxText(box) {
  return box.map((one) => one.toFixed(6)).join(",");
}

/**
 * Whether an issue passes the filters, as far as its feature tells; its own words it does not tell.
 * @param {IssueProperties} issue @param {Filters} filters @param {string | null} me @param {number} [now]
 */
export function passes(issue, filters, me, now = Date.now()) {
  return (
    has(filters.status, issue.status) && has(filters.category, issue.category) && passesOwner(issue, filters)
    && (!filters.cell.length || filters.cell.some((code) => (issue.cell_path ?? "").split("/").includes(code)))
    && has(filters.certainty, issue.certainty ?? "none") && has(filters.claimed.map((one) => (one === "me" ? me : one)), issue.claimed_by ?? "nobody")
    && (!filters.flag.length || filters.flag.some((one) => issue.flags.includes(one)))
    && passesTimes(issue, filters, now) && passesText(issue, filters.text)
  );
}

/** @param {(string | null)[]} wanted @param {string | null} word */
function has(wanted, word) {
  return !wanted.length || wanted.includes(word);
}

/** @param {IssueProperties} issue @param {Filters} filters */
function passesOwner(issue, filters) {
  if (!filters.owner.length) return true;
  const unowned = issue.owner_id === null && issue.queue === "unassigned";
  return filters.owner.includes(NOBODY) ? unowned : filters.owner.includes(issue.owner_id ?? "");
}

/** @param {IssueProperties} issue @param {Filters} filters @param {number} now */
function passesTimes(issue, filters, now) {
  const { since, until } = openedWithin(filters, now);
  const opened = Date.parse(issue.created_at);
  if ((since !== null && opened < since) || (until !== null && opened > until)) return false;
  if (!filters.late) return true;
  const over = issue.overdue || (issue.due_at !== null && Date.parse(issue.due_at) < now && !["handled", "verified"].includes(issue.status));
  if (filters.late === "over") return over;
  return !over && (filters.late !== "soon" || (issue.due_at !== null && Date.parse(issue.due_at) < now + SOON_H * HOUR));
}

/** @param {IssueProperties} issue @param {string} text */
function passesText(issue, text) {
  const names = issue.category_name;
  const said = [issue.number, names?.zh, names?.en, issue.owner_name].join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}
