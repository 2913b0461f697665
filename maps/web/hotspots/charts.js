// Two drawings of the strongest hot cells: relative risk with its interval, and observed beside expected.
import { byId, el } from "../page/dom.js";
import { say } from "../page/strings.js";
import { riskText } from "./facts.js";
import { drawn, look, onPaper } from "./look.js";
import { countText } from "./numbers.js";
import { shortTitle, strongestFirst } from "./rows.js";

export const MOST_BARS = 15;
const [ON_PAPER, PAPER_ROW_PX] = [12, 16];
const ROW_PX = 20;
const AXIS_PX = 26;
const NARROW_PX = 330; // below it, names stand above their lines
const STEPS = [1, 2, 5];
const FINE_STEPS = [1, 1.5, 2, 3, 4, 5, 7];
const FEW_TICKS = 5;

export function drawCharts(page) {
  const table = page.hotspots;
  const hot = table ? page.rows.filter((row) => table.text("class", row) === "hot") : [];
  byId("charts").hidden = !hot.length;
  const rows = strongestFirst(table, hot).slice(0, onPaper() ? ON_PAPER : MOST_BARS);
  const usable = rows.filter((row) => !Number.isNaN(table.number("relative_risk", row)));
  const forest = { rows: usable, table, scale: riskScale(table, usable), mark: forestMark, value: (row) => riskText(table, row) };
  const label = usable.length ? { n: usable.length, cell: shortTitle(table, usable[0]), risk: riskText(table, usable[0]) } : {};
  drawChart("forest", forest, say("forestLabel", label));
  const dumbbell = { rows, table, scale: countScale(table, rows), mark: dumbbellMark, value: (row) => countsText(table, row) };
  drawChart("dumbbell", dumbbell, say("dumbbellLabel", { n: rows.length }));
}

function countsText(table, row) {
  return `${countText(table.number("observed", row))} / ${countText(table.number("expected", row))}`;
}

function drawChart(id, chart, label) {
  const holder = byId(id);
  if (!chart.rows.length) {
    holder.replaceChildren(el("p", { class: "quiet" }, say("noChart")));
    return;
  }
  const width = Math.max(220, holder.clientWidth);
  const narrow = width < NARROW_PX;
  const frame = { width, narrow, row: narrow ? 2 * ROW_PX - 4 : onPaper() ? PAPER_ROW_PX : ROW_PX, left: narrow ? 4 : Math.round(Math.min(width * 0.4, nameWidth(chart) + 14)), right: Math.round(width - textWidth(widest(chart)) - 10) };
  const height = chart.rows.length * frame.row + AXIS_PX;
  const x = (value) => frame.left + chart.scale.at(value) * (frame.right - frame.left - 8) + 4;
  const picture = drawn("svg", { role: "img", "aria-label": label, width, height, viewBox: `0 0 ${width} ${height}` });
  picture.append(...axis(chart.scale, x, height), ...chart.rows.flatMap((row, at) => chartRow(chart, frame, x, row, at)));
  holder.replaceChildren(picture);
}

// By its rank in the table, and what it is called; of what has no name the table knows the code.
function barTitle(table, row, at) {
  return `${at + 1}. ${table.text("cell_name", row) || table.place?.(row) || shortTitle(table, row)}`;
}

function nameWidth({ rows, table }) {
  return Math.max(...rows.map((row, at) => textWidth(barTitle(table, row, at))));
}

function widest({ rows, value }) {
  return rows.map(value).reduce((most, text) => (textWidth(text) > textWidth(most) ? text : most), "");
}

const measuring = document.createElement("canvas").getContext("2d");

function textWidth(text) {
  measuring.font = getComputedStyle(document.body).font.replace(/^.*?px/, "12px");
  return measuring.measureText(text).width;
}

// As much of a name as fits; the table has the whole one.
function fitting(name, px) {
  if (textWidth(name) <= px) return name;
  const letters = [...name];
  while (letters.length && textWidth(`${letters.join("")}…`) > px) letters.pop();
  return `${letters.join("")}…`;
}

function axis({ ticks, base, text }, x, height) {
  const foot = height - AXIS_PX + 4;
  const line = (value) => drawn("line", { class: value === base ? "base" : "grid", x1: x(value), x2: x(value), y1: 0, y2: foot });
  let taken = -Infinity;
  const names = ticks.flatMap((value) => {
    const half = textWidth(text(value)) / 2 + 4;
    if (x(value) - half < taken) return [];
    taken = x(value) + half;
    return [drawn("text", { class: "tick", x: x(value), y: height - 7, "text-anchor": "middle" }, text(value))];
  });
  return [...ticks.map(line), ...names];
}

function chartRow(chart, frame, x, row, at) {
  const name = barTitle(chart.table, row, at);
  const top = at * frame.row;
  const y = top + (frame.narrow ? frame.row - 9 : frame.row / 2);
  const room = frame.narrow ? frame.width - 8 : frame.left - 8;
  const label = frame.narrow ? { x: 4, y: top + 13 } : { x: frame.left - 6, y: y + 4, "text-anchor": "end" };
  return [
    drawn("text", { class: "name", ...label }, fitting(name, room), drawn("title", {}, name)),
    ...chart.mark(chart, x, row, y),
    drawn("text", { class: "value", x: frame.width - 2, y: y + 4, "text-anchor": "end" }, chart.value(row)),
  ];
}

// A line from limit to limit, with arrows where it goes on beyond the axis, and a square at the estimate.
function forestMark({ table, scale }, x, row, y) {
  const [risk, low, high] = ["relative_risk", "rr_low", "rr_high"].map((name) => table.number(name, row));
  const colour = look().hot.fill;
  const parts = [];
  if (!Number.isNaN(low) && !Number.isNaN(high)) {
    parts.push(drawn("line", { x1: x(low), x2: x(high), y1: y, y2: y, stroke: colour, "stroke-width": 2 }));
    if (low < scale.from) parts.push(arrow(x(low), y, -1, colour));
    if (high > scale.to) parts.push(arrow(x(high), y, 1, colour));
  }
  if (Number.isFinite(risk)) parts.push(drawn("rect", { x: x(risk) - 4, y: y - 4, width: 8, height: 8, fill: colour, stroke: look().hot.edge }));
  return parts;
}

function arrow(x, y, way, colour) {
  return drawn("path", { d: `M${x} ${y - 4}l${way * 6} 4l${-way * 6} 4z`, fill: colour });
}

function dumbbellMark({ table }, x, row, y) {
  const [observed, expected] = ["observed", "expected"].map((name) => table.number(name, row));
  if (!Number.isFinite(observed) || !Number.isFinite(expected)) return [];
  const { hot } = look();
  return [
    drawn("line", { x1: x(expected), x2: x(observed), y1: y, y2: y, stroke: hot.fill, "stroke-width": 2 }),
    drawn("circle", { class: "expected", cx: x(expected), cy: y, r: 4.5 }),
    drawn("circle", { cx: x(observed), cy: y, r: 4.5, fill: hot.fill, stroke: hot.edge }),
  ];
}

// Logarithmic, from the least limit to the highest that is finite, with 1 in it.
function riskScale(table, rows) {
  const known = rows.flatMap((row) => ["relative_risk", "rr_low", "rr_high"].map((name) => table.number(name, row)))
    .filter((value) => Number.isFinite(value) && value > 0);
  const [from, to] = [Math.max(0.01, Math.min(0.8, ...known) * 0.95), Math.min(1000, Math.max(2, ...known) * 1.05)];
  const share = (value) => (Math.log(Math.max(from, Math.min(to, value))) - Math.log(from)) / (Math.log(to) - Math.log(from));
  const [coarse, fine] = [ticksOf(STEPS, from, to), ticksOf(FINE_STEPS, from, to)];
  return { from, to, base: 1, text: tickText, at: share, ticks: coarse.length < FEW_TICKS ? fine : coarse };
}

function ticksOf(steps, from, to) {
  const powers = [0.01, 0.1, 1, 10, 100, 1000];
  return powers.flatMap((power) => steps.map((step) => Number((step * power).toPrecision(3)))).filter((tick) => tick >= from && tick <= to);
}

function tickText(value) {
  return value.toLocaleString("en", { maximumSignificantDigits: 2, useGrouping: false });
}

function countScale(table, rows) {
  const to = Math.max(1, ...rows.flatMap((row) => ["observed", "expected"].map((name) => table.number(name, row))).filter(Number.isFinite));
  const power = 10 ** Math.floor(Math.log10(to));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((one) => to / one <= 6) ?? power;
  const ticks = Array.from({ length: Math.floor(to / step) + 1 }, (_, at) => at * step);
  return { from: 0, to, base: 0, text: countText, at: (value) => Math.max(0, Math.min(1, value / to)), ticks: step < 1 ? ticks.filter(Number.isInteger) : ticks };
}
