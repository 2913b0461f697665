// Grid cells coloured by the number of reports in the filter, one level at a time.
import { decodeShapes, readers } from "./data.js";

export const CLASSES = 5;

// Decodes a level; `parts` are its polygons, `bounds` a box per cell in degrees.
export function readLevel(coded, unit) {
  const get = readers(coded.columns);
  const parts = decodeShapes(coded.shapes, coded.count, unit);
  const label = coded.label[0].map((x, at) => (x === null ? null : [coded.label[1][at] * unit, x * unit]));
  return {
    name: coded.level, count: coded.count, parent: coded.parent, parts, label,
    code: get.code, cellName: (at) => get.name?.(at) ?? get.code(at), owner: get.owner_name ?? (() => null),
    bounds: parts.map((polygons) => (polygons.length ? L.latLngBounds(polygons.flatMap((rings) => rings[0])) : null)),
  };
}

// Reports per cell of the level, and how many lie in none.
export function countCells(reports, rows, wanted, size) {
  const counts = new Int32Array(size);
  let outside = 0;
  for (const row of rows) {
    const cell = reports.cellAt(row, wanted);
    if (cell < 0) outside++;
    else counts[cell]++;
  }
  return { counts, outside };
}

// Upper limits of at most five classes that hold about equally many non-empty cells; ties never part.
export function classLimits(counts) {
  const filled = [...counts].filter((count) => count > 0).sort((a, b) => a - b);
  const limits = new Set();
  for (let part = 1; part <= CLASSES && filled.length; part++) {
    const limit = filled[Math.ceil((filled.length * part) / CLASSES) - 1];
    limits.add(part === CLASSES ? limit : roundDown(limit));
  }
  return [...limits].sort((a, b) => a - b);
}

// Two leading digits: a reader remembers 120, not 123.
function roundDown(number) {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(number)) - 1);
  return Math.floor(number / step) * step;
}

// 0 for no report, else 1 to the number of limits.
export function classOf(count, limits) {
  return count === 0 ? 0 : limits.findIndex((limit) => count <= limit) + 1;
}

// The colour of a class when there are so many: the lightest and the darkest are always used.
export function shade(theme, number, classes) {
  if (number === 0) return theme.zero;
  const span = classes === 1 ? 2 : ((number - 1) * (CLASSES - 1)) / (classes - 1);
  return theme.classes[Math.round(span)];
}

export function makeCells(map, levels) {
  const canvas = L.canvas({ pane: "cells", padding: 0.3 });
  const lines = L.canvas({ pane: "borders", padding: 0.3 });
  const fill = L.layerGroup().addTo(map);
  const upper = L.layerGroup().addTo(map);
  let drawn = -1;
  let polygons = [];
  const rebuild = (level) => {
    fill.clearLayers();
    upper.clearLayers();
    drawn = level;
    polygons = level < 0 ? [] : levels[level].parts.map((parts) =>
      parts.length ? L.polygon(parts, { renderer: canvas, interactive: false, smoothFactor: 0.6 }).addTo(fill) : null);
    if (level > 0) for (const parts of levels[level - 1].parts) {
      if (parts.length) L.polygon(parts, { renderer: lines, interactive: false, fill: false, smoothFactor: 0.6 }).addTo(upper);
    }
  };
  return {
    paint(level, counts, limits, theme) {
      if (level !== drawn) rebuild(level);
      const edge = { color: theme.cellEdge, weight: 0.8, opacity: 0.9, fillOpacity: theme.cellOpacity };
      polygons.forEach((polygon, at) => polygon?.setStyle(
        { ...edge, fillColor: shade(theme, classOf(counts[at], limits), limits.length) }));
      upper.eachLayer((line) => line.setStyle({ color: theme.upperEdge, weight: 1.6, opacity: 0.9 }));
    },
  };
}
