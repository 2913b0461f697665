// The issue map: reads the city, draws it, and keeps map, legend, filters and list in step.
import { makeBackdrop, readLayers } from "./backdrop.js";
import { classLimits, countCells, makeCells, readLevel } from "./cells.js";
import { categoryName, readPayload, readReports } from "./data.js";
import { byId, el } from "./dom.js";
import { buildFacets, refreshFacets } from "./facets.js";
import { applyFilters, clearFilters, makeFilters } from "./filters.js";
import { makeLabels, medianWidth } from "./labels.js";
import { drawLegend } from "./legend.js";
import { makePoints, SAME_PX } from "./points.js";
import { herePopup, reportPopup } from "./popup.js";
import { makeSpots, readSpots, spotPlace } from "./spots.js";
import { callIssues, certaintyName, grouped, say, setLanguage, setTerms, term } from "./strings.js";
import { makeTable } from "./table.js";
import { onThemeChange, theme } from "./theme.js";

const PANES = { cells: 310, backdrop: 330, spots: 335, borders: 340, names: 450 };
const CLOSE_UP = 16;
const CELL_FILLS_PX = 600;

export function openPage(map) {
  const page = readPage(map);
  addPanes(map);
  map.attributionControl?.remove();
  fitCity(page);
  const parts = {
    cells: makeCells(map, page.levels),
    spots: makeSpots(map, page),
    backdrop: makeBackdrop(map, page.layers),
    points: makePoints(map, page.reports, (rows, at) => openReports(page, rows, at)),
    table: makeTable(page, (row) => jumpTo(page, row)),
  };
  parts.labels = makeLabels(map, page.levels, parts.points.boxes);
  page.openSpot = (row) => openSpot(page, row);
  listen(page, parts);
  useLanguage(page, parts, page.payload.languages[0]);
}

function readPage(map) {
  const payload = readPayload();
  setTerms(payload.terms);
  if (payload.are_issues) callIssues();
  const levels = payload.levels.map((coded) => readLevel(coded, payload.unit));
  const reports = readReports(payload.reports, payload.unit, payload.levels);
  const layers = readLayers(payload);
  const spots = readSpots(payload, levels);
  return { map, payload, levels, reports, layers, filters: makeFilters(reports), spots,
    level: spots ? -1 : firstLevel(levels), openSpot: () => {},
    pointsShown: true, counts: [], limits: [], outside: 0 };
}

// The lowest level that can still be read as a whole, else the top one.
function firstLevel(levels) {
  for (let at = levels.length - 1; at > 0; at--) if (levels[at].count <= 400) return at;
  return Math.min(levels.length, 1) - 1;
}

function addPanes(map) {
  for (const [name, order] of Object.entries(PANES)) {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    pane.style.pointerEvents = "none";
  }
}

function fitCity({ map, payload }) {
  const [west, south, east, north] = payload.bounds;
  const box = L.latLngBounds([south, west], [north, east]);
  map.fitBounds(box, { padding: [12, 12], animate: false });
  map.setMaxBounds(box.pad(1));
  map.setMinZoom(Math.max(0, map.getZoom() - 2));
}

function listen(page, parts) {
  const { map } = page;
  map.on("moveend", () => {
    parts.labels.draw();
    parts.backdrop.draw(theme());
  });
  map.on("zoomend", () => {
    fadeCells(page);
    drawLegend(page, (what) => switched(page, parts, what));
  });
  map.on("click", ({ latlng }) => {
    const content = herePopup(page, latlng);
    if (content) openPopup(map, latlng, content);
  });
  map.getContainer().addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  onThemeChange(() => {
    keepView(page);
    repaint(page, parts);
  });
  byId("reset").addEventListener("click", () => {
    clearFilters(page.filters);
    filtered(page, parts);
  });
  byId("whole-city").addEventListener("click", () => fitCity(page));
  document.addEventListener("click", ({ target }) => {
    for (const box of document.querySelectorAll(".facet[open]")) if (!box.contains(target)) box.open = false;
  });
}

// Writes everything in the language; choices and the view stay as they are.
function useLanguage(page, parts, lang) {
  setLanguage(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
  byId("map-empty").textContent = page.levels.length + page.layers.length + page.reports.count ? "" : say("noMap");
  drawLanguages(page, parts, lang);
  nameControls(page.map);
  page.labels = facetLabels(page);
  buildFacets(page.filters, page.labels, () => filtered(page, parts));
  page.map.closePopup();
  byId("generated").textContent = [say("generated", { at: page.payload.generated_at }), page.payload.note].filter(Boolean).join(" · ");
  filtered(page, parts);
}

function facetLabels(page) {
  const named = (label) => (value) => (value === "" ? say("none") : label(value));
  return { status: named(term), category: named((code) => categoryName(code, page.payload.categories)), owner: named(String), certainty: named(certaintyName) };
}

function drawLanguages(page, parts, lang) {
  const choose = (wanted) => () => {
    useLanguage(page, parts, wanted);
    byId(`language-${wanted}`).focus();
  };
  const buttons = page.payload.languages.map((one) =>
    el("button", { type: "button", id: `language-${one}`, lang: one, "aria-pressed": String(one === lang), onclick: choose(one) }, say(one)));
  byId("languages").replaceChildren(...(buttons.length > 1 ? buttons : []));
}

function nameControls(map) {
  const name = (selector, key) => {
    const control = map.getContainer().querySelector(selector);
    control?.setAttribute("title", say(key));
    control?.setAttribute("aria-label", say(key));
  };
  name(".leaflet-control-zoom-in", "zoomIn");
  name(".leaflet-control-zoom-out", "zoomOut");
  map.getContainer().setAttribute("aria-label", say("map"));
}

// After a filter: counts, colours, points, list and the sentence above them.
function filtered(page, parts) {
  const rows = applyFilters(page.filters);
  refreshFacets(page.filters, page.labels);
  parts.points.setRows(rows);
  parts.table.setRows(rows);
  repaint(page, parts);
  summarise(page, rows);
}

// On paper the map has another shape; what was in view of the city stays in view.
function keepView({ map, payload }) {
  const [west, south, east, north] = payload.bounds;
  const view = map.getBounds();
  const seen = L.latLngBounds(
    [Math.max(south, view.getSouth()), Math.max(west, view.getWest())],
    [Math.min(north, view.getNorth()), Math.min(east, view.getEast())]);
  const [size, box] = [map.getSize(), map.getContainer()];
  if (size.x === box.clientWidth && size.y === box.clientHeight) return;
  map.invalidateSize({ animate: false });
  map.fitBounds(seen, { animate: false });
}

// Close up a cell is ground to stand on, no longer a thing to compare.
function fadeCells({ map, levels, level }) {
  const close = level >= 0 && medianWidth(map, levels[level]) > CELL_FILLS_PX;
  map.getPane("cells").style.opacity = close ? 0.5 : 1;
}

function repaint(page, parts) {
  const { filters, level, levels, reports } = page;
  const found = level < 0 ? { counts: [], outside: 0 } : countCells(reports, filters.rows, level, levels[level].count);
  Object.assign(page, found, { limits: classLimits(found.counts) });
  parts.cells.paint(level, page.counts, page.limits, theme());
  parts.spots.draw();
  parts.backdrop.redraw(theme());
  fadeCells(page);
  parts.labels.setLevel(page.spots?.shown ? Math.max(level, Math.min(levels.length, 1) - 1) : level);
  parts.labels.draw();
  drawLegend(page, (what) => switched(page, parts, what));
}

function switched(page, parts, what) {
  if (what === "points") parts.points.setShown(page.pointsShown);
  repaint(page, parts);
}

function summarise({ payload, reports, filters, spots }, rows) {
  const none = say(spots ? "noneListed" : "noReports"); // hotspots may be of reports that are not on the page
  const unplaced = rows.filter((row) => !reports.place(row)).length;
  const facts = { all: grouped(reports.count), shown: grouped(rows.length) };
  const placeless = unplaced ? say("unplaced", { n: grouped(unplaced) }) : "";
  const leftOut = payload.left_out ? ` ${say("leftOut", { n: grouped(payload.left_out) })}` : "";
  byId("summary").textContent = reports.count ? say("summary", facts) + placeless + leftOut : none;
  const empty = !reports.count ? none : rows.length ? "" : say("noMatch");
  byId("list-empty").textContent = empty;
  byId("list").hidden = byId("pager").hidden = byId("list-help").hidden = Boolean(empty);
  byId("filters").hidden = !reports.count;
  byId("reset").disabled = !Object.values(filters.facets).some((facet) => facet.chosen.size);
}

function openPopup(map, latlng, content) {
  const width = Math.min(300, map.getSize().x - 60);
  L.popup({ minWidth: width, maxWidth: width, maxHeight: Math.max(160, map.getSize().y - 150),
    autoPanPaddingTopLeft: [16, 84], autoPanPaddingBottomRight: [16, 16] })
    .setLatLng(latlng).setContent(content).openOn(map);
  const close = map.getContainer().querySelector(".leaflet-popup-close-button");
  close?.setAttribute("aria-label", say("close"));
}

// Several reports: nearer, as long as that parts them; else one after another in the popup.
function openReports(page, rows, at) {
  const { map, reports } = page;
  const box = L.latLngBounds(rows.map((row) => reports.place(row)));
  const top = map.getMaxZoom();
  const parts = map.project(box.getNorthWest(), top).distanceTo(map.project(box.getSouthEast(), top)) > SAME_PX;
  if (parts && map.getZoom() < top) map.fitBounds(box, { padding: [40, 40] });
  else openPopup(map, at, reportPopup(page, rows, null));
}

// From the legend to a hotspot and back.
function openSpot(page, row) {
  const found = spotPlace(page, row);
  if (!found) return;
  openPopup(page.map, found.at, found.content);
  page.map.once("popupclose", () => setTimeout(() => document.getElementById(`legend-spot-${row}`)?.focus(), 0));
  byId("map-section").scrollIntoView({ block: "nearest" });
  page.map.getContainer().querySelector(".leaflet-popup h2").focus({ preventScroll: true });
}

// From the list to the map: the popup takes the focus and gives it back.
function jumpTo(page, row) {
  const { map, reports } = page;
  const back = () => {
    map.closePopup();
    document.querySelector(`.jump[data-row="${row}"]`)?.focus();
  };
  map.setView(reports.place(row), Math.max(map.getZoom(), CLOSE_UP), { animate: false });
  openPopup(map, L.latLng(reports.place(row)), reportPopup(page, [row], back));
  map.once("popupclose", () => setTimeout(() => document.querySelector(`.jump[data-row="${row}"]`)?.focus(), 0));
  byId("map-section").scrollIntoView({ block: "nearest" });
  map.getContainer().querySelector(".report h3").focus({ preventScroll: true });
}
