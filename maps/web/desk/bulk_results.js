// What became of each of many issues: those that were refused first, with the reason.
import { Problem } from "./api.js";
import { button, el } from "./dom.js";
import { statusName } from "./marks.js";
import { grouped, hasWord, say } from "./strings.js";
/** @import { Desk, IssueFeature } from "./types.js" */
/** @import { Result } from "./bulk_form.js" */

const SHOWN = 200;

/**
 * @param {HTMLElement} box
 * @param {{ text: string, results: Result[], before: IssueFeature[] }} said
 * @param {Desk} desk
 */
export function drawResults(box, { text, results, before }, desk) {
  const done = results.filter((one) => one.ok);
  const refused = results.filter((one) => !one.ok);
  box.replaceChildren(
    el("h3", { tabindex: -1 }, text),
    refused.length ? el("p", { class: "quiet" }, say("bulk.keep")) : "",
    refused.length ? el("h4", {}, say("bulk.refused")) : "", refused.length ? refusals(refused, before, desk) : "",
    done.length ? el("details", { class: "story", open: done.length <= 5 && refused.length === 0 }, el("summary", {}, `${say("bulk.succeeded")} (${grouped(done.length)})`), list(done, before, desk)) : "");
}

/** @param {Result[]} results @param {IssueFeature[]} before @param {Desk} desk */
export function refusals(results, before, desk) {
  return list(results.filter((one) => !one.ok), before, desk);
}

/** @param {Result[]} results @param {IssueFeature[]} before @param {Desk} desk */
function list(results, before, desk) {
  const known = new Map(before.map((one) => [one.id, one]));
  const rest = results.length - SHOWN;
  return el("ul", { class: "bulk-list" }, ...results.slice(0, SHOWN).map((one) => row(one, known.get(one.id), desk)),
    rest > 0 ? el("li", { class: "quiet" }, say("bulk.more", { n: grouped(rest) })) : null);
}

/** @param {Result} result @param {IssueFeature | undefined} was @param {Desk} desk */
function row({ id, issue, error }, was, desk) {
  const feature = issue ?? was;
  const number = feature?.properties.number ?? id;
  const owner = issue?.properties.owner_id ? ` · ${desk.names.owner(issue.properties.owner_id)}` : "";
  return el("li", { "data-issue": number, class: error ? "refused" : "done" },
    el("p", {}, button(number, () => desk.select(number), { class: "link" }), " ", el("span", { class: "quiet" }, feature ? statusName(feature.properties.status) + (error ? "" : owner) : "")),
    error ? el("p", { class: "bulk-why" }, whyNot(error)) : null);
}

/** @param {Record<string, any>} error */
function whyNot(error) {
  const key = `refused.${error.code}`;
  return hasWord(key) ? say(key) : new Problem(error.status, error).words;
}
