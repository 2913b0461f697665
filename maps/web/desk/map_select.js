// What the pointer does on the map, and how the open issue stays in sight.
import { byId, el } from "./dom.js";
import { cellTitle, className, riskText } from "./hotspot_box.js";
import { hotspotUnder } from "./hotspot_layers.js";
import { CLUSTER_LAYER, DRAWN, MARK_LAYERS, SELECTED } from "./issue_layers.js";
import { statusName } from "./marks.js";
import { grouped, say } from "./strings.js";
import { TOP_ZOOM } from "./map.js";
/** @import { MapGeoJSONFeature, MapMouseEvent } from "maplibre-gl" */
/** @import { Desk, IssueFeature } from "./types.js" */

const NEAR = 6; // pixels around the pointer
const EDGE = 22; // pixels from the edge of the map within which the open issue is not in sight

/** @param {Desk} desk */
export function startMapSelect(desk) {
  const { map } = desk;
  map.on("click", (event) => {
    if (event.defaultPrevented || map.getCanvas().dataset.tool) return;
    const found = under(desk, event);
    const spot = found ? null : hotspotUnder(map, event.point);
    if (spot) return desk.store.set({ hotspot: String(spot.cell_code) });
    if (!found) return chooseCell(desk, cellUnder(desk, event));
    if (found.layer.id === CLUSTER_LAYER) openCluster(desk, found);
    else desk.select(String(found.properties.number || found.properties.id));
  });
  map.on("mousemove", (event) => map.getCanvas().dataset.tool || showTip(desk, event));
  map.on("mouseout", () => (byId("map-tip").hidden = true));
}

/** The issue or cluster under the pointer. @param {Desk} desk @param {MapMouseEvent} event */
function under({ map }, event) {
  const layers = [...MARK_LAYERS, CLUSTER_LAYER].filter((id) => map.getLayer(id));
  const { x, y } = event.point;
  const found = drawnIn(map, [[x - NEAR, y - NEAR], [x + NEAR, y + NEAR]], layers);
  return found.find((one) => one.layer.id !== CLUSTER_LAYER) ?? found[0];
}

/** @param {Desk} desk @param {MapMouseEvent} event */
function cellUnder({ map, store }, event) {
  return store.state.view === "cells" ? drawnIn(map, event.point, ["cell-fill"])[0] : undefined;
}

/**
 * What is drawn somewhere. Between a tile's new data and its next drawing the library may look for features that
 * are gone, and throw: then nothing is there.
 * @param {Desk["map"]} map @param {any} where @param {string[]} layers
 */
export function drawnIn(map, where, layers) {
  try {
    return map.queryRenderedFeatures(where, { layers }).filter((one) => !one.state?.hidden);
  } catch {
    return [];
  }
}

/** Filters by a cell, or no more. @param {Desk} desk @param {MapGeoJSONFeature | undefined} cell */
function chooseCell({ store }, cell) {
  if (!cell) return;
  const { filters } = store.state;
  const code = String(cell.properties.code);
  const others = filters.cell.filter((one) => one !== code);
  store.set({ filters: { ...filters, cell: others.length < filters.cell.length ? others : [code] } });
}

/** @param {Desk} desk @param {MapGeoJSONFeature} cluster */
function openCluster({ map }, cluster) {
  const box = String(cluster.properties.bbox ?? "").split(",").map(Number);
  if (box.length === 4 && box.every(Number.isFinite)) {
    map.fitBounds(/** @type {[number, number, number, number]} */ (box), { padding: 60, maxZoom: Math.min(map.getZoom() + 3, TOP_ZOOM) });
    return;
  }
  const [lng, lat] = /** @type {GeoJSON.Point} */ (cluster.geometry).coordinates;
  map.easeTo({ center: [lng, lat], zoom: Math.min(map.getZoom() + 2, TOP_ZOOM) });
}

/** @param {Desk} desk @param {MapMouseEvent} event */
function showTip(desk, event) {
  const tip = byId("map-tip");
  const found = under(desk, event);
  const spot = found ? null : hotspotUnder(desk.map, event.point);
  const cell = found || spot ? undefined : cellUnder(desk, event);
  desk.map.getCanvas().style.cursor = found || spot || cell ? "pointer" : "";
  tip.hidden = !found && !spot && !cell;
  if (found) tip.replaceChildren(...tipLines(desk, found.properties));
  else if (spot) tip.replaceChildren(el("strong", {}, cellTitle(spot)), el("span", {}, className(spot) + say("comma") + say("spot.risk", { risk: riskText(spot) })));
  else if (cell) tip.replaceChildren(...cellLines(cell));
  else return;
  const width = desk.map.getContainer().clientWidth;
  const left = event.point.x > width / 2;
  tip.style.transform = `translate(${event.point.x + (left ? -14 : 14)}px, ${event.point.y + 14}px)${left ? " translateX(-100%)" : ""}`;
}

/** @param {MapGeoJSONFeature} cell */
function cellLines({ properties, state }) {
  const late = state.overdue ? `${say("comma")}${say("tip.late", { n: grouped(state.overdue) })}` : "";
  return [el("strong", {}, properties.name || properties.code), el("span", {}, state.open ? say("tip.cluster", { n: grouped(state.open) }) + late : say("tip.none"))];
}

/** @param {Desk} desk @param {Record<string, any>} properties */
function tipLines({ names }, properties) {
  if (properties.count) {
    const late = properties.overdue ? say("tip.late", { n: grouped(Number(properties.overdue)) }) : "";
    return [el("strong", {}, say("tip.cluster", { n: grouped(Number(properties.count)) })), late && el("span", {}, late)].filter((one) => one !== "");
  }
  const lines = [el("strong", {}, names.category(properties.category || null)), el("span", {}, `${properties.number} · ${statusName(properties.status)}`)];
  if (properties.overdue) lines.push(el("span", { class: "late-text" }, say("overdue")));
  return lines;
}

/** The properties of a feature as tiles have them. @param {IssueFeature} feature @returns {GeoJSON.Feature} */
export function asMark(feature) {
  const { number, status, category, due_at: due, overdue, certainty, owner_id: owner } = feature.properties;
  const properties = { id: feature.id, number, status, category: category ?? "", due, overdue, certainty, owner: owner ?? "" };
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: pointOf(feature) ?? [] } };
}

/** Where an issue is; a point of its line or area. @param {IssueFeature} feature @returns {[number, number] | null} */
export function pointOf({ geometry }) {
  if (!geometry || geometry.type === "GeometryCollection") return null;
  let at = /** @type {any} */ (geometry.coordinates);
  while (Array.isArray(at?.[0])) at = at[Math.floor((at.length - 1) / 2)];
  return Array.isArray(at) ? [at[0], at[1]] : null;
}

/** Marks an issue as the open one; null none. @param {Desk} desk @param {IssueFeature | null} feature */
export function showSelected({ map }, feature) {
  const source = /** @type {any} */ (map.getSource(SELECTED));
  const features = feature && pointOf(feature) ? [asMark(feature)] : [];
  source?.setData({ type: "FeatureCollection", features });
}

/** @param {Desk} desk @param {GeoJSON.Feature[]} features */
export function showDrawn({ map }, features) {
  const source = /** @type {any} */ (map.getSource(DRAWN));
  source?.setData({ type: "FeatureCollection", features });
}

/** Moves the map only where the place is not in sight. @param {Desk} desk @param {[number, number] | null} place @param {number} [zoom] */
export function bringIntoView({ map }, place, zoom = 0) {
  if (!place) return;
  const { x, y } = map.project(place);
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const inSight = x > EDGE && y > EDGE && x < width - EDGE && y < height - EDGE;
  if (!inSight || map.getZoom() < zoom) map.easeTo({ center: place, zoom: Math.max(map.getZoom(), zoom) });
}
