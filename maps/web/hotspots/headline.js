// The finding in a sentence, and what else one must know at once.
import { byId } from "../page/dom.js";
import { currentLanguage, grouped, say } from "../page/strings.js";
import { categoryTitle, riskText } from "./facts.js";
import { chanceSentence, countText, ratioText } from "./numbers.js";
import { isNew, shortTitle, strongestFirst } from "./rows.js";

export function drawHeadline(page) {
  const [first, second] = [findings(page), besides(page)];
  const joined = (sentences) => sentences.filter(Boolean).join(currentLanguage() === "zh" ? "" : " ");
  // On paper nothing else says which of several categories it is.
  const of = page.tallies.length > 1 ? say("ofCategory", { category: categoryTitle(page, page.category, page.tally?.name) }) : "";
  byId("headline").textContent = of + joined(first);
  byId("second").textContent = joined(second);
}

function findings(page) {
  const { tally, hotspots } = page;
  if (!tally) return [say("nothing")];
  const [hot, cold, plain] = tally.classes;
  const facts = { n: grouped(hot + cold + plain), hot: grouped(hot), cold: grouped(cold) };
  if (hot + cold + plain === 0) return [say("nothing")];
  const key = hot && cold ? "foundCold" : hot ? "found" : cold ? "foundColdOnly" : "foundNone";
  return [say(key, facts), hot ? strongest(page, hotspots) : ""];
}

function strongest(page, table) {
  const [row] = strongestFirst(table, page.rows.filter((one) => table.text("class", one) === "hot"));
  if (row === undefined) return "";
  const facts = { cell: shortTitle(table, row), risk: riskText(table, row), q: chanceSentence("q", table.number("q", row)) };
  return say(Number.isNaN(table.number("relative_risk", row)) ? "strongestNoRisk" : "strongest", facts);
}

function besides(page) {
  const { tally, hotspots: table } = page;
  if (!tally) return [];
  const fresh = page.rows.filter((row) => table.text("class", row) === "hot" && isNew(table, row)).length;
  const left = tally.classes[3];
  return [fresh ? say("newOnes", { n: grouped(fresh) }) : "", likeliest(page), left ? say("excludedOnes", { n: grouped(left) }) : ""];
}

function likeliest({ clusters: table, clusterRows }) {
  const row = clusterRows.find((one) => table.number("rank", one) === 1) ?? clusterRows[0];
  if (row === undefined || !(table.number("cells", row) > 0)) return "";
  const number = (name) => countText(table.number(name, row));
  return say("likeliest", { n: number("cells"), observed: number("observed"), expected: number("expected"), risk: ratioText(table.number("relative_risk", row)), p: chanceSentence("p", table.number("p", row)) });
}
