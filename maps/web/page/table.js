// The same reports as a table: sorted by any column, a page at a time, with a way to the place on the map.
import { categoryName, readableTime, reasonOf } from "./data.js";
import { byId, el } from "./dom.js";
import { assetText, cellText, dueText, numberText, ownerText } from "./popup.js";
import { currentLanguage, grouped, say, term } from "./strings.js";

// A column of the table is left out where the reports have nothing in the column it needs.
const NEEDED = { status: "status", category: "category", text: "text", occurred: "occurred_at", due: "due_at", asset: "asset_id", why: ["parts", "reason_zh", "reason_en"] };
const SIZES = [10, 25, 50, 100];
const NARROW = "(max-width: 60rem)"; // as in page.css: there a row is as tall as a card

export function makeTable(page, shown) {
  const numbered = page.reports.has("number");
  byId("list").classList.toggle("numbered", numbered);
  const state = { sort: "number", down: numbered, at: 0, size: window.matchMedia(NARROW).matches ? 10 : 25, rows: [] };
  const get = (name) => page.reports.column(name);
  const columns = {
    number: { text: (row) => numberText(page.reports, row), by: numbered ? null : (row) => row },
    status: { text: (row) => term(get("status")(row) ?? "") },
    category: { text: (row) => categoryName(get("category")(row), page.payload.categories) },
    text: { text: (row) => get("text")(row) ?? "" },
    occurred: { text: (row) => readableTime(get("occurred_at")(row)) },
    due: { text: (row) => dueText(page.reports, row) },
    cell: { text: (row) => cellText(page, row) },
    asset: { text: (row) => assetText(page.reports, row) },
    owner: { text: (row) => ownerText(page.reports, row) },
    why: { text: (row) => reasonOf(page.reports, row, page.payload.templates, page.payload.categories) },
  };
  for (const [name, needed] of Object.entries(NEEDED)) if (![needed].flat().some(page.reports.has)) delete columns[name];
  const table = { state, columns, shown, page };
  return {
    setRows(rows) {
      state.rows = rows.slice();
      state.at = 0;
      sortRows(table);
      drawTable(table);
    },
    redraw: () => drawTable(table),
  };
}

// Rows are sorted by what is read; equal ones keep the order of their numbers.
function sortRows({ state, columns }) {
  const { text, by } = columns[state.sort];
  const collator = new Intl.Collator(currentLanguage() === "zh" ? "zh-Hans-CN" : "en", { numeric: true });
  const ranks = by ?? ranked(state.rows, text, collator);
  const sign = state.down ? -1 : 1;
  state.rows.sort((a, b) => sign * (ranks(a) - ranks(b)) || a - b);
}

function ranked(rows, text, collator) {
  const words = new Map(rows.map((row) => [row, text(row)]));
  const order = [...new Set(words.values())].sort(collator.compare);
  const rank = new Map(order.map((word, at) => [word, at]));
  return (row) => rank.get(words.get(row));
}

function drawTable(table) {
  const { state } = table;
  const pages = Math.max(1, Math.ceil(state.rows.length / state.size));
  state.at = Math.min(state.at, pages - 1);
  const from = state.at * state.size;
  byId("list-head").replaceChildren(headRow(table));
  byId("list-body").replaceChildren(...state.rows.slice(from, from + state.size).map((row) => bodyRow(table, row)));
  byId("list-range").textContent = state.rows.length
    ? say("range", { from: grouped(from + 1), to: grouped(Math.min(from + state.size, state.rows.length)), n: grouped(state.rows.length) }) : "";
  drawPager(table, pages);
}

function headRow(table) {
  const { state, columns } = table;
  const cells = Object.keys(columns).map((name) => {
    const sorted = state.sort === name ? (state.down ? "descending" : "ascending") : "none";
    const sort = () => {
      state.down = state.sort === name && !state.down;
      state.sort = name;
      sortRows(table);
      drawTable(table);
      byId("list-head").querySelector(`[data-column="${name}"]`).focus();
    };
    const mark = el("span", { class: "sort-mark", "aria-hidden": "true" }, { none: "↕", ascending: "↑", descending: "↓" }[sorted]);
    const button = el("button", { type: "button", "data-column": name, title: say("sortBy", { column: say(name) }), onclick: sort }, say(name), mark);
    return el("th", { scope: "col", role: "columnheader", "aria-sort": sorted, class: `col-${name}` }, button);
  });
  return el("tr", { role: "row" }, ...cells, el("th", { scope: "col", role: "columnheader", class: "col-map" }, say("onMap")));
}

function bodyRow({ columns, page, shown }, row) {
  const cells = Object.entries(columns).map(([name, { text }]) =>
    el("td", { role: "cell", class: `col-${name}`, "data-label": say(name) }, text(row)));
  const jump = page.reports.place(row)
    ? el("button", { type: "button", class: "jump", "data-row": row, "aria-label": say("show", { n: numberText(page.reports, row) }), onclick: () => shown(row) }, say("showShort"))
    : el("span", { class: "quiet" }, say("noPlace"));
  return el("tr", { role: "row" }, ...cells, el("td", { role: "cell", class: "col-map", "data-label": say("onMap") }, jump));
}

function drawPager(table, pages) {
  const { state } = table;
  const go = (at, key) => () => {
    state.at = at;
    drawTable(table);
    const again = byId("pager").querySelector(`[data-key="${key}"]`);
    (again.disabled ? byId("pager").querySelector("button:not([disabled])") : again)?.focus();
  };
  const button = (key, at, off) => el("button", { type: "button", "data-key": key, disabled: off, onclick: go(at, key) }, say(key));
  const sizes = el("select", { id: "list-size", onchange: (event) => {
    state.size = Number(event.target.value);
    state.at = 0;
    drawTable(table);
    byId("list-size").focus();
  } }, ...SIZES.map((size) => el("option", { value: size, selected: size === state.size }, String(size))));
  byId("pager").replaceChildren(
    button("first", 0, state.at === 0), button("previous", state.at - 1, state.at === 0),
    el("span", { "aria-live": "polite" }, say("page", { n: grouped(state.at + 1), m: grouped(pages) })),
    button("next", state.at + 1, state.at >= pages - 1), button("last", pages - 1, state.at >= pages - 1),
    el("label", {}, say("rows"), " ", sizes));
}
