// Reads the compact JSON of maps/encode.py back into columns, shapes and places.
import { currentLanguage, fill, term } from "./strings.js";

export function readPayload() {
  return JSON.parse(document.getElementById("woodpecker-data").textContent);
}

// A column as a function of the row.
export function reader(coded) {
  if (!coded) return () => null;
  if (Object.hasOwn(coded, "all")) return () => coded.all;
  if (coded.of) return (row) => (coded.at[row] < 0 ? null : coded.of[coded.at[row]]);
  return (row) => coded.raw[row];
}

export function readers(coded) {
  return Object.fromEntries(Object.entries(coded).map(([name, column]) => [name, reader(column)]));
}

// Latitudes and longitudes of every feature: points, lines, or polygons as lists of rings.
export function decodeShapes(coded, count, unit) {
  const counts = (list) => (typeof list === "number" ? () => list : ((at) => () => list[at++])(0));
  const [features, parts, rings] = [coded.features, coded.parts ?? 1, coded.rings ?? 1].map(counts);
  let x = 0, y = 0, at = 0;
  const vertex = () => {
    x += coded.xy[at++];
    y += coded.xy[at++];
    return [y * unit, x * unit];
  };
  const many = (size, make) => Array.from({ length: size }, make);
  const line = () => many(rings(), vertex);
  const part = [vertex, line, () => many(parts(), line)][coded.dimension];
  return many(count, () => many(features(), part));
}

// The reports with what is derived from them: places, cells, whether they are closed or have no owner.
export function readReports(coded, unit, levels) {
  const get = readers(coded.columns);
  const column = (name) => get[name] ?? (() => null);
  const [level, cell] = [reader(coded.level), reader(coded.cell)];
  const place = (row) => (coded.lng[row] === null || coded.lng[row] === undefined
    ? null : [coded.lat[row] * unit, coded.lng[row] * unit]);
  return {
    count: coded.count, column, place,
    has: (name) => Boolean(coded.columns[name]) && coded.columns[name].all !== null,
    cellAt: (row, wanted) => climb(levels, level(row), cell(row), wanted),
    kind: (row) => markKind(column("status")(row), column("owner_id")(row) ?? column("owner_name")(row)),
  };
}

// The cell of a level that holds a cell of a lower level; -1 where there is none.
export function climb(levels, level, cell, wanted) {
  if (level < wanted) return -1;
  while (level > wanted && cell >= 0) cell = levels[level--].parent[cell];
  return cell;
}

// A time to read: RFC 3339 without its T and seconds, anything else as it was written.
export function readableTime(text) {
  return String(text ?? "").replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?/, "$1 $2").replace(/Z$/, " UTC");
}

const CLOSED = /^(closed|done|resolved|settled|complet|duplicate|rejected|merged|已办结|已处理|已解决|已完成|办结)/i;

export function markKind(status, owner) {
  if (CLOSED.test(status ?? "")) return "closed";
  return owner === null || owner === "" ? "unowned" : "open";
}

// The reason as it was told with the issue, else its sentences but those left out, from the templates of layers/reasons.py.
export function reasonOf(reports, row, templates, categories, without = []) {
  const told = reports.column(`reason_${currentLanguage()}`)(row);
  if (told) return told;
  const parts = reports.column("parts")(row);
  if (!parts) return "";
  const lang = currentLanguage();
  const facts = new Proxy({}, {
    get: (_, name) => {
      if (name === "category_name") return categoryName(reports.column("category")(row), categories);
      const value = reports.column(String(name))(row);
      return value !== null && String(name).endsWith("_kind") ? term(value) : value;
    },
  });
  const sentences = parts.split(" ").filter((part) => !without.includes(part)).map((part) => fill(templates[lang][part] ?? "", facts));
  return sentences.join(lang === "zh" ? "" : " ");
}

export function categoryName(code, categories) {
  const names = code !== null && Object.hasOwn(categories, code) ? categories[code] : null;
  return names ? names[currentLanguage() === "zh" ? 0 : 1] || String(code) : code === null ? "" : String(code);
}
