// What is drawn: cells by class, clusters of a scan, or the density, one at a time over the outlines of the grid.
import { decodeShapes } from "../page/data.js";
import { theme } from "../page/theme.js";
import { el } from "../page/dom.js";
import { cellFacts, clusterFacts } from "./facts.js";
import { classStyle, edgeShare, look, onPaper, patternedCanvas, patternedDrawing } from "./look.js";
import { isNew, rowBounds } from "./rows.js";

export const SURE = 0.05;
const ORDER = ["not significant", "excluded", "cold", "hot"]; // lowest first

export function makeLayers(page, opened) {
  const { map } = page;
  const canvas = patternedCanvas({ pane: "cells", padding: 0.3 });
  const paper = patternedDrawing({ pane: "cells", padding: 0.3 }); // browsers lose what is on canvases when they print
  const shown = L.layerGroup().addTo(map);
  const marked = L.layerGroup().addTo(map);
  let held = [null, 0];
  let share = 1;
  const draw = () => {
    page.edgeShare = share = edgeShare(cellPx(page));
    shown.clearLayers();
    mark(...held);
    const renderer = onPaper() ? paper : canvas;
    const paths = { hotspots: cellPaths, clusters: clusterPaths, density: densityPaths }[page.layer](page, renderer, opened);
    for (const path of [...groundPaths(page, renderer), ...paths]) shown.addLayer(path);
  };
  const mark = (table, row) => {
    marked.clearLayers();
    if (!table) [table, row] = held;
    const style = { pane: "marked", interactive: false, fill: false, color: look().mark, weight: 3.5 };
    if (table) for (const path of rowPaths(table, row, (dimension) => ({ ...style, weight: dimension === 1 ? 9 : 3.5, opacity: dimension === 1 ? 0.55 : 1 }))) marked.addLayer(path);
  };
  // Marks a row until another is held; what only has the pointer or the focus is marked for as long.
  const hold = (table, row) => {
    held = [table, row];
    mark(table, row);
  };
  map.on("zoomend", () => edgeShare(cellPx(page)) !== share && draw());
  return { draw, mark, hold };
}

// How wide the first cell with a place is on the screen.
function cellPx({ map, hotspots, rows }) {
  const bounds = hotspots && rows.length ? rowBounds(hotspots, rows.find((row) => rowBounds(hotspots, row)) ?? rows[0]) : null;
  return bounds ? ((bounds.getEast() - bounds.getWest()) / 360) * 256 * 2 ** map.getZoom() : Infinity;
}

// A path for all parts of a row that have the same dimension.
function rowPaths(table, row, styleOf) {
  return table.parts(row).map(({ dimension, parts }) => {
    const style = styleOf(dimension);
    if (dimension === 0) return L.featureGroup(parts.map((at) => L.circleMarker(at, { ...style, radius: 6 })));
    return dimension === 1 ? L.polyline(parts, style) : L.polygon(parts, style);
  });
}

// Ground whose cells are not drawn one by one.
function groundPaths({ payload, layer }, renderer) {
  const outline = layer === "density" ? null : payload.hotspots?.outline;
  if (!outline) return [];
  const { fill } = look()["not significant"];
  const style = { renderer, interactive: false, color: look().outline, weight: 1, fillColor: fill, fillOpacity: 0.75 };
  return decodeShapes(outline, 1, payload.unit).flat().map((rings) => L.polygon(rings, style));
}

function cellPaths(page, renderer, opened) {
  const table = page.hotspots;
  const rank = (row) => ORDER.indexOf(table.text("class", row));
  const rows = [...page.rows].sort((a, b) => rank(a) - rank(b) || a - b);
  return rows.flatMap((row) => {
    const [kind, fresh] = [table.text("class", row), isNew(table, row)];
    const paths = rowPaths(table, row, (dimension) => ({ renderer, smoothFactor: 0.4, ...classStyle(kind, fresh, dimension, page.edgeShare) }));
    for (const path of paths) answer(page, path, table, row, () => cellFacts(page, row), opened);
    return paths;
  });
}

function clusterPaths(page, renderer, opened) {
  const table = page.clusters;
  const ground = page.rows.flatMap((row) => rowPaths(page.hotspots, row, (dimension) => ({ renderer, interactive: false, ...classStyle("not significant", false, dimension, page.edgeShare) })));
  return [...ground, ...page.clusterRows.toReversed().flatMap((row) => {
    const sure = table.number("p", row) < SURE;
    const style = { renderer, color: look().cluster, weight: 2.5, dashArray: sure ? null : "7 6", fillColor: look().cluster, fillOpacity: sure ? 0.3 : 0.08 };
    const paths = rowPaths(table, row, () => style);
    for (const path of paths) answer(page, path, table, row, () => clusterFacts(page, row), opened);
    return [...paths, ...clusterNumber(table, row)];
  })];
}

function clusterNumber(table, row) {
  const bounds = rowBounds(table, row);
  if (!bounds) return [];
  const html = el("span", { class: "mark mark-cluster" }, String(table.text("rank", row) || row + 1));
  const icon = L.divIcon({ className: "mark-box", html, iconSize: [24, 24] });
  return [L.marker(bounds.getCenter(), { icon, keyboard: false, interactive: false, pane: "names" })];
}

function densityPaths(page, renderer) {
  const shades = densityShades(page);
  return shades.flatMap(({ row, colour }) => rowPaths(page.density, row, () => ({ renderer, interactive: false, color: colour, weight: 0.5, fillColor: colour, fillOpacity: 0.8 })));
}

// The contours, lowest first, each with its colour: the lightest and the darkest are always used.
export function densityShades(page) {
  const table = page.density;
  const height = (row) => table.number("per_km2", row);
  const rows = [...page.densityRows].sort((a, b) => height(a) - height(b));
  const { classes } = theme();
  return rows.map((row, at) => ({ row, height: height(row), colour: classes[rows.length === 1 ? 2 : Math.round((at * (classes.length - 1)) / (rows.length - 1))] }));
}

function answer(page, path, table, row, content, opened) {
  path.bindTooltip(content, { sticky: true, className: "note", direction: "auto", opacity: 1 });
  path.on("mouseover", () => page.parts.layers.mark(table, row));
  path.on("mouseout", () => page.parts.layers.mark(null));
  path.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    path.closeTooltip();
    opened(table, row, event.latlng);
  });
}

// The top level of the grid as thin lines, to know where one is.
export function drawOutlines({ map, levels }) {
  const renderer = L.svg({ pane: "borders", padding: 0.3 });
  const lines = levels.flatMap((level) => level.parts.flat()).map((rings) => L.polygon(rings, { renderer, interactive: false, fill: false }));
  const group = L.layerGroup(lines).addTo(map);
  return () => group.eachLayer((line) => line.setStyle({ color: theme().upperEdge, weight: 1.2, opacity: 0.9 }));
}
