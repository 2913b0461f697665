// How classes look: colours that every eye tells apart (Okabe and Ito), and a pattern or outline besides.
import { theme } from "../page/theme.js";

const LIGHT_LOOK = {
  hot: { fill: "#d55e00", edge: "#5e2a00" }, cold: { fill: "#0072b2", edge: "#00324e" }, "not significant": { fill: "#efede6", edge: "#b9b5aa" },
  excluded: { fill: "#ffffff", edge: "#8c887e" }, stripe: "#ffffff", mark: "#23282d", halo: "#ffffff", cluster: "#7a3b69", outline: "#8c887e",
};
const DARK_LOOK = {
  hot: { fill: "#e67e3c", edge: "#ffe3cd" }, cold: { fill: "#3f9bd1", edge: "#d6eefc" }, "not significant": { fill: "#2e3236", edge: "#4f5458" },
  excluded: { fill: "#16181a", edge: "#7d8287" }, stripe: "#16181a", mark: "#f4f2ee", halo: "#16181a", cluster: "#d9a3cb", outline: "#8d9297",
};
const TILE_PX = 7;

export function look() {
  return theme().zero === "#fafaf7" ? LIGHT_LOOK : DARK_LOOK;
}

// The pattern of a class: new hotspots are striped from corner to corner, cold spots across.
export function patternOf(kind, fresh) {
  return kind === "cold" ? "across" : kind === "hot" && fresh ? "diagonal" : "";
}

// How much of their edges cells bear that are so many pixels wide: of tiny ones the edges would hide the colours.
export function edgeShare(px) {
  return px >= 24 ? 1 : px >= 12 ? 0.6 : px >= 6 ? 0.3 : 0;
}

export function classStyle(kind, fresh, dimension, share = 1) {
  const { fill, edge } = look()[kind] ?? look().excluded;
  const out = kind === "hot" || kind === "cold";
  if (dimension === 1) return { color: fill, weight: out ? 5 : 2, opacity: 1, dashArray: { cold: "9 5", excluded: "1 5" }[kind] ?? (fresh ? "14 3" : null), fill: false };
  const pattern = patternOf(kind, fresh);
  return { color: share ? edge : fill, weight: (out ? 1.4 : 0.6) * (share || 0.5), opacity: 1, dashArray: kind === "excluded" ? "2 4" : null, fillColor: pattern && onPaper() ? `url(#${pattern})` : fill,
    fillOpacity: out ? 0.92 : kind === "excluded" ? 0 : 0.75, pattern, stripe: look().stripe };
}

export function onPaper() {
  return window.matchMedia("print").matches;
}

// The same patterns for a drawing of paths: what is filled with `url(#across)` has them.
export function patternedDrawing(options) {
  const Patterned = L.SVG.extend({
    _initContainer() {
      L.SVG.prototype._initContainer.call(this);
      const tile = (id, kind, d) => drawn("pattern", { id, patternUnits: "userSpaceOnUse", width: TILE_PX, height: TILE_PX },
        drawn("rect", { width: TILE_PX, height: TILE_PX, fill: LIGHT_LOOK[kind].fill }), drawn("path", { d, stroke: LIGHT_LOOK.stripe, "stroke-width": 1.6 }));
      this._container.prepend(drawn("defs", {}, tile("across", "cold", "M0 3.5H7"), tile("diagonal", "hot", "M-1 8L8 -1M-8 8L1 -1M6 8L15 -1")));
    },
  });
  return new Patterned(options);
}

// A canvas that knows patterns, drawn at twice the pixels, so that it is sharp on paper too.
export function patternedCanvas(options) {
  L.Browser.retina = true;
  const Patterned = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      const { pattern, stripe, fillRule } = layer.options;
      if (!pattern) return;
      ctx.globalAlpha = 0.85;
      ctx.fillStyle = ctx.createPattern(stripes(pattern, stripe), "repeat");
      ctx.fill(fillRule || "evenodd");
      ctx.globalAlpha = 1;
      ctx.stroke();
    },
  });
  return new Patterned(options);
}

const tiles = new Map();

function stripes(pattern, colour) {
  const key = pattern + colour;
  if (!tiles.has(key)) tiles.set(key, stripeTile(pattern, colour));
  return tiles.get(key);
}

function stripeTile(pattern, colour) {
  const tile = Object.assign(document.createElement("canvas"), { width: TILE_PX, height: TILE_PX });
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  if (pattern === "across") {
    pen.moveTo(0, TILE_PX / 2);
    pen.lineTo(TILE_PX, TILE_PX / 2);
  } else for (const shift of [-TILE_PX, 0, TILE_PX]) {
    pen.moveTo(shift - 1, TILE_PX + 1);
    pen.lineTo(shift + TILE_PX + 1, -1);
  }
  pen.stroke();
  return tile;
}

const SVG = "http://www.w3.org/2000/svg";
const STRIPES = { across: "M0 4H22M0 8.5H22M0 13H22", diagonal: "M-2 9L9 -2M-2 17L17 -2M5 17L24 -2M13 17L24 6" };

export function drawn(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

// The same as a swatch; as a drawing, since paper loses the patterns of backgrounds.
export function classSwatch(kind, fresh) {
  const { fill, edge } = look()[kind] ?? look().excluded;
  const dashes = kind === "excluded" ? { "stroke-dasharray": "2 2" } : {};
  const ground = drawn("rect", { width: 22, height: 15, fill: kind === "excluded" ? "none" : fill });
  const rim = drawn("rect", { x: 0.75, y: 0.75, width: 20.5, height: 13.5, fill: "none", stroke: edge, "stroke-width": 1.5, ...dashes });
  const stripes = STRIPES[patternOf(kind, fresh)];
  const lines = stripes ? [drawn("path", { d: stripes, stroke: look().stripe, "stroke-width": 1.6, fill: "none" })] : [];
  return drawn("svg", { class: "class-swatch", width: 22, height: 15, viewBox: "0 0 22 15", "aria-hidden": "true" }, ground, ...lines, rim);
}
