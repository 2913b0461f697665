// The cells that stand out, as a table: sorted by any column, each name a way to the place on the map.
import { byId, el } from "../page/dom.js";
import { currentLanguage, grouped, say } from "../page/strings.js";
import { assetTitle, categoryTitle, riskText } from "./facts.js";
import { chanceText, countText } from "./numbers.js";
import { cellTitle, isNew, rowBounds, STANDING_OUT, strongestFirst } from "./rows.js";
import { className } from "./words.js";

const [ROWS_AT_ONCE, NARROW_ROWS, MORE_ROWS] = [15, 5, 60];
const NARROW = "(max-width: 60rem)"; // as in page.css: there a row is as tall as a card
const ON_PAPER_ROWS = 10; // as in page.css

export function makeList(page, { jump, mark }) {
  const list = { page, jump, mark, most: firstRows(), sort: "rank", down: false, rows: [] };
  byId("more").addEventListener("click", () => {
    const first = list.most;
    list.most += MORE_ROWS;
    draw(list);
    byId("list-body").querySelectorAll(".jump")[first]?.focus();
  });
  return {
    fill() {
      const { hotspots } = page;
      const out = hotspots ? page.rows.filter((row) => STANDING_OUT.includes(hotspots.text("class", row))) : [];
      const hot = out.filter((row) => hotspots.text("class", row) === "hot");
      const cold = strongestFirst(hotspots, out.filter((row) => hotspots.text("class", row) === "cold")).toReversed();
      list.order = new Map([...strongestFirst(hotspots, hot), ...cold].map((row, at) => [row, at + 1]));
      list.rows = out;
      list.most = firstRows();
      draw(list);
    },
    redraw: () => draw(list),
  };
}

function firstRows() {
  return window.matchMedia(NARROW).matches && !window.matchMedia("print").matches ? NARROW_ROWS : ROWS_AT_ONCE;
}

// A column: what is read, and a number or text to sort by; left out where the export has nothing of it.
function listColumns({ page, order }) {
  const table = page.hotspots;
  const number = (name) => (row) => table.number(name, row);
  const dominant = (row) => (table.text("top_category", row) ? categoryTitle(page, table.text("top_category", row)) : "");
  const columns = {
    rank: { text: (row) => String(order.get(row)), by: (row) => order.get(row) },
    cell: { text: (row) => cellTitle(table, row) },
    conclusion: { text: (row) => className(table.text("class", row)), needs: "class" },
    observed: { text: (row) => countText(table.number("observed", row)), by: number("observed"), needs: "observed" },
    expected: { text: (row) => countText(table.number("expected", row)), by: number("expected"), needs: "expected" },
    risk: { text: (row) => riskText(table, row), by: number("relative_risk"), needs: "relative_risk" },
    q: { text: (row) => chanceText(table.number("q", row)), by: number("q"), needs: "q" },
    dominant: { text: dominant, needs: "top_category" },
    topAsset: { text: (row) => assetTitle(table, row), needs: "top_asset" },
    newMark: { text: (row) => (isNew(table, row) ? say("newMark") : ""), by: (row) => Number(!isNew(table, row)), needs: "is_new" },
  };
  return Object.entries(columns).filter(([, { needs }]) => !needs || table.has(needs));
}

function draw(list) {
  const empty = !list.rows.length;
  byId("list").hidden = byId("list-help").hidden = byId("list-range").hidden = empty;
  byId("list-empty").textContent = empty ? say("noHotspots") : "";
  byId("more").hidden = list.rows.length <= list.most;
  if (empty) return;
  const columns = listColumns(list);
  const rows = sorted(list, columns).slice(0, list.most);
  byId("list-head").replaceChildren(headRow(list, columns));
  byId("list-body").replaceChildren(...rows.map((row) => bodyRow(list, columns, row)));
  byId("list-paper").textContent = say("listRange", { n: grouped(Math.min(ON_PAPER_ROWS, rows.length)), m: grouped(list.rows.length) });
  byId("list-range").textContent = say("listRange", { n: grouped(rows.length), m: grouped(list.rows.length) });
}

// What is unknown comes last, whichever way it is sorted.
function sorted(list, columns) {
  const { by, text } = (columns.find(([name]) => name === list.sort) ?? columns[0])[1];
  const sign = list.down ? -1 : 1;
  const rank = (row) => list.order.get(row);
  const collator = new Intl.Collator(currentLanguage() === "zh" ? "zh-Hans-CN" : "en", { numeric: true });
  const compare = by ? (a, b) => byNumber(by(a), by(b), sign) : (a, b) => sign * collator.compare(text(a), text(b));
  return [...list.rows].sort((a, b) => compare(a, b) || rank(a) - rank(b));
}

function byNumber(a, b, sign) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : sign * (a < b ? -1 : 1);
}

function headRow(list, columns) {
  const cells = columns.map(([name]) => {
    const state = list.sort === name ? (list.down ? "descending" : "ascending") : "none";
    const sort = () => {
      list.down = list.sort === name && !list.down;
      list.sort = name;
      draw(list);
      byId("list-head").querySelector(`[data-column="${name}"]`).focus();
    };
    const mark = el("span", { class: "sort-mark", "aria-hidden": "true" }, { none: "↕", ascending: "↑", descending: "↓" }[state]);
    const button = el("button", { type: "button", "data-column": name, title: say("sortBy", { column: say(name) }), onclick: sort }, say(name), mark);
    return el("th", { scope: "col", role: "columnheader", "aria-sort": state, class: `col-${name}` }, button);
  });
  return el("tr", { role: "row" }, ...cells);
}

function bodyRow(list, columns, row) {
  const table = list.page.hotspots;
  const cells = columns.map(([name, { text }]) => el("td", { role: "cell", class: `col-${name}`, "data-label": say(name) },
    name === "cell" && rowBounds(table, row) ? jumpButton(list, row, text(row)) : text(row)));
  const marked = (one) => () => list.mark(one);
  return el("tr", { role: "row", class: table.text("class", row), onmouseenter: marked(row), onmouseleave: marked(null), onfocusin: marked(row), onfocusout: marked(null) }, ...cells);
}

function jumpButton({ jump }, row, text) {
  return el("button", { type: "button", class: "jump", "data-row": row, "aria-label": say("showCell", { cell: text }), onclick: () => jump(row) }, text);
}
