// Reports as points; where many lie close together they are drawn as one circle with their number.
import { el } from "./dom.js";
import { grouped } from "./strings.js";

const SINGLY = 300; // so many reports are drawn one by one at every zoom
const FAR_PX = 56; // farther apart than this, reports are never drawn as one
export const SAME_PX = 26; // nearer than this they always are: one would cover the other
const TOP_ZOOM = 18;

// Groups rows whose positions (pixels of the zoom) lie close: fine squares first, then the fullest take their neighbours.
export function cluster(rows, project, far) {
  const squares = new Map();
  const step = Math.max(far / 4, 2);
  for (const row of rows) {
    const at = project(row);
    if (!at) continue;
    const key = Math.floor(at.x / step) * 1e7 + Math.floor(at.y / step);
    const square = squares.get(key);
    if (square) addTo(square, at, row);
    else squares.set(key, { x: at.x, y: at.y, rows: [row] });
  }
  return mergeNear([...squares.values()], far);
}

function addTo(group, at, row) {
  const size = group.rows.length;
  group.x = (group.x * size + at.x) / (size + 1);
  group.y = (group.y * size + at.y) / (size + 1);
  group.rows.push(row);
}

function mergeNear(squares, far) {
  const buckets = new Map();
  const key = (x, y) => Math.floor(x / far) * 1e7 + Math.floor(y / far);
  const fullestFirst = squares.sort((a, b) => b.rows.length - a.rows.length || a.x - b.x || a.y - b.y);
  const groups = [];
  for (const square of fullestFirst) {
    const near = nearest(buckets, key, square, far);
    if (near) {
      near.members.push(square);
      continue;
    }
    const group = { x: square.x, y: square.y, members: [square] };
    groups.push(group);
    const bucket = key(square.x, square.y);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), group]);
  }
  return groups.map((group) => ({ x: group.x, y: group.y, rows: group.members.flatMap((square) => square.rows) }));
}

function nearest(buckets, key, square, far) {
  let best = null, least = far;
  for (const dx of [-far, 0, far]) {
    for (const dy of [-far, 0, far]) {
      for (const group of buckets.get(key(square.x + dx, square.y + dy)) ?? []) {
        const distance = Math.hypot(group.x - square.x, group.y - square.y);
        if (distance < least) [best, least] = [group, distance];
      }
    }
  }
  return best;
}

export function makePoints(map, reports, opened) {
  const layer = L.layerGroup().addTo(map);
  const places = Array.from({ length: reports.count }, (_, row) => reports.place(row));
  const state = { rows: [], groups: [], zoom: null, shown: true };
  const draw = () => drawPoints(map, layer, state, reports, opened);
  const regroup = () => {
    state.zoom = map.getZoom();
    const far = state.rows.length > SINGLY && state.zoom < TOP_ZOOM ? FAR_PX : SAME_PX;
    state.groups = cluster(state.rows, (row) => places[row] && map.project(places[row], state.zoom), far);
  };
  map.on("moveend", () => {
    if (state.zoom !== map.getZoom()) regroup();
    draw();
  });
  return {
    setRows(rows) {
      state.rows = rows;
      regroup();
      draw();
    },
    setShown(shown) {
      state.shown = shown;
      draw();
    },
    boxes: () => layer.getLayers().map((marker) => marker.box),
  };
}

function drawPoints(map, layer, state, reports, opened) {
  layer.clearLayers();
  if (!state.shown) return;
  const view = map.getPixelBounds();
  const margin = L.point(60, 60);
  const [low, high] = [view.min.subtract(margin), view.max.add(margin)];
  for (const group of state.groups) {
    if (group.x < low.x || group.x > high.x || group.y < low.y || group.y > high.y) continue;
    layer.addLayer(marker(map, state.zoom, group, reports, opened));
  }
}

function marker(map, zoom, group, reports, opened) {
  const count = group.rows.length;
  const size = count === 1 ? 14 : Math.round(22 + 7 * Math.log10(count));
  const kind = count === 1 ? reports.kind(group.rows[0]) : "cluster";
  const html = el("span", { class: `mark mark-${kind}` }, count === 1 ? "" : grouped(count));
  const icon = L.divIcon({ className: "mark-box", html, iconSize: [size, size] });
  // Without a tab stop of their own: the list is the way for the keyboard.
  const made = L.marker(map.unproject([group.x, group.y], zoom), { icon, keyboard: false });
  made.box = { x: group.x, y: group.y, w: size, h: size };
  return made.on("click", () => opened(group.rows, made.getLatLng()));
}
