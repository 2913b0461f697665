// Hotspots as a layer of the issue map: drawn below the reports, told in the legend and at the place clicked.
import { categoryTitle, cellFacts, riskText } from "../hotspots/facts.js";
import { classStyle, classSwatch, onPaper, patternedCanvas, patternedDrawing } from "../hotspots/look.js";
import { isNew, mostHotFirst, placedIn, readTable, rowBounds, shortTitle, STANDING_OUT, strongestFirst } from "../hotspots/rows.js";
import { className, inLanguage, parameterName, parameterValue } from "../hotspots/words.js";
import { decodeShapes } from "./data.js";
import { el } from "./dom.js";
import { inPolygon } from "./here.js";
import { grouped, say } from "./strings.js";
import { theme } from "./theme.js";

const DRAWN_ORDER = ["not significant", "excluded", "cold", "hot"]; // lowest first
const MOST_NAMED = 10;
const LINE_PX = 8;
const SPOT_ZOOM = 15;
const MIDNIGHT = /^(\d{4}-\d\d-\d\d)T00:00(?::00)?(?:Z|[+-]\d\d:\d\d)?$/;

// What the page knows of hotspots; null where it was given none.
export function readSpots({ hotspots }, levels) {
  if (!hotspots?.table) return null;
  const table = readTable(hotspots.table, hotspots.unit);
  table.place = placedIn(table, levels[0]);
  const ground = table.outline ? decodeShapes(table.outline, 1, hotspots.unit).flat() : [];
  return { table, ground, shown: true, category: mostHotFirst(table.tally)[0]?.category ?? "", about: Object.fromEntries(hotspots.about), notes: hotspots.notes };
}

export function makeSpots(map, { spots }) {
  const group = L.layerGroup().addTo(map);
  if (!spots) return { draw: () => {} };
  const [canvas, paper] = [patternedCanvas, patternedDrawing].map((make) => make({ pane: "spots", padding: 0.3 }));
  const draw = () => {
    group.clearLayers();
    if (!spots.shown) return;
    const base = { renderer: onPaper() ? paper : canvas, interactive: false, smoothFactor: 0.4 };
    for (const rings of spots.ground) group.addLayer(L.polygon(rings, { ...base, color: theme().upperEdge, weight: 1, fill: false }));
    for (const path of spotPaths(spots, base)) group.addLayer(path);
  };
  return { draw };
}

function spotPaths({ table, category }, base) {
  const rank = (row) => DRAWN_ORDER.indexOf(table.text("class", row));
  const rows = table.rowsOf(category).sort((a, b) => rank(a) - rank(b) || a - b);
  return rows.flatMap((row) => table.parts(row).map(({ dimension, parts }) => {
    const [kind, fresh] = [table.text("class", row), isNew(table, row)];
    const style = { ...base, ...classStyle(kind, fresh, dimension), fillOpacity: STANDING_OUT.includes(kind) ? 0.78 : kind === "excluded" ? 0 : 0.3 };
    return dimension === 1 ? L.polyline(parts, style) : dimension === 2 ? L.polygon(parts, style) : L.layerGroup();
  }));
}

// The section of the legend: the switch, the category, what the classes mean, and the strongest as buttons.
export function spotSection(page, changed) {
  const { spots } = page;
  if (!spots) return [];
  const box = el("input", { type: "checkbox", id: "legend-spots", onchange: (event) => {
    spots.shown = event.target.checked;
    changed("spots");
  } });
  box.checked = spots.shown;
  const told = spots.shown ? [...categorySelect(page, changed), classList(spots), el("p", { class: "quiet" }, [askedWords(spots.about), say("neighbourNote")].filter(Boolean).join(" ")), ...noteList(spots), strongest(page)] : [];
  return [el("section", {}, el("h3", {}, say("hotspots")), el("label", { class: "switch" }, box, say("hotspotsOnMap")), ...told)];
}

// What they were held against, and the window; of a time at midnight, the day.
function askedWords(about) {
  const words = ["baseline", "since", "until_before"].filter((name) => about[name]).map((name) => `${parameterName(name)} ${parameterValue(about[name].replace(MIDNIGHT, "$1"))}`);
  return words.length ? `${words.join(" · ")}.` : "";
}

function categorySelect(page, changed) {
  const { spots } = page;
  if (spots.table.tally.length < 2) return [];
  const options = mostHotFirst(spots.table.tally).map(({ category, name, classes }) =>
    el("option", { value: category, selected: category === spots.category }, say("categoryHot", { category: categoryTitle(page, category, name), n: classes[0] })));
  return [el("select", { id: "legend-spot-category", "aria-label": say("category"), onchange: (event) => {
    spots.category = event.target.value;
    changed("spots");
  } }, ...options)];
}

function classList({ table, category }) {
  const tally = table.tally.find((one) => one.category === category);
  const rows = table.rowsOf(category);
  const fresh = rows.filter((row) => table.text("class", row) === "hot" && isNew(table, row)).length;
  const item = (kind, isFresh, n) => el("li", {}, classSwatch(kind, isFresh), el("span", {}, isFresh ? say("isNew") : className(kind)), el("span", { class: "count" }, grouped(n)));
  const items = ["hot", "cold", "not significant", "excluded"].flatMap((kind, at) => {
    const n = (tally?.classes[at] ?? 0) - (kind === "hot" ? fresh : 0);
    return [...(n || kind === "hot" ? [item(kind, false, n)] : []), ...(kind === "hot" && fresh ? [item(kind, true, fresh)] : [])];
  });
  return el("ul", { class: "key", id: "spot-classes" }, ...items);
}

// What one must know to not misread them.
function noteList(spots) {
  if (!spots.notes.length) return [];
  return [folded("legend-spot-notes", say("how"), el("ol", { class: "quiet" }, ...spots.notes.map((note) => el("li", {}, inLanguage(note)))))];
}

// Opened or not, it stays so: the legend is drawn anew with every zoom.
function folded(id, title, content) {
  const open = document.getElementById(id)?.parentElement.open ?? false;
  return el("details", { class: "spots", open }, el("summary", { id }, title), content);
}

function strongest(page) {
  const { table, category } = page.spots;
  const hot = strongestFirst(table, table.rowsOf(category).filter((row) => table.text("class", row) === "hot")).slice(0, MOST_NAMED);
  if (!hot.length) return el("p", { class: "quiet" }, say("noHotspots"));
  const item = (row) => el("li", {}, el("button", { type: "button", id: `legend-spot-${row}`, onclick: () => page.openSpot(row) }, `${shortTitle(table, row)}: ${riskText(table, row)}`));
  return folded("legend-spot-strongest", say("strongestOnes", { n: hot.length }), el("ol", {}, ...hot.map(item)));
}

// The facts of the cell at a place, or null.
export function spotFacts(page, { lat, lng }) {
  const { spots, map } = page;
  const row = spots?.shown ? spots.table.rowsOf(spots.category).find((one) => spotHolds(map, spots.table, one, [lat, lng])) : undefined;
  return row === undefined ? null : factsOf(page, row);
}

function spotHolds(map, table, row, place) {
  const bounds = rowBounds(table, row);
  const margin = (LINE_PX * 360) / (256 * 2 ** map.getZoom());
  if (!bounds || place[0] < bounds.getSouth() - margin || place[0] > bounds.getNorth() + margin || place[1] < bounds.getWest() - margin || place[1] > bounds.getEast() + margin) return false;
  const at = map.latLngToLayerPoint(place);
  const near = (line) => line.some((end, i) => i > 0 && L.LineUtil.pointToSegmentDistance(at, map.latLngToLayerPoint(line[i - 1]), map.latLngToLayerPoint(end)) < LINE_PX);
  return table.parts(row).some(({ dimension, parts }) => (dimension === 2 ? parts.some((rings) => inPolygon(place, rings)) : dimension === 1 && parts.some(near)));
}

function factsOf(page, row) {
  return cellFacts({ payload: page.payload, hotspots: page.spots.table }, row);
}

// From the legend to the map: what to show, and where.
export function spotPlace(page, row) {
  const bounds = rowBounds(page.spots.table, row);
  if (!bounds) return null;
  page.map.fitBounds(bounds.pad(1.5), { padding: [20, 20], maxZoom: SPOT_ZOOM, animate: false });
  return { at: bounds.getCenter(), content: factsOf(page, row) };
}
