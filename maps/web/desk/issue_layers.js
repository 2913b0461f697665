// Issues as they are drawn: tiles carry the bulk, an overlay what has changed since, one more source what is open.
import { FONT } from "./basemap.js";
import { AT_WORK, CLUSTER_SIZES, LATE_STEPS, TO_CHECK, WAITING } from "./marks.js";
/** @import { LayerSpecification } from "maplibre-gl" */
/** @import { Colours } from "./theme.js" */

export const ISSUES = "issues", OVERLAY = "overlay", DRAWN = "drawn", SELECTED = "selected";
export const MARK_LAYERS = ["issue-mark", "overlay-mark"], CLUSTER_LAYER = "cluster";
export const HEAT_LAYERS = ["heat", "heat-cluster"], CELL_LAYERS = ["cell-fill", "cell-edge"];

/** @type {any} */
const TURN = [
  "case",
  ["in", ["get", "status"], ["literal", WAITING]], ["case", ["==", ["coalesce", ["get", "owner"], ""], ""], "unassigned", "to_dispatch"],
  ["in", ["get", "status"], ["literal", AT_WORK]], "at_work",
  ["in", ["get", "status"], ["literal", TO_CHECK]], "to_check",
  "done",
];
/** @type {any} */
const LATE = ["to-boolean", ["coalesce", ["get", "overdue"], false]];
/** @type {any} */
const MARK = ["concat", "mark-", TURN, ["case", LATE, "-late", ""]];
/** @type {any} */
const COUNT = ["coalesce", ["get", "count"], 1];
/** @type {any} */
const SIZE = ["step", COUNT, 0, 20, 1, 100, 2, 1000, 3];
/** @type {any} the eighths of a cluster's ring: any late one shows */
const EIGHTHS = ["ceil", ["/", ["*", LATE_STEPS, ["coalesce", ["get", "overdue"], 0]], COUNT]];

export const CLUSTER_IMAGES = CLUSTER_SIZES.flatMap((px, size) =>
  Array.from({ length: LATE_STEPS + 1 }, (_, late) => ({ name: `cluster-${size}-${late}`, px, late })));

/**
 * A cell's colour by its number of issues, which the page sets as its state.
 * @param {Colours} c @param {number[]} breaks least number of each class but the first
 * @returns {any}
 */
export function cellColour(c, breaks) {
  const open = ["coalesce", ["feature-state", "open"], 0];
  const steps = breaks.flatMap((least, at) => [least, c.classes[at + 1]]);
  return ["case", ["==", open, 0], c.zero, steps.length ? ["step", open, c.classes[0], ...steps] : c.classes[0]];
}

/**
 * Cells by number, below roads' names.
 * @param {Colours} c @param {string} level @param {number[]} breaks
 * @returns {LayerSpecification[]}
 */
export function cellLayers(c, level, breaks) {
  /** @type {any} */
  const common = { source: "base", "source-layer": "cell", filter: ["==", ["get", "level"], level] };
  return [
    { id: "cell-fill", type: "fill", ...common, paint: { "fill-color": cellColour(c, breaks), "fill-opacity": 0.72 } },
    { id: "cell-edge", type: "line", ...common, paint: { "line-color": c.cell, "line-width": 0.8 } },
  ];
}

/**
 * @param {Colours} c @param {number} open how many issues there are: heat is relative to it
 * @returns {LayerSpecification[]}
 */
export function issueLayers(c, open) {
  /** @type {any} */
  const markLayout = { "icon-image": MARK, "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["case", LATE, 2, 1] };
  return [
    heat("heat", c, { source: ISSUES, "source-layer": "issue" }, 1, open),
    heat("heat-cluster", c, { source: ISSUES, "source-layer": "cluster" }, COUNT, open),
    {
      id: "shape-fill", source: DRAWN, type: "fill", filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": c.drawn, "fill-opacity": 0.1 },
    },
    {
      id: "shape-edge", source: DRAWN, type: "line", filter: ["all", ["!=", ["geometry-type"], "Point"], ["!=", ["get", "role"], "reach"]],
      paint: { "line-color": c.drawn, "line-width": ["match", ["get", "role"], "asset", 3.5, 2], "line-opacity": 0.75 },
    },
    {
      id: "shape-reach", source: DRAWN, type: "line", filter: ["==", ["get", "role"], "reach"],
      paint: { "line-color": c.drawn, "line-width": 2, "line-dasharray": [2, 1.5] },
    },
    {
      id: "shape-point", source: DRAWN, type: "circle", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 6, "circle-color": c.land, "circle-stroke-color": c.drawn, "circle-stroke-width": 2.5 },
    },
    {
      id: "selected-halo", source: SELECTED, type: "circle",
      paint: { "circle-radius": 19, "circle-color": c.selected, "circle-opacity": 0.12, "circle-stroke-color": c.selected, "circle-stroke-width": 2.5 },
    },
    {
      id: CLUSTER_LAYER, source: ISSUES, "source-layer": "cluster", type: "symbol",
      layout: {
        "icon-image": ["concat", "cluster-", ["to-string", SIZE], "-", ["to-string", EIGHTHS]], "icon-allow-overlap": true,
        "text-field": COUNTED, "text-font": FONT, "text-size": ["step", COUNT, 12, 100, 13, 1000, 14],
        "text-allow-overlap": true, "symbol-sort-key": COUNT,
      },
      paint: { "text-color": c.clusterInk },
    },
    {
      id: "issue-mark", source: ISSUES, "source-layer": "issue", type: "symbol", layout: markLayout,
      // What the overlay holds is hidden in the tiles; a filter would have them all parsed again.
      paint: { "icon-opacity": ["case", ["boolean", ["feature-state", "hidden"], false], 0, 1] },
    },
    { id: "overlay-mark", source: OVERLAY, type: "symbol", layout: markLayout },
    { id: "selected-mark", source: SELECTED, type: "symbol", layout: { ...markLayout, "icon-size": 1.2 } },
    {
      id: "shape-name", source: DRAWN, type: "symbol", filter: ["has", "label"],
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12.5, "text-offset": [0, 1.1], "text-anchor": "top", "text-allow-overlap": true },
      paint: { "text-color": c.ink, "text-halo-color": c.halo, "text-halo-width": 2 },
    },
  ];
}

/** @type {any} */
const COUNTED = [
  "case", [">=", COUNT, 10000], ["concat", ["to-string", ["round", ["/", COUNT, 1000]]], "k"],
  [">=", COUNT, 1000], ["concat", ["to-string", ["/", ["round", ["/", COUNT, 100]], 10]], "k"],
  ["to-string", COUNT],
];

/** @param {string} id @param {Colours} c @param {any} source @param {any} weight @param {number} open @returns {LayerSpecification} */
function heat(id, c, source, weight, open) {
  const stops = c.heat.flatMap((colour, at) => [[0, 0.12, 0.32, 0.55, 0.78, 1][at], colour]);
  // Tiles far away hold clusters 64 pixels apart: their heat has to reach one another.
  const warmth = Math.min(Math.max(5000 / Math.max(open, 1), 0.02), 20);
  return {
    id, type: "heatmap", ...source,
    paint: {
      "heatmap-weight": weight, "heatmap-opacity": 0.75, "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 14.5, 72, 16, 48, 18, 60],
      "heatmap-intensity": ["interpolate", ["exponential", 3], ["zoom"], 9, 0.001 * warmth, 12, 0.012 * warmth, 15, Math.min(0.25 * warmth, 1), 17, 1],
      "heatmap-color": /** @type {any} */ (["interpolate", ["linear"], ["heatmap-density"], ...stops]),
    },
  };
}
