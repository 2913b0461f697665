// The city itself, calm enough that issues stand out: its own layers from /tiles/city, no glyphs from anywhere.
/** @import { LayerSpecification, SourceSpecification } from "maplibre-gl" */
/** @import { Colours } from "./theme.js" */

export const FONT = ["sans-serif"];
export const BASE = "base";

/**
 * The tiles of the city. The address says the generation, so that browsers keep them.
 * @param {string} origin @param {{ tiles: string[], maxzoom: number }} told TileJSON
 * @returns {SourceSpecification}
 */
export function baseSource(origin, told) {
  const query = told.tiles[0]?.split("?")[1] ?? "";
  return { type: "vector", tiles: [`${origin}/tiles/city/{z}/{x}/{y}.mvt${query ? `?${query}` : ""}`], minzoom: 0, maxzoom: told.maxzoom };
}

/** @param {number} at @param {number} low @param {number} to @param {number} high @returns {any} */
function byZoom(at, low, to, high) {
  return ["interpolate", ["exponential", 1.6], ["zoom"], at, low, to, high];
}

// How wide a road is drawn, by how important it is, 1 to 7.
/** @param {number} main @param {number} middle @param {number} small @param {number} path */
const byRank = (main, middle, small, path) => ["step", ["coalesce", ["get", "rank"], 5], main, 3, middle, 5, small, 7, path];
const ROAD_WIDTH = /** @type {any} */ ([
  "interpolate", ["exponential", 1.7], ["zoom"], 11, byRank(1.6, 1, 0.4, 0.2), 14, byRank(4.5, 3, 1.4, 0.7), 18, byRank(26, 18, 9, 2.5),
]);
const IS_AREA = /** @type {any} */ (["==", ["geometry-type"], "Polygon"]);
const IS_LINE = /** @type {any} */ (["==", ["geometry-type"], "LineString"]);
const IS_POINT = /** @type {any} */ (["==", ["geometry-type"], "Point"]);

/**
 * The ground: all that lies below colours of cells.
 * @param {Colours} c
 * @returns {LayerSpecification[]}
 */
export function groundLayers(c) {
  return [
    { id: "land", type: "background", paint: { "background-color": c.land } },
    fill("green", c.green, undefined), fill("water", c.water, c.waterEdge),
    {
      id: "water-line", source: BASE, "source-layer": "water", type: "line", filter: IS_LINE,
      paint: { "line-color": c.water, "line-width": byZoom(11, 1, 18, 10) }, layout: { "line-cap": "round", "line-join": "round" },
    },
    { ...fill("building", c.building, c.buildingEdge), minzoom: 13 },
    {
      id: "road-edge", source: BASE, "source-layer": "road", type: "line", filter: IS_LINE, minzoom: 12,
      paint: { "line-color": c.roadEdge, "line-width": 1, "line-gap-width": ROAD_WIDTH }, layout: { "line-join": "round" },
    },
    {
      id: "road", source: BASE, "source-layer": "road", type: "line", filter: IS_LINE,
      paint: { "line-color": c.dark ? c.road : ["interpolate", ["linear"], ["zoom"], 11.5, c.roadEdge, 13, c.road], "line-width": ROAD_WIDTH },
      layout: { "line-cap": "round", "line-join": "round" },
    },
  ];
}

/** @param {string} layer @param {string} colour @param {string | undefined} edge @returns {any} */
function fill(layer, colour, edge) {
  const paint = { "fill-color": colour, ...(edge ? { "fill-outline-color": edge } : {}) };
  return { id: layer, source: BASE, "source-layer": layer, type: "fill", filter: IS_AREA, paint };
}

/** @typedef {{ level: string, width: number }} Level its usual cell's width in degrees */

/** The zoom from which on a level's cells are so many pixels wide. @param {Level} level @param {number} px */
function zoomWhere({ width }, px) {
  return Math.min(Math.max(Math.log2((px * 360) / (512 * width)), 0), 18);
}

/**
 * Boundaries: the higher the level, the stronger the line; a level is drawn where its cells are wide enough.
 * @param {Colours} c @param {Level[]} levels top first
 * @returns {LayerSpecification[]}
 */
export function boundaryLayers(c, levels) {
  return levels.toReversed().map((one, up) => ({
    id: `cell-line-${one.level}`, source: BASE, "source-layer": "cell", type: "line", filter: ["==", ["get", "level"], one.level],
    minzoom: one === levels[0] ? 0 : zoomWhere(one, 36),
    paint: {
      "line-color": c.cell, "line-width": 0.6 + 0.4 * up, "line-opacity": up ? 0.7 : 0.45,
      ...(up ? {} : { "line-dasharray": [3, 2] }),
    },
    layout: { "line-join": "round" },
  }));
}

/** The colour of each kind of asset. @param {Colours} c @param {string[]} kinds @returns {any} */
function kindColour(c, kinds) {
  return kinds.length ? ["match", ["get", "kind"], ...kinds.flatMap((kind, at) => [kind, c.kinds[at % c.kinds.length]]), c.asset] : c.asset;
}

/**
 * Lamps, bridges and so on; quiet unless they are the view.
 * @param {Colours} c @param {string[] | null} kinds in their order; null where they are not the view
 * @returns {LayerSpecification[]}
 */
export function assetLayers(c, kinds) {
  const loud = kinds !== null;
  const colour = loud ? kindColour(c, kinds) : c.asset;
  return [
    {
      id: "asset-area", source: BASE, "source-layer": "asset", type: "fill", filter: IS_AREA,
      paint: { "fill-color": colour, "fill-opacity": loud ? 0.35 : 0.14 },
    },
    {
      id: "asset-line", source: BASE, "source-layer": "asset", type: "line", filter: IS_LINE,
      paint: { "line-color": colour, "line-width": loud ? 3 : 1.4, "line-opacity": loud ? 0.9 : 0.6 },
    },
    {
      id: "asset-point", source: BASE, "source-layer": "asset", type: "circle", filter: IS_POINT, minzoom: loud ? 0 : 15,
      paint: {
        "circle-color": loud ? colour : c.land, "circle-stroke-color": loud ? c.markEdge : c.asset, "circle-stroke-width": 1,
        "circle-radius": byZoom(12, loud ? 1.8 : 1, 18, loud ? 7 : 3.5), "circle-stroke-opacity": loud ? 1 : 0.75,
      },
    },
  ];
}

/**
 * Names of places, above all that is drawn.
 * @param {Colours} c @param {Level[]} levels top first @param {boolean} assets whether theirs too
 * @returns {LayerSpecification[]}
 */
export function nameLayers(c, levels, assets) {
  const halo = { "text-halo-color": c.halo, "text-halo-width": 1.6 };
  /** @type {LayerSpecification[]} */
  const names = [
    {
      id: "road-name", source: BASE, "source-layer": "road", type: "symbol", minzoom: 14, filter: ["has", "name"],
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 11.5, "symbol-spacing": 380, "text-padding": 20 },
      paint: { "text-color": c.roadName, ...halo },
    },
    {
      id: "water-name", source: BASE, "source-layer": "water", type: "symbol", minzoom: 13, filter: ["has", "name"],
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 11.5, "symbol-spacing": 500, "text-letter-spacing": 0.1 },
      paint: { "text-color": c.waterName, ...halo },
    },
    ...levels.toReversed().map((one, up) => /** @type {LayerSpecification} */ ({
      id: `cell-name-${one.level}`, source: BASE, "source-layer": "cell_name", type: "symbol", filter: ["==", ["get", "level"], one.level],
      minzoom: zoomWhere(one, 150), ...(up > 0 ? { maxzoom: Math.max(zoomWhere(one, 150), zoomWhere(one, 2600)) + 0.1 } : {}),
      layout: {
        "text-field": ["coalesce", ["get", "name"], ""], "text-font": FONT, "text-padding": 8, "text-max-width": 8, "text-size": 11.5 + Math.min(up, 3) * 1.2,
        "text-letter-spacing": up > 1 ? 0.08 : 0, "text-variable-anchor": ["center", "bottom", "top", "left", "right"], "text-radial-offset": 1.7,
      },
      paint: { "text-color": c.cellName, ...halo },
    })),
  ];
  if (assets) {
    names.push({
      id: "asset-name", source: BASE, "source-layer": "asset", type: "symbol", minzoom: 15,
      filter: ["any", ["!=", ["geometry-type"], "Point"], [">=", ["zoom"], 17]],
      layout: {
        "text-field": ["coalesce", ["get", "name"], ["get", "id"]], "text-font": FONT, "text-size": 11, "text-offset": [0, 0.9], "text-anchor": "top", "text-optional": true,
      },
      paint: { "text-color": c.assetName, ...halo },
    });
  }
  return names;
}
