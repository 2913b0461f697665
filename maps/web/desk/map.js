// The map: made once; its style is built from the theme and the view, its camera is part of the address.
import { assetLayers, BASE, baseSource, boundaryLayers, groundLayers, nameLayers } from "./basemap.js";
import { paintCoarselyInHaste } from "./coarse.js";
import { byId } from "./dom.js";
import { HOTSPOT_LAYERS, HOTSPOTS, hotspotLayers, STRIPES, stripeImage } from "./hotspot_layers.js";
import { CELL_LAYERS, cellLayers, CLUSTER_IMAGES, CLUSTER_LAYER, DRAWN, HEAT_LAYERS, issueLayers, ISSUES, MARK_LAYERS, OVERLAY, SELECTED } from "./issue_layers.js";
import { clusterImage, MARK_PX, markImage, TURNS } from "./marks.js";
import { issueQuery } from "./query.js";
import { currentLanguage, say } from "./strings.js";
import { colours, onColours } from "./theme.js";
/** @import { Map as LibraryMap, LayerSpecification, StyleSpecification } from "maplibre-gl" */
/** @import { Level } from "./basemap.js" */
/** @import { Box, State, Store } from "./types.js" */

const NOTHING = /** @type {any} */ ({ type: "FeatureCollection", features: [] });
const RATIO = Math.max(2, Math.ceil(window.devicePixelRatio || 1));
export const TOP_ZOOM = 20;

/** What the map's tiles are asked with; the page sets it from the filters. */
const asked = { query: "", breaks: /** @type {number[]} */ ([]), city: { tiles: [""], maxzoom: 16 } };

/** @param {string} query @returns {string} */
function issueTiles(query) {
  return `${location.origin}/tiles/issues/{z}/{x}/{y}.mvt${query ? `?${query}` : ""}`;
}

/**
 * The map in its place, looking at what the address says, else at the whole city.
 * @param {Store} store @param {{ tiles: string[], maxzoom: number }} cityTiles TileJSON
 * @returns {LibraryMap}
 */
export function makeMap(store, cityTiles) {
  const { camera, city } = store.state;
  asked.city = cityTiles;
  asked.query = String(issueQuery(store.state.filters));
  const map = new maplibregl.Map({
    container: "map", style: styleOf(store.state), maxZoom: TOP_ZOOM, minZoom: 3, attributionControl: false,
    canvasContextAttributes: { preserveDrawingBuffer: true }, fadeDuration: 0, dragRotate: false,
    pitchWithRotate: false, touchPitch: false, keyboard: false, localIdeographFontFamily: "sans-serif",
    ...(camera ? { center: [camera.lng, camera.lat], zoom: camera.zoom } : { bounds: city?.bbox ?? undefined, fitBoundsOptions: { padding: 24 } }),
  });
  paintCoarselyInHaste(map);
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
  map.getCanvas().tabIndex = -1; // the list is the way for the keyboard; + − and the arrows move the map from anywhere
  map.getCanvas().removeAttribute("aria-label");
  addPictures(map, false);
  onColours(() => restyle(map, store.state));
  store.watch(["view", "level", "hotspots"], () => restyle(map, store.state));
  followCamera(map, store);
  showLoading(map);
  return map;
}

/** @param {Readonly<State>} state @returns {StyleSpecification} */
function styleOf(state) {
  return {
    version: 8,
    sources: {
      [BASE]: baseSource(location.origin, asked.city),
      [ISSUES]: { type: "vector", tiles: [issueTiles(asked.query)], minzoom: 0, maxzoom: 18, promoteId: { issue: "id" } },
      [HOTSPOTS]: { type: "geojson", data: NOTHING, promoteId: "cell_code" },
      [OVERLAY]: { type: "geojson", data: NOTHING },
      [DRAWN]: { type: "geojson", data: NOTHING },
      [SELECTED]: { type: "geojson", data: NOTHING },
    },
    layers: layersOf(state),
  };
}

/** All layers; those of other views are there and not visible. @param {Readonly<State>} state @returns {LayerSpecification[]} */
function layersOf(state) {
  const c = colours();
  const levels = levelsOf(state.city);
  const level = state.level || levels.at(-1)?.level || "";
  const all = [
    ...groundLayers(c), ...cellLayers(c, level, asked.breaks), ...hotspotLayers(c), ...boundaryLayers(c, levels),
    ...assetLayers(c, state.view === "assets" ? assetKinds(state.city) : null), ...nameLayers(c, levels, state.view === "assets"), ...issueLayers(c, state.city?.open_issues ?? 0),
  ];
  return all.map((layer) => /** @type {any} */ ({ ...layer, layout: { ...layer.layout, visibility: isShown(layer.id, state) ? "visible" : "none" } }));
}

/** The levels of the grid, and how wide their cells usually are. @param {State["city"]} city @returns {Level[]} */
function levelsOf(city) {
  const [west, south, east, north] = city?.bbox ?? [0, 0, 1, 1];
  const ground = Math.max((east - west) * (north - south), 1e-9);
  return (city?.levels ?? []).map(({ level, count }) => ({ level: String(level), width: Math.sqrt(ground / Math.max(count, 1)) }));
}

const GROUND = ["road", "street", "highway", "water", "water_area", "river", "canal", "stream", "lake", "pond", "park", "green", "green_space", "forest", "wood", "grass", "garden", "building", "house"];

/** The kinds of assets that are no part of the ground. @param {State["city"]} city */
export function assetKinds(city) {
  return (city?.assets ?? []).map((one) => String(one.kind)).filter((kind) => !GROUND.includes(kind));
}

/** @param {string} id @param {Readonly<State>} state */
function isShown(id, { view, hotspots }) {
  if (HOTSPOT_LAYERS.includes(id)) return Boolean(hotspots);
  if (HEAT_LAYERS.includes(id)) return view === "heat";
  if (CELL_LAYERS.includes(id)) return view === "cells";
  if (id === CLUSTER_LAYER || MARK_LAYERS.includes(id)) return view === "clusters" || view === "assets";
  return true;
}

/**
 * Give every layer the paint of the theme and the view; sources, their data and states stay.
 * @param {LibraryMap} map @param {Readonly<State>} state
 */
export function restyle(map, state) {
  if (!map.style || !map.getLayer("land")) return;
  addPictures(map, true);
  const wanted = layersOf(state);
  for (const [at, layer] of wanted.entries()) {
    if (!map.getLayer(layer.id)) map.addLayer(layer, wanted.slice(at + 1).find((next) => map.getLayer(next.id))?.id);
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, /** @type {any} */ (name), value);
    map.setLayoutProperty(layer.id, "visibility", layer.layout?.visibility);
    if ("minzoom" in layer) map.setLayerZoomRange(layer.id, layer.minzoom ?? 0, layer.maxzoom ?? 24);
    if (CELL_LAYERS.includes(layer.id)) map.setFilter(layer.id, /** @type {any} */ (layer).filter);
  }
  const names = map.getLayer("asset-name");
  if (names) map.setLayoutProperty("asset-name", "visibility", state.view === "assets" ? "visible" : "none");
}

/** @param {LibraryMap} map @param {Readonly<State>} state @param {number[]} breaks */
export function setBreaks(map, state, breaks) {
  asked.breaks = breaks;
  restyle(map, state);
}

/** Who waits for the next round of tiles; null while none is under way. @type {(() => void)[] | null} */
let nextRound = null;
const LONGEST_MS = 15_000;

/**
 * Asks for the tiles of issues, one round after the other: of two that overlap the library may show the older.
 * @param {LibraryMap} map
 * @param {string} query of the filters; the same again asks for the tiles anew
 * @param {() => void} [then] when tiles have come that were asked for after this call
 */
export function setIssueTiles(map, query, then = () => {}) {
  asked.query = query;
  if (nextRound) return void nextRound.push(then);
  nextRound = [];
  /** @type {any} */ (map.getSource(ISSUES))?.setTiles([issueTiles(query)]);
  whenIssuesLoaded(map, () => {
    const waiting = nextRound ?? [];
    nextRound = null;
    then();
    if (waiting.length) setIssueTiles(map, asked.query, () => waiting.forEach((run) => run()));
  });
}

/** @param {LibraryMap} map @param {() => void} run once, when all tiles of issues in sight have come */
function whenIssuesLoaded(map, run) {
  const done = () => {
    map.off("sourcedata", look);
    map.off("idle", done);
    window.clearTimeout(timer);
    run();
  };
  const look = () => map.isSourceLoaded(ISSUES) && done();
  const timer = window.setTimeout(done, LONGEST_MS);
  map.on("sourcedata", look);
  map.on("idle", done);
}

/** @param {LibraryMap} map @param {boolean} anew */
function addPictures(map, anew) {
  /** @param {string} name @param {ImageData} image */
  const put = (name, image) => {
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: image.width / Number(name.startsWith("cluster") ? sizes.get(name) : MARK_PX) });
  };
  const sizes = new Map(CLUSTER_IMAGES.map((one) => [one.name, one.px]));
  const draw = () => {
    for (const turn of [...TURNS, /** @type {const} */ ("done")]) {
      put(`mark-${turn}`, markImage(turn, false, RATIO));
      put(`mark-${turn}-late`, markImage(turn, true, RATIO));
    }
    for (const way of STRIPES) put(`stripes-${way}`, stripeImage(way, MARK_PX, RATIO));
    for (const one of CLUSTER_IMAGES) put(one.name, clusterImage(one.px, one.late, RATIO));
  };
  if (anew) draw();
  else map.once("styledata", draw);
}

/** @param {LibraryMap} map @param {Store} store */
function followCamera(map, store) {
  const tell = () => {
    const { lng, lat } = map.getCenter().wrap();
    const box = map.getBounds();
    /** @type {Box} */
    const bounds = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    store.set({ camera: { lng, lat, zoom: map.getZoom() }, bounds });
  };
  tell();
  map.on("moveend", tell);
  map.on("load", tell);
  // A saved view, or the browser's way back: another place than the map's own.
  store.watch(["camera"], ({ camera }) => {
    const here = map.getCenter().wrap();
    if (camera && (Math.abs(camera.lng - here.lng) + Math.abs(camera.lat - here.lat) > 1e-5 || Math.abs(camera.zoom - map.getZoom()) > 0.01)) {
      map.jumpTo({ center: [camera.lng, camera.lat], zoom: camera.zoom });
    }
  });
}

/** @param {LibraryMap} map */
function showLoading(map) {
  const bar = byId("map-busy");
  /** @type {number | undefined} */
  let timer;
  map.on("dataloading", () => (timer ??= window.setTimeout(() => (bar.hidden = false), 400)));
  map.on("idle", () => {
    window.clearTimeout(timer);
    timer = undefined;
    bar.hidden = true;
  });
  map.on("error", (event) => {
    if (/AbortError|40[0-9]|50[0-9]|Failed to fetch/.test(String(event.error))) byId("map-fault").textContent = say("map.fault");
    else console.warn("map:", currentLanguage(), event.error);
  });
  map.on("sourcedata", (event) => {
    if (event.isSourceLoaded) byId("map-fault").textContent = "";
  });
}
