// The changes on the map: a colour for each kind, every feature with what became of it.
import { decodeShapes, readers } from "../page/data.js";
import { el, fact } from "../page/dom.js";
import { currentLanguage, say, term } from "../page/strings.js";

// Okabe and Ito's colours and their neighbours: told apart by every eye, on light ground and on dark.
export const KIND_COLOURS = {
  added: "#009e73", removed: "#d55e00", recoded: "#56b4e9", moved: "#e69f00", reshaped: "#0072b2", owner: "#b0578d",
  reparented: "#8a7a3c", renamed: "#7f8790", attributes: "#a88d6f", redrawn: "#9aa0a6",
  ground: "#7b4fb3", ground_cell: "#3f7fe0", ground_owner: "#cc79a7", places: "#d4b400",
};
const OUTLINED = ["reshaped", "renamed", "reparented", "attributes", "redrawn", "owner"];

export function readGroup(coded, unit) {
  const get = readers(coded.columns);
  const shapes = coded.shapes.map((shape) => ({ dimension: shape.dimension, features: decodeShapes(shape, coded.count, unit) }));
  const column = (name) => get[name] ?? (() => null);
  return { kind: coded.kind, count: coded.count, total: coded.total, shapes, column, shown: coded.kind !== "redrawn", layer: null, paths: [] };
}

// All paths of a group, and for each feature its own, so that the list can find it.
export function drawGroup(group, opened) {
  group.layer = L.featureGroup();
  group.paths = Array.from({ length: group.count }, () => []);
  for (const { dimension, features } of group.shapes) {
    features.forEach((parts, row) => parts.forEach((part) => {
      const path = pathOf(group, dimension, part);
      path.on("click", (event) => opened(group, row, event.latlng));
      group.paths[row].push(path.addTo(group.layer));
    }));
  }
  return group.layer;
}

function pathOf(group, dimension, part) {
  const colour = KIND_COLOURS[group.kind];
  const fillOpacity = OUTLINED.includes(group.kind) ? 0.08 : 0.45;
  const style = { color: colour, weight: 2, fillColor: colour, fillOpacity, dashArray: group.kind === "removed" ? "5 4" : null };
  if (dimension === 0) return L.circleMarker(part, { ...style, radius: 5, fillOpacity: 0.9 });
  return dimension === 1 ? L.polyline(part, { ...style, weight: 4 }) : L.polygon(part, style);
}

// Where a feature lies; null where it has no shape.
export function boundsOf(group, row) {
  const bounds = L.latLngBounds([]);
  for (const path of group.paths[row]) bounds.extend(path.getBounds ? path.getBounds() : path.getLatLng());
  return bounds.isValid() ? bounds : null;
}

export function sizeText(group, row) {
  const [m2, m] = [group.column("m2")(row), group.column("m")(row)];
  const locale = currentLanguage() === "zh" ? "zh-CN" : "en-GB";
  const number = (value, digits) => value.toLocaleString(locale, { maximumFractionDigits: digits });
  return m2 !== null ? `${number(m2, 1)} m²` : m !== null ? `${number(m, 2)} m` : "";
}

export function changeText(group, row, name) {
  return String(group.column(name)(row) ?? "");
}

export function changePopup(group, row) {
  const text = (name) => changeText(group, row, name);
  const title = [text("name"), text("code")].filter(Boolean).join(" · ");
  return el("div", { class: "change-popup" },
    el("h3", { tabindex: "-1" }, [term(group.kind), title].filter(Boolean).join(": ")),
    el("dl", {}, ...fact(say("layer"), layerName(text("layer"))), ...fact(say("before"), text("before")),
      ...fact(say("after"), text("after")), ...fact(say("size"), sizeText(group, row))));
}

// "grid:village" with the city's word for the level.
export function layerName(layer) {
  const [role, kind] = layer.split(":");
  return kind === undefined ? term(role) : term(kind);
}
