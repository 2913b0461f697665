// Assets and areas: quiet layers under the reports, each with a switch and, where needed, a zoom to appear at.
import { decodeShapes, readers } from "./data.js";

// From this zoom on a layer with more than FEW features of points or areas is drawn.
const FEW = 300;
const POINTS_FROM = 15;
const AREAS_FROM = 13;
const ALWAYS = ["water", "road", "area"]; // drawn at every zoom, however many there are
const OTHERS = 6; // colours for kinds without one of their own

const STYLE_OF = {
  water: /water|river|canal|lake|pond|河|水体|湖/i,
  road: /road|street$|highway|route|道路|街路/i,
  building: /building|house|房|楼/i,
  bridge: /bridge|桥/i,
  lamp: /lamp|light|灯/i,
  green: /park|green|tree|wood|绿|树|公园/i,
};

// Order of drawing, lowest first.
const ORDER = ["green", "water", "building", "other", "road", "bridge", "lamp"];

// Widths in pixels by class of road, widest first.
const ROAD_WIDTHS = [[/motorway|trunk|expressway|快速|高速/i, 5], [/primary|arterial|主干/i, 4], [/secondary|次干/i, 2.8],
  [/tertiary|branch|支路/i, 1.8], [/path|foot|cycle|steps|track|步道/i, 1]];

// The same for waters; a river without a class is a river.
const WATER_WIDTHS = [[/stream|brook|溪/i, 1.4], [/drain|ditch|渠|沟/i, 1]];

// How thin the lines of a style may become, as a share of their width.
const GROWING = { road: 0.2, water: 0.42 };

export function styleName(kind) {
  return Object.keys(STYLE_OF).find((name) => STYLE_OF[name].test(kind)) ?? "other";
}

export function readLayers(payload) {
  const assets = payload.assets.map((coded, at) => readLayer(coded, payload.unit, "assets", at));
  const areas = payload.areas.map((coded, at) => readLayer(coded, payload.unit, "areas", at));
  assets.sort((a, b) => ORDER.indexOf(a.style) - ORDER.indexOf(b.style));
  return [...areas, ...assets];
}

function readLayer(coded, unit, group, at) {
  const get = readers(coded.columns);
  const shapes = coded.shapes.map((shape) => ({ dimension: shape.dimension, features: decodeShapes(shape, coded.count, unit) }));
  const fine = coded.count > FEW && shapes.length > 0;
  const dimension = mainDimension(shapes);
  const style = group === "areas" ? "area" : styleName(coded.kind);
  const from = !fine || ALWAYS.includes(style) ? 0 : dimension === 0 ? POINTS_FROM : dimension === 2 || style === "bridge" ? AREAS_FROM : 0;
  return {
    group, kind: coded.kind, total: coded.total, count: coded.count, shapes, dimension, style, hue: at % OTHERS, from,
    id: get.id ?? (() => null), name: get.name ?? (() => null), owner: get.owner_name ?? (() => null), grade: get.class,
    shown: group === "assets",
  };
}

// What most of a layer's features are: one manhole drawn as a line does not make the others lines.
function mainDimension(shapes) {
  const drawn = (shape) => shape.features.filter((parts) => parts.length).length;
  return shapes.reduce((most, shape) => (most && drawn(most) >= drawn(shape) ? most : shape), null)?.dimension ?? 0;
}

export function makeBackdrop(map, layers) {
  const canvas = L.canvas({ pane: "backdrop", padding: 0.3 });
  const groups = layers.map(() => L.layerGroup());
  const draw = (theme) => layers.forEach((layer, at) => {
    const visible = layer.shown && map.getZoom() >= layer.from;
    if (!visible) groups[at].remove();
    else if (!map.hasLayer(groups[at])) {
      groups[at].clearLayers();
      for (const path of paths(layer, theme, canvas)) groups[at].addLayer(path);
      groups[at].addTo(map);
    }
    if (visible && GROWING[layer.style]) widen(groups[at], map.getZoom(), GROWING[layer.style]);
  });
  return {
    draw,
    redraw(theme) {
      groups.forEach((group) => group.remove());
      draw(theme);
    },
  };
}

// One path per look, not per feature: five thousand streets are two strokes.
function paths(layer, theme, renderer) {
  const base = { renderer, interactive: false, smoothFactor: 1 };
  return layer.shapes.flatMap(({ dimension, features }) => {
    if (dimension === 0) return dots(features.flat(), layer, theme, base);
    if (dimension === 1) return strokes(features, layer, theme, base);
    return features.flat().map((rings) => L.polygon(rings, { ...base, ...areaStyle(layer, theme) }));
  });
}

function dots(places, layer, theme, base) {
  const look = { radius: 3, color: theme.dotEdge, weight: 1, fillColor: colour(layer, theme), fillOpacity: 1 };
  return places.map((place) => L.circleMarker(place, { ...base, ...look }));
}

function strokes(features, layer, theme, base) {
  if (!GROWING[layer.style]) {
    const weight = layer.style === "bridge" ? 4 : 2.4;
    return [L.polyline(features.flat(), { ...base, color: colour(layer, theme), weight, dashArray: layer.style === "area" ? "6 4" : null })];
  }
  const widths = new Map();
  features.forEach((lines, at) => {
    const width = lineWidth(layer.style, layer.grade?.(at));
    widths.set(width, [...(widths.get(width) ?? []), ...lines]);
  });
  const sorted = [...widths].sort((a, b) => a[0] - b[0]);
  const stroke = (color, rim) => ([width, lines]) => L.polyline(lines, { ...base, color, width, rim });
  if (layer.style === "water") return sorted.map(stroke(colour(layer, theme), 0));
  return [...sorted.map(stroke(theme.roadCasing, 1.2)), ...sorted.map(stroke(theme.road, 0))];
}

// Roads and rivers grow with the zoom; far out, small ones give way to the colours of the cells.
function widen(group, zoom, least) {
  const factor = Math.min(1.6, Math.max(least, 2 ** ((zoom - 15) / 2)));
  group.eachLayer((path) => {
    const { width, rim } = path.options;
    if (width === undefined) return;
    const weight = width * factor;
    path.setStyle({ weight: weight + rim * Math.min(1, Math.max(0.8, factor)), opacity: weight < 0.55 ? 0 : 1 });
  });
}

export function lineWidth(style, grade) {
  if (style === "water") return WATER_WIDTHS.find(([pattern]) => pattern.test(grade ?? ""))?.[1] ?? 2.4;
  return ROAD_WIDTHS.find(([pattern]) => pattern.test(grade ?? ""))?.[1] ?? 2;
}

function areaStyle(layer, theme) {
  const own = colour(layer, theme);
  if (layer.style === "area") return { color: own, weight: 1.8, dashArray: "6 4", fillColor: own, fillOpacity: 0.06 };
  return { color: theme.edges[layer.style] ?? own, weight: 0.7, fillColor: own, fillOpacity: 0.9 };
}

export function colour(layer, theme) {
  return theme.kinds[layer.style] ?? theme.others[layer.hue];
}
