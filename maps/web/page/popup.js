// What a popup says: a report with its assignment and the reason, or what lies at a place.
import { categoryName, readableTime, reasonOf } from "./data.js";
import { el, fact } from "./dom.js";
import { cellHere, featureHere } from "./here.js";
import { spotFacts } from "./spots.js";
import { certaintyName, currentLanguage, grouped, say, term } from "./strings.js";

// The report as a list of facts, for the popup; the table says the same in columns.
export function reportFacts(page, row) {
  const { reports, payload } = page;
  const get = (name) => reports.column(name)(row);
  return el("dl", {},
    ...fact(say("category"), categoryName(get("category"), payload.categories)),
    ...fact(say("status"), get("status") && term(get("status"))),
    ...fact(say("occurred"), readableTime(get("occurred_at"))),
    ...fact(say("due"), dueText(reports, row)),
    ...fact(say("cell"), cellText(page, row)),
    ...fact(say("asset"), assetText(reports, row)),
    ...fact(say("owner"), ownerText(reports, row)),
    ...fact(say("runnerUp"), get("alt_owner_name") ?? get("alt_owner_id")),
    ...fact(say("ask"), get(`question_${currentLanguage()}`)),
    ...fact(say("rule"), get("rule")),
    ...fact(say("why"), reasonOf(reports, row, payload.templates, payload.categories, ["question"])));
}

// When it has to be handled, and whether that is past.
export function dueText(reports, row) {
  const due = readableTime(reports.column("due_at")(row));
  return reports.column("overdue")(row) ? say("overdue", { at: due }) : due;
}

// The number that people say, where the row has one; else its place in the list.
export function numberText(reports, row) {
  return reports.column("number")(row) ?? String(row + 1);
}

// The names of the cells from the top to the leaf, and the leaf's code.
export function cellText(page, row) {
  const { reports, levels } = page;
  const names = levels.map((level, at) => [level, reports.cellAt(row, at)]).filter(([, cell]) => cell >= 0)
    .map(([level, cell]) => level.cellName(cell));
  const code = reports.column("cell_code")(row);
  const path = names.join(" › ") || reports.column("cell_name")(row) || "";
  return code === null || code === "" ? path : `${path} (${code})`.trim();
}

export function assetText(reports, row) {
  const get = (name) => reports.column(name)(row);
  if (get("asset_id") === null || get("asset_id") === "") return "";
  const metres = get("asset_m");
  const [id, name] = [get("asset_id"), get("asset_name")];
  const called = name === null || name === "" || name === id ? id : `${name} (${id})`;
  return `${term(get("asset_kind") ?? "")} ${called}${metres === null ? "" : ` · ${say("metres", { m: metres })}`}`.trim();
}

export function ownerText(reports, row) {
  const get = (name) => reports.column(name)(row);
  const owner = get("owner_name") ?? get("owner_id");
  if (owner === null || owner === "") return "";
  const certainty = get("certainty");
  const share = get("owner_share") === null ? "" : say("share", { share: get("owner_share") });
  return certainty ? `${owner} · ${certaintyName(certainty)}${share}` : owner;
}

// One report at a time; buttons turn the pages where several lie at the place.
export function reportPopup(page, rows, back) {
  let at = 0;
  const box = el("div", { class: "report" });
  // A button that its own click takes away no longer counts as part of the popup: Leaflet would see a click on the map.
  box.addEventListener("click", (event) => event.stopPropagation());
  const step = (by) => {
    at = (at + by + rows.length) % rows.length;
    show();
    box.querySelector(by < 0 ? ".previous" : ".next")?.focus();
  };
  const turn = (by, key) => el("button", { type: "button", class: key, onclick: () => step(by) }, say(key));
  const show = () => {
    const title = rows.length > 1 ? say("reportOf", { n: at + 1, m: rows.length }) : say(page.reports.has("number") ? "numbered" : "report", { n: numberText(page.reports, rows[at]) });
    box.replaceChildren(
      el("h3", { tabindex: "-1" }, title),
      ...(rows.length > 1 && page.reports.has("number") ? [el("p", { class: "quiet" }, numberText(page.reports, rows[at]))] : []),
      el("p", { class: "words" }, page.reports.column("text")(rows[at]) ?? ""),
      reportFacts(page, rows[at]),
      el("p", { class: "turn" }, ...(rows.length > 1 ? [turn(-1, "previous"), turn(1, "next")] : []),
        ...(back ? [el("button", { type: "button", class: "back", onclick: back }, say("back"))] : [])));
  };
  show();
  return box;
}

// The cells and visible features at the place, or null where there is nothing.
export function herePopup(page, latlng) {
  const place = [latlng.lat, latlng.lng];
  const cells = page.levels.flatMap((level) => {
    const at = cellHere(level, place);
    return at < 0 ? [] : fact(term(level.name), [level.cellName(at), level.code(at), level.owner(at)].filter(Boolean).join(" · "));
  });
  const features = page.layers.filter((layer) => layer.shown && page.map.getZoom() >= layer.from).flatMap((layer) => {
    const at = featureHere(page.map, layer, place);
    return at < 0 ? [] : fact(term(layer.kind), [layer.name(at) ?? layer.id(at), layer.owner(at)].filter(Boolean).join(" · ") || "—");
  });
  const spot = spotFacts(page, latlng);
  if (!cells.length && !features.length) return spot;
  const here = el("div", { class: "report" }, el("h3", { tabindex: "-1" }, say("here")), el("dl", {}, ...cells, ...features), hereCount(page, place));
  return spot ? el("div", {}, spot, here) : here;
}

function hereCount(page, place) {
  const at = page.level < 0 ? -1 : cellHere(page.levels[page.level], place);
  return at < 0 ? "" : el("p", { class: "quiet" }, `${page.levels[page.level].cellName(at)}: ${say("inCell", { n: grouped(page.counts[at]) })}`);
}
