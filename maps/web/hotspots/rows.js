// The tables of an export: their columns, their shapes, and which hotspots come first.
import { decodeShapes, readers } from "../page/data.js";
import { cellHere } from "../page/here.js";

export const STANDING_OUT = ["hot", "cold"];

export function readTable(coded, unit) {
  if (!coded) return null;
  const get = readers(coded.columns);
  const decoded = coded.shapes.map((shape) => ({ dimension: shape.dimension, features: decodeShapes(shape, coded.shape_count, unit) }));
  const column = (name) => get[name] ?? (() => null);
  const table = {
    ...coded, column,
    text: (name, row) => String(column(name)(row) ?? ""),
    number: (name, row) => numberOf(column(name)(row)),
    has: (name) => Boolean(coded.columns[name]) && coded.columns[name].all !== null && coded.columns[name].all !== "",
    parts: (row) => (coded.shape[row] < 0 ? [] : decoded.map(({ dimension, features }) => ({ dimension, parts: features[coded.shape[row]] })).filter(({ parts }) => parts.length)),
    rowsOf: (category) => Array.from({ length: coded.count }, (_, row) => row).filter((row) => !get.category || table.text("category", row) === category),
  };
  return table;
}

function numberOf(value) {
  if (value === null || value === "") return NaN;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
}

// Categories, those with the most hot cells first.
export function mostHotFirst(tally) {
  return [...tally].sort((a, b) => b.classes[0] - a.classes[0]);
}

// Surest first: by the lower limit of the relative risk, then by z; what is unknown comes last.
export function strongestFirst(table, rows) {
  const keys = ["rr_low", "z", "relative_risk"].map((name) => (row) => table.number(name, row));
  return [...rows].sort((a, b) => keys.reduce((order, key) => order || descending(key(a), key(b)), 0) || a - b);
}

function descending(a, b) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : b > a ? 1 : -1;
}

export function cellTitle(table, row) {
  const [name, code] = [table.text("cell_name", row), table.text("cell_code", row)];
  return name && code && name !== code ? `${name} (${code})` : shortTitle(table, row);
}

export function shortTitle(table, row) {
  const name = table.text("cell_name", row);
  return name || [table.place?.(row), table.text("cell_code", row) || String(row + 1)].filter(Boolean).join(" · ");
}

// In which cell of a level the middle of a row lies: what a bin is called by, which has no name of its own.
export function placedIn(table, level) {
  const known = new Map();
  const find = (row) => {
    const middle = level ? rowBounds(table, row)?.getCenter() : null;
    const at = middle ? cellHere(level, [middle.lat, middle.lng]) : -1;
    return at < 0 ? "" : String(level.cellName(at));
  };
  return (row) => {
    if (!known.has(row)) known.set(row, find(row));
    return known.get(row);
  };
}

export function isNew(table, row) {
  return [true, 1, "true", "True", "1"].includes(table.column("is_new")(row));
}

// Where a row lies; null where it has no shape.
export function rowBounds(table, row) {
  const places = table.parts(row).flatMap(({ dimension, parts }) => (dimension === 2 ? parts.flatMap((rings) => rings[0]) : dimension === 1 ? parts.flat() : parts));
  return places.length ? L.latLngBounds(places) : null;
}
