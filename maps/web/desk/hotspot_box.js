// What is told of hotspots beside the map: what was asked, what was found, the cells that stand out, one cell.
import { button, el, fact, svg } from "./dom.js";
import { currentLanguage, grouped, inLanguage, say, term } from "./strings.js";
/** @import { Names } from "./types.js" */

/** @typedef {Record<string, any>} Cell the properties of a feature, `layers/hotspot_columns.py` */
/** @typedef {{ features: GeoJSON.Feature[], about: Record<string, string>, notes: Names[] }} Hotspots */
/** @typedef {{ category(code: string | null): string }} CategoryNames */

const MOST_LISTED = 30;

/** @param {unknown} value */
function known(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** @param {unknown} value @param {Intl.NumberFormatOptions} options */
function numberText(value, options) {
  return known(value) ? Number(value).toLocaleString(currentLanguage() === "zh" ? "zh-CN" : "en-GB", options) : "—";
}

/** @param {Cell} cell */
export function riskText(cell) {
  const [risk, low, high] = [cell.relative_risk, cell.rr_low, cell.rr_high].map((one) => numberText(one, { maximumFractionDigits: one >= 10 ? 0 : one >= 1 ? 1 : 2 }));
  return known(cell.rr_low) && known(cell.rr_high) ? `${risk} (${low}–${high})` : risk;
}

/** @param {Cell} cell */
export function cellTitle(cell) {
  return String(cell.cell_name || cell.cell_code || "—");
}

/** @param {Cell} cell */
export function className(cell) {
  return say(cell.class === "hot" && cell.is_new ? "class.new" : `class.${cell.class}`);
}

/** Strongest first: hot ones by the lower limit of their risk, then cold ones. @param {Cell[]} cells */
export function standingOut(cells) {
  /** @param {string} name @param {number} way */
  const of = (name, way) => cells.filter((one) => one.class === name).sort((a, b) => way * ((a.rr_low ?? 0) - (b.rr_low ?? 0)));
  return [...of("hot", -1), ...of("cold", 1)];
}

/** The times and what it was held against. @param {Record<string, string>} about */
export function askedText(about) {
  const day = (/** @type {string | undefined} */ time) => String(time ?? "").slice(0, 10) || "…";
  const since = about.since || about.until_before || about.until ? say("hotspots.window", { since: day(about.since), until: day(about.until_before ?? about.until) }) : "";
  const held = ["share", "area", "population", "none"].includes(about.baseline) ? say(`baseline.${about.baseline}`) : about.baseline ? term(about.baseline) : "";
  return [since, held && say("hotspots.baseline") + say("colon") + held].filter(Boolean).join(" · ");
}

/** @param {Cell[]} cells */
export function classKey(cells) {
  const kinds = [["hot", false], ["hot", true], ["cold", false], ["not significant", false], ["excluded", false]];
  const rows = kinds.map(([kind, fresh]) => {
    const n = cells.filter((one) => one.class === kind && (kind !== "hot" || Boolean(one.is_new) === fresh)).length;
    return n || kind === "cold" || (kind === "hot" && !fresh) ? el("li", {}, swatch(String(kind), Boolean(fresh)), fresh ? say("class.new") : say(`class.${kind}`), el("span", { class: "count" }, grouped(n))) : null;
  });
  return el("ul", { class: "key spot-key" }, ...rows);
}

/** @param {string} kind @param {boolean} fresh */
function swatch(kind, fresh) {
  const stripes = kind === "cold" ? "M0 4h24M0 8h24M0 12h24" : fresh ? "M-2 10L10 -2M-2 18L18 -2M6 18L26 -2M14 18L26 6" : "";
  return svg("0 0 24 16", [{ d: "M1 1h22v14h-22z", class: "ground" }, ...(stripes ? [{ d: stripes, class: "stripes" }] : [])], `spot-swatch spot-${kind.replace(" ", "-")}`);
}

/** The cells that stand out, as buttons. @param {Cell[]} cells @param {(code: string) => void} choose @param {boolean} open */
export function cellList(cells, choose, open) {
  const found = standingOut(cells);
  if (!found.length) return null;
  const rows = found.slice(0, MOST_LISTED).map((cell) => {
    const row = button("", () => choose(String(cell.cell_code)), { class: "spot", "data-code": cell.cell_code });
    row.append(el("strong", {}, cellTitle(cell)), el("span", { class: "quiet" }, className(cell) + say("comma") + say("spot.risk", { risk: riskText(cell) })));
    return el("li", {}, row);
  });
  return el("details", { class: "spot-list", open }, el("summary", {}, say("hotspots.list", { n: grouped(found.length) })), el("ol", {}, ...rows),
    found.length > MOST_LISTED ? el("p", { class: "quiet" }, say("hotspots.more", { n: grouped(found.length - MOST_LISTED) })) : null);
}

/** One cell. @param {Cell} cell @param {CategoryNames} names @param {() => void} close */
export function cellFacts(cell, names, close) {
  const counts = (/** @type {unknown} */ value) => numberText(value, { maximumFractionDigits: Number.isInteger(value) ? 0 : 1 });
  const q = known(cell.q) ? (cell.q < 0.001 ? "< 0.001" : numberText(cell.q, { maximumFractionDigits: 3 })) : "—";
  const asset = cell.top_asset ? say("spot.assetText", { kind: term(cell.top_asset_kind), id: cell.top_asset, n: counts(cell.top_asset_issues) }) : "";
  const change = cell.change_class && known(cell.change_ratio) ? `${classWord(cell.change_class)} × ${numberText(cell.change_ratio, { maximumFractionDigits: 1 })}` : "";
  return el("section", { id: "spot-facts", tabindex: "-1", "aria-labelledby": "spot-title" },
    el("div", { class: "spot-head" }, el("h3", { id: "spot-title" }, cellTitle(cell)), button("×", close, { class: "icon", "aria-label": say("spot.close"), title: say("spot.close") })),
    el("dl", {},
      ...fact(say("spot.class"), className(cell)), ...fact(say("spot.observed"), counts(cell.observed)), ...fact(say("spot.expected"), counts(cell.expected)),
      ...fact(say("spot.rr"), riskText(cell)), ...fact(say("spot.q"), q),
      ...fact(say("spot.own"), known(cell.reports) ? say("spot.ownText", { reports: counts(cell.reports), issues: counts(cell.issues) }) : ""),
      ...fact(say("spot.dominant"), cell.top_category ? names.category(cell.top_category) : ""), ...fact(say("spot.asset"), asset),
      ...fact(say("spot.new"), cell.class === "hot" ? say(cell.is_new ? "spot.yes" : "spot.no") : ""),
      ...fact(say("spot.change"), change), ...fact(say("spot.trend"), cell.trend_class ? classWord(cell.trend_class) : "")),
    el("p", { class: "quiet" }, say("spot.neighbours")));
}

/** @param {string} word */
function classWord(word) {
  return ["hot", "cold", "rising", "falling", "not significant", "excluded"].includes(word) ? say(`class.${word}`) : term(word);
}

/** @param {Names[]} notes */
export function noteList(notes) {
  return notes.length ? el("details", {}, el("summary", {}, say("hotspots.notes")), el("ul", { class: "spot-notes" }, ...notes.map((note) => el("li", {}, inLanguage(note))))) : null;
}
