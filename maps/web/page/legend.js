// The one legend: classes of the cells, marks of the reports, and a switch for every layer.
import { colour } from "./backdrop.js";
import { shade } from "./cells.js";
import { byId, el } from "./dom.js";
import { grouped, say, term } from "./strings.js";
import { spotSection } from "./spots.js";
import { theme } from "./theme.js";

export function drawLegend(page, changed) {
  const focused = document.activeElement?.id;
  byId("legend").replaceChildren(
    el("h2", {}, say("legend")),
    ...(page.levels.length ? [cellPart(page, changed)] : [el("p", { class: "quiet" }, say("noGrid"))]),
    ...spotSection(page, changed),
    ...(page.reports.count ? [reportPart(page, changed)] : []),
    ...layerPart(page, "assets", "layers", changed),
    ...layerPart(page, "areas", "areas", changed));
  if (focused && focused.startsWith("legend-")) byId(focused)?.focus();
}

function cellPart(page, changed) {
  const option = (at, text) => el("option", { value: at, selected: at === page.level }, text);
  const choice = el("select", { id: "legend-level", "aria-label": say("perCell"), onchange: (event) => {
    page.level = Number(event.target.value);
    changed("level");
  } }, ...page.levels.map((level, at) => option(at, say("perLevel", { level: term(level.name) }))), option(-1, say("noCells")));
  return el("section", {}, el("h3", {}, say("perCell")), choice, ...(page.level < 0 ? [] : classRows(page)));
}

function classRows(page) {
  const colours = theme();
  const { limits, outside } = page;
  const row = (fill, text) => el("li", {}, swatch(`background:${fill}`, "square"), text);
  const rows = limits.map((limit, at) => {
    const from = at === 0 ? 1 : limits[at - 1] + 1;
    return row(shade(colours, at + 1, limits.length), from === limit ? grouped(limit) : `${grouped(from)}–${grouped(limit)}`);
  });
  const notes = [limits.length ? say("breaks") : page.reports.count ? say("noneInCells") : "",
    outside ? say("outsideCells", { n: grouped(outside), level: term(page.levels[page.level].name) }) : ""];
  return [el("ul", { class: "key", id: "classes" }, row(colours.zero, say("zero")), ...rows),
    ...notes.filter(Boolean).map((note) => el("p", { class: "quiet" }, note))];
}

function reportPart(page, changed) {
  const mark = (kind) => el("span", { class: "mark-holder", "aria-hidden": "true" }, el("span", { class: `mark mark-${kind}` }, kind === "cluster" ? "9" : ""));
  const box = el("input", { type: "checkbox", id: "legend-reports", onchange: (event) => {
    page.pointsShown = event.target.checked;
    changed("points");
  } });
  box.checked = page.pointsShown;
  const kinds = ["open", "closed", "unowned", "cluster"];
  return el("section", {}, el("h3", {}, say("reports")),
    el("label", { class: "switch" }, box, say("reportsOnMap")),
    el("ul", { class: "key" }, ...kinds.map((kind) => el("li", {}, mark(kind), say(kind)))));
}

function layerPart(page, group, title, changed) {
  const layers = page.layers.map((layer, at) => [layer, at]).filter(([layer]) => layer.group === group);
  if (!layers.length) return [];
  return [el("section", {}, el("h3", {}, say(title)), ...layers.map(([layer, at]) => layerSwitch(page, layer, at, changed)))];
}

function layerSwitch(page, layer, at, changed) {
  const box = el("input", { type: "checkbox", id: `legend-layer-${at}`, onchange: (event) => {
    layer.shown = event.target.checked;
    changed("layers");
  } });
  box.checked = layer.shown;
  const notes = [layer.count < layer.total ? say("thinned", { n: grouped(layer.count), m: grouped(layer.total) }) : "",
    layer.shown && page.map.getZoom() < layer.from ? say("zoomToSee") : ""].filter(Boolean).join(" · ");
  return el("label", { class: "switch" }, box, layerSwatch(layer), el("span", {}, term(layer.kind), notes ? el("small", {}, ` ${notes}`) : ""));
}

function layerSwatch(layer) {
  const own = colour(layer, theme());
  if (layer.style === "area") return swatch(`border:2px dashed ${own}`, "square");
  if (layer.style === "road") return swatch(`background:${own};border-block:1px solid ${theme().roadCasing};`, "line");
  return swatch(`background:${own}`, ["dot", "line", "square"][layer.dimension]);
}

// Colours come from theme.js alone; a style attribute is set through the DOM, never as markup.
function swatch(style, shape) {
  const made = el("span", { class: `swatch ${shape}`, "aria-hidden": "true" });
  made.style.cssText = style;
  return made;
}
