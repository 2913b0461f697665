// The answer on the map: the issue's own shape, its error, the asset, and the way to it with its length.
import { metresText } from "./times.js";
import { inLanguage } from "./strings.js";
/** @import { FullIssue, WhyAsset } from "./types.js" */

const CORNERS = 48, METRES_PER_DEGREE = 111_320;
const NEAR_M = 0.5; // less is not worth a line

/** @param {FullIssue} issue @returns {GeoJSON.Feature[]} */
export function drawWhy(issue) {
  /** @type {GeoJSON.Feature[]} */
  const drawn = [];
  if (issue.geometry && issue.geometry.type !== "Point") drawn.push(shape(issue.geometry, "issue"));
  const why = issue.why;
  if (!why || why.lng === null || why.lat === null) return drawn;
  if (why.radius_95_m && why.radius_95_m < 2000) drawn.push(shape(circle(why.lng, why.lat, why.radius_95_m), "error"));
  const assets = why.asset ? [why.asset] : why.candidates.slice(0, 3);
  for (const asset of assets) drawn.push(...drawAsset(asset, [why.lng, why.lat]));
  return drawn;
}

/** @param {WhyAsset} asset @param {[number, number]} place @returns {GeoJSON.Feature[]} */
function drawAsset(asset, place) {
  if (!asset.geometry) return [];
  const name = asset.name || `${inLanguage(asset.kind_name)} ${asset.id}`;
  const far = asset.nearest !== null && asset.distance_m !== null && asset.distance_m > NEAR_M;
  const label = far ? `${name} · ${metresText(asset.distance_m ?? 0)}` : name;
  const drawn = [shape(asset.geometry, "asset", asset.geometry.type === "Point" ? label : "")];
  if (!asset.nearest) return drawn;
  if (far) drawn.push(shape({ type: "LineString", coordinates: [place, asset.nearest] }, "reach"));
  if (asset.geometry.type !== "Point") drawn.push(shape({ type: "Point", coordinates: asset.nearest }, "nearest", label));
  return drawn;
}

/** @param {GeoJSON.Geometry} geometry @param {string} role @param {string} [label] @returns {GeoJSON.Feature} */
function shape(geometry, role, label) {
  return { type: "Feature", geometry, properties: label ? { role, label } : { role } };
}

/** @param {number} lng @param {number} lat @param {number} metres @returns {GeoJSON.Polygon} */
export function circle(lng, lat, metres) {
  const up = metres / METRES_PER_DEGREE;
  const along = up / Math.max(Math.cos((lat * Math.PI) / 180), 0.01);
  const ring = Array.from({ length: CORNERS + 1 }, (_, at) => {
    const angle = ((at % CORNERS) / CORNERS) * 2 * Math.PI;
    return [lng + along * Math.cos(angle), lat + up * Math.sin(angle)];
  });
  return { type: "Polygon", coordinates: [ring] };
}
