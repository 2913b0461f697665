// Names of cells: at zooms where they fit, never over one another and never over a report.
import { el } from "./dom.js";
import { inPolygon } from "./here.js";

const FITTING_PX = 52; // a level is named from the zoom where half its cells are that wide
const HEIGHT_PX = 16;
const BARE = 3; // times its own width a cell has to be for a name that is only its code
const SHIFTS = [0, -22, 22, -36, 36]; // where a name may give way to a point, in pixels downwards

export function makeLabels(map, levels, boxes) {
  const layer = L.layerGroup().addTo(map);
  const pen = document.createElement("canvas").getContext("2d");
  const width = (text) => {
    pen.font = getComputedStyle(document.body).font.replace(/^.*?px/, "12px");
    return Math.ceil(pen.measureText(text).width) + 6;
  };
  const state = { level: -1 };
  const draw = () => {
    layer.clearLayers();
    const at = fittingLevel(map, levels, state.level);
    if (at >= 0) place(map, layer, levels[at], boxes(), width);
  };
  return { draw, setLevel: (level) => (state.level = level) };
}

// The lowest level, from the chosen one upwards, whose cells are wide enough; the top level otherwise.
function fittingLevel(map, levels, chosen) {
  for (let at = chosen; at > 0; at--) if (medianWidth(map, levels[at]) >= FITTING_PX) return at;
  return Math.min(chosen, 0);
}

export function medianWidth(map, level) {
  const widths = level.bounds.filter(Boolean).map((box) => box.getEast() - box.getWest()).sort((a, b) => a - b);
  const degrees = widths[Math.floor(widths.length / 2)] ?? 0;
  return (degrees / 360) * 256 * 2 ** map.getZoom();
}

function place(map, layer, level, marks, width) {
  const view = map.getBounds();
  const corner = map.getPixelBounds().min; // the buttons stand here
  const taken = [...marks, { x: corner.x + 90, y: corner.y + 45, w: 180, h: 90 }];
  const size = (at) => (level.bounds[at] ? level.bounds[at].getEast() - level.bounds[at].getWest() : 0);
  const inView = level.label.map((_, at) => at).filter((at) => level.label[at] && view.contains(level.label[at]));
  for (const at of inView.sort((a, b) => size(b) - size(a) || a - b)) {
    const name = level.cellName(at);
    const centre = map.project(level.label[at]);
    const cellPx = (size(at) / 360) * 256 * 2 ** map.getZoom();
    const inside = (box) => holds(level.parts[at], map.unproject([box.x, box.y]));
    const box = freePlace(centre, width(name), taken, inside);
    const bare = name === level.code(at); // a code says little: it waits until there is much room
    if (!box || cellPx < box.w * (bare ? BARE : 0.7)) continue;
    taken.push(box);
    layer.addLayer(text(map, box, name));
  }
}

function holds(polygons, { lat, lng }) {
  return polygons.some((rings) => inPolygon([lat, lng], rings));
}

// The first place that nothing has taken; away from the centre only as long as the cell still holds it.
function freePlace(centre, w, taken, inside) {
  for (const shift of SHIFTS) {
    const box = { x: centre.x, y: centre.y + shift, w, h: HEIGHT_PX };
    if (!taken.some((other) => overlap(box, other)) && (shift === 0 || inside(box))) return box;
  }
  return null;
}

export function overlap(a, b) {
  return Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;
}

function text(map, box, name) {
  const html = el("span", {}, name);
  const icon = L.divIcon({ className: "cell-name", html, iconSize: [box.w, box.h] });
  return L.marker(map.unproject([box.x, box.y]), { icon, pane: "names", keyboard: false, interactive: false });
}
