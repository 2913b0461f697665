// What else a report says of its place, beside its coordinates: in words, and on the map where it lies elsewhere.
import { button, el } from "./dom.js";
import { bringIntoView } from "./map_select.js";
import { say } from "./strings.js";
import { metresText } from "./times.js";
/** @import { Desk, FullIssue, Report, Source } from "./types.js" */

const CLOSE_ZOOM = 16;

/** @param {Report} report @param {Desk} desk */
export function sourcesOf(report, desk) {
  const all = report.sources ?? [];
  return all.length ? el("ul", { class: "sources" }, ...all.map((source) => el("li", {}, line(source, desk)))) : null;
}

/** @param {Source} source @param {Desk} desk */
function line(source, desk) {
  const said = [nameOf(source), source.agrees === undefined ? "" : apart(source)].filter(Boolean).join(say("comma"));
  const { lng, lat } = source;
  if (lng === null || lat === null) return said;
  return button(said, () => bringIntoView(desk, [lng, lat], CLOSE_ZOOM), { class: "link" });
}

/** @param {Source} source */
function nameOf({ source, label, radius_m: radius, accuracy_m: accuracy }) {
  const metres = radius ?? accuracy;
  const reach = metres ? ` ± ${metresText(metres)}` : "";
  return say(`source.${source}`, { label: label ?? "" }) + reach;
}

/** @param {Source} source */
function apart({ distance_m: metres, agrees }) {
  return say(agrees ? "source.agrees" : "source.differs", { m: metresText(metres ?? 0) });
}

/** The places that reports name elsewhere, each with a line to the issue's own. @param {FullIssue} issue @returns {GeoJSON.Feature[]} */
export function drawSources({ reports, why }) {
  const here = why && why.lng !== null && why.lat !== null ? [why.lng, why.lat] : null;
  const elsewhere = reports.flatMap((report) => report.sources ?? []).filter(({ agrees }) => (here ? agrees === false : agrees === undefined));
  return elsewhere.flatMap((source) => {
    if (source.lng === null || source.lat === null) return [];
    const there = [source.lng, source.lat];
    /** @type {GeoJSON.Feature} */
    const point = { type: "Feature", properties: { role: "nearest", label: nameOf(source) }, geometry: { type: "Point", coordinates: there } };
    return here ? [{ type: "Feature", properties: { role: "reach" }, geometry: { type: "LineString", coordinates: [here, there] } }, point] : [point];
  });
}
