// Hotspots as they are drawn: a colour for each class, stripes for cold and new ones, below all marks.
import { colours } from "./theme.js";
/** @import { LayerSpecification, Map as LibraryMap, PointLike } from "maplibre-gl" */
/** @import { Colours } from "./theme.js" */

export const HOTSPOTS = "hotspots";
const AREAS = "hotspot-fill", LINES = "hotspot-line";
export const HOTSPOT_LAYERS = [AREAS, "hotspot-stripe", "hotspot-edge", LINES, "hotspot-chosen"];
export const STRIPES = /** @type {const} */ (["across", "diagonal"]);

/** @type {any} */
const CLASS = ["get", "class"];
/** @type {any} */
const OUT = ["in", CLASS, ["literal", ["hot", "cold"]]];
/** @type {any} */
const FRESH = ["all", ["==", CLASS, "hot"], ["to-boolean", ["coalesce", ["get", "is_new"], false]]];
/** @type {any} */
const AREA = ["==", ["geometry-type"], "Polygon"];
/** @type {any} */
const LINE = ["==", ["geometry-type"], "LineString"];

/** @param {Colours} c @returns {LayerSpecification[]} */
export function hotspotLayers(c) {
  /** @type {any} */
  const fill = ["match", CLASS, "hot", c.hot, "cold", c.cold, c.cell];
  /** @type {any} */
  const edge = ["match", CLASS, "hot", c.hotEdge, "cold", c.coldEdge, c.cell];
  const source = HOTSPOTS;
  return [
    { id: AREAS, source, type: "fill", filter: AREA, paint: { "fill-color": fill, "fill-opacity": ["case", OUT, 0.66, ["==", CLASS, "excluded"], 0, 0.08] } },
    {
      id: "hotspot-stripe", source, type: "fill", filter: ["all", AREA, ["any", ["==", CLASS, "cold"], FRESH]],
      paint: { "fill-pattern": ["match", CLASS, "cold", "stripes-across", "stripes-diagonal"], "fill-opacity": 0.8 },
    },
    { id: "hotspot-edge", source, type: "line", filter: AREA, paint: { "line-color": edge, "line-width": ["case", OUT, 1.6, 0.5], "line-opacity": ["case", OUT, 1, 0.5] } },
    { id: LINES, source, type: "line", filter: LINE, paint: { "line-color": fill, "line-width": ["case", OUT, 7, 2], "line-opacity": 0.8 } },
    { id: "hotspot-chosen", source, type: "line", paint: { "line-color": c.selected, "line-width": ["case", ["boolean", ["feature-state", "chosen"], false], 4, 0] } },
  ];
}

/**
 * The stripes of a class as a picture to fill with.
 * @param {typeof STRIPES[number]} way @param {number} px across, a multiple of four stripes @param {number} ratio
 * @returns {ImageData}
 */
export function stripeImage(way, px, ratio) {
  const size = Math.round(px * ratio);
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  pen.strokeStyle = colours().halo;
  pen.lineWidth = size / 18;
  const step = size / 4;
  for (let at = -4; at < 8; at++) {
    pen.moveTo(0, (at + 0.5) * step);
    pen.lineTo(size, (at + 0.5) * step - (way === "across" ? 0 : size));
  }
  pen.stroke();
  return pen.getImageData(0, 0, size, size);
}

/**
 * The properties of the cell that is drawn there, if hotspots are shown.
 * @param {LibraryMap} map @param {PointLike} point @returns {Record<string, any> | null}
 */
export function hotspotUnder(map, point) {
  const layers = [AREAS, LINES].filter((id) => map.getLayer(id) && map.getLayoutProperty(id, "visibility") === "visible");
  try {
    return layers.length ? map.queryRenderedFeatures(point, { layers })[0]?.properties ?? null : null;
  } catch {
    return null; // between new data and its drawing there may be nothing
  }
}
