// What is told of one cell or cluster: in the note beside the pointer, and in the popup.
import { categoryName } from "../page/data.js";
import { el, fact } from "../page/dom.js";
import { say, term } from "../page/strings.js";
import { chanceText, countText, intervalText, ratioText } from "./numbers.js";
import { cellTitle, isNew } from "./rows.js";
import { className } from "./words.js";

export function categoryTitle(page, code, name = "") {
  if (code === "") return name || say("allCategories");
  const known = categoryName(code, page.payload.categories);
  return known === code && name ? name : known;
}

export function assetTitle(table, row) {
  const [asset, kind, issues] = [table.text("top_asset", row), table.text("top_asset_kind", row), table.number("top_asset_issues", row)];
  if (!asset) return "";
  const there = Number.isNaN(issues) ? "" : ` · ${say("issuesThere", { n: countText(issues) })}`;
  return [kind ? term(kind) : "", asset].filter(Boolean).join(" ") + there;
}

export function riskText(table, row) {
  return intervalText(...["relative_risk", "rr_low", "rr_high"].map((name) => table.number(name, row)));
}

function ownText(table, row) {
  const parts = [["reports", "ownCounts", "reports"], ["issues", "ownIssues", "n"], ["reporters", "ownPeople", "n"]];
  return parts.filter(([name]) => !Number.isNaN(table.number(name, row)))
    .map(([name, key, fill]) => say(key, { [fill]: countText(table.number(name, row)) })).join(" · ");
}

function changeText(table, row) {
  const word = table.text("change_class", row);
  const ratio = table.number("change_ratio", row);
  if (!word && Number.isNaN(ratio)) return "";
  const times = Number.isNaN(ratio) ? "" : ` × ${intervalText(ratio, table.number("change_low", row), table.number("change_high", row))}`;
  return (word ? className(word) : "") + times;
}

function stabilityText(table, row) {
  const share = table.number("stability", row);
  return Number.isNaN(share) ? "" : say("stabilityText", { n: Math.round(100 * share) });
}

export function cellFacts(page, row) {
  const table = page.hotspots;
  const counts = (name) => countText(table.number(name, row));
  const word = (name) => (table.text(name, row) ? className(table.text(name, row)) : "");
  const dominant = table.text("top_category", row);
  return el("div", { class: "report" }, el("h2", { tabindex: "-1" }, cellTitle(table, row)), el("dl", {},
    ...fact(say("conclusion"), word("class")),
    ...fact(say("observed"), counts("observed")), ...fact(say("expected"), counts("expected")),
    ...fact(say("risk"), riskText(table, row)), ...fact(say("q"), chanceText(table.number("q", row))),
    ...fact(say("stability"), stabilityText(table, row)),
    ...fact(say("own"), ownText(table, row)),
    ...fact(say("dominant"), dominant && categoryTitle(page, dominant)), ...fact(say("topAsset"), assetTitle(table, row)),
    ...fact(say("newSpot"), table.has("is_new") && table.text("class", row) === "hot" ? say(isNew(table, row) ? "yes" : "no") : ""),
    ...fact(say("recently"), word("recent_class")), ...fact(say("change"), changeText(table, row)), ...fact(say("trend"), word("trend_class"))));
}

export function clusterName(table, row) {
  const rank = table.number("rank", row);
  return say("clusterNumber", { n: Number.isNaN(rank) ? row + 1 : rank });
}

export function clusterFacts(page, row) {
  const table = page.clusters;
  const radius = table.number("radius_m", row);
  return el("div", { class: "report" }, el("h2", { tabindex: "-1" }, clusterName(table, row)), el("dl", {},
    ...fact(say("observed"), countText(table.number("observed", row))), ...fact(say("expected"), countText(table.number("expected", row))),
    ...fact(say("risk"), ratioText(table.number("relative_risk", row))), ...fact("p", chanceText(table.number("p", row))),
    ...fact(say("cellsIn"), table.number("cells", row) > 0 ? countText(table.number("cells", row)) : ""),
    ...fact(say("radius"), Number.isNaN(radius) ? "" : say("metresAway", { m: countText(Math.round(radius)) }))));
}
