// The report of hotspots: reads it, draws it, and keeps finding, map, charts and table in step.
import { readLevel } from "../page/cells.js";
import { readPayload } from "../page/data.js";
import { byId, el } from "../page/dom.js";
import { makeLabels } from "../page/labels.js";
import { say, setLanguage, setTerms } from "../page/strings.js";
import { onThemeChange } from "../page/theme.js";
import { drawCharts } from "./charts.js";
import { categoryTitle, cellFacts, clusterFacts } from "./facts.js";
import { drawHeadline } from "./headline.js";
import { drawKey } from "./key.js";
import { drawOutlines, makeLayers } from "./layers.js";
import { makeList } from "./list.js";
import { mostHotFirst, placedIn, readTable, rowBounds } from "./rows.js";
import { inLanguage, parameterName, parameterValue } from "./words.js";

const PANES = { cells: 310, borders: 340, marked: 420, names: 450 };
const CLOSEST = 15;
const LAYERS = ["hotspots", "clusters", "density"];

export function openPage(map) {
  const payload = readPayload();
  setTerms(payload.terms);
  const page = { map, payload, layer: "hotspots", levels: payload.levels.map((coded) => readLevel(coded, payload.unit)) };
  for (const name of LAYERS) page[name] = readTable(payload[name], payload.unit);
  if (page.hotspots) page.hotspots.place = placedIn(page.hotspots, page.levels[0]);
  page.tallies = mostHotFirst(payload.hotspots?.tally ?? []);
  page.category = page.tallies[0]?.category ?? "";
  addPanes(map);
  // Without the rounding to whole pixels, which bends the sides of small cells.
  map.latLngToLayerPoint = (latlng) => map.project(L.latLng(latlng)).subtract(map.getPixelOrigin());
  map.attributionControl?.remove();
  fitAll(page);
  page.parts = { paintOutlines: drawOutlines(page), labels: makeLabels(map, page.levels, () => []) };
  page.parts.layers = makeLayers(page, (...at) => openFacts(page, ...at));
  page.parts.list = makeList(page, { jump: (row) => jumpTo(page, page.hotspots, row, `.jump[data-row="${row}"]`), mark: (row) => page.parts.layers.mark(row === null ? null : page.hotspots, row) });
  page.parts.labels.setLevel(0 < page.levels.length ? 0 : -1);
  choose(page, page.category);
  listen(page);
  useLanguage(page, payload.languages[0]);
}

function addPanes(map) {
  for (const [name, order] of Object.entries(PANES)) {
    map.createPane(name).style.zIndex = order;
    if (name !== "cells") map.getPane(name).style.pointerEvents = "none";
  }
}

function fitAll({ map, payload }) {
  const [west, south, east, north] = payload.bounds;
  map.invalidateSize({ animate: false });
  map.fitBounds(L.latLngBounds([south, west], [north, east]), { padding: [10, 10], animate: false, maxZoom: CLOSEST });
}

function listen(page) {
  const { map } = page;
  map.on("moveend", () => page.parts.labels.draw());
  map.getContainer().addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
  byId("whole-city").addEventListener("click", () => fitAll(page));
  byId("category").addEventListener("change", ({ target }) => {
    choose(page, target.value);
    redraw(page);
  });
  onThemeChange(() => {
    if (sizeChanged(map)) fitAll(page);
    redraw(page);
  });
  let width = byId("forest").clientWidth;
  new ResizeObserver(() => {
    if (byId("forest").clientWidth === width) return;
    width = byId("forest").clientWidth;
    drawCharts(page);
  }).observe(byId("charts"));
}

// On paper the map has another shape.
function sizeChanged(map) {
  const [size, box] = [map.getSize(), map.getContainer()];
  return size.x !== box.clientWidth || size.y !== box.clientHeight;
}

// The rows of a category in every table.
function choose(page, category) {
  page.category = category;
  page.tally = page.payload.hotspots?.tally.find((one) => one.category === category) ?? null;
  const rows = (table) => table?.rowsOf(category) ?? [];
  Object.assign(page, { rows: rows(page.hotspots), clusterRows: rows(page.clusters), densityRows: rows(page.density) });
  page.clusterRows.sort((a, b) => page.clusters.number("rank", a) - page.clusters.number("rank", b) || a - b);
}

// Writes everything in the language; choices and the view stay as they are.
function useLanguage(page, lang) {
  setLanguage(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
  const { payload, map } = page;
  byId("title").textContent = document.title = inLanguage(payload.title);
  byId("generated").textContent = [say("generated", { at: payload.generated_at }), payload.note].filter(Boolean).join(" · ");
  byId("map-empty").textContent = payload.hotspots?.count ? "" : say("nothing");
  drawLanguages(page, lang);
  nameControls(map);
  drawCategories(page);
  drawHow(page);
  map.closePopup();
  redraw(page);
}

function redraw(page) {
  const { parts } = page;
  drawLayerChoice(page);
  drawHeadline(page);
  parts.paintOutlines();
  parts.layers.draw();
  parts.labels.draw();
  drawKey(page, (row) => jumpTo(page, page.clusters, row, `[data-cluster="${row}"]`));
  drawCharts(page);
  parts.list.fill();
}

function drawLanguages(page, lang) {
  const choice = (wanted) => () => {
    useLanguage(page, wanted);
    byId(`language-${wanted}`).focus();
  };
  const buttons = page.payload.languages.map((one) =>
    el("button", { type: "button", id: `language-${one}`, lang: one, "aria-pressed": String(one === lang), onclick: choice(one) }, say(one)));
  byId("languages").replaceChildren(...(buttons.length > 1 ? buttons : []));
}

function nameControls(map) {
  for (const [part, key] of [["in", "zoomIn"], ["out", "zoomOut"]]) {
    const control = map.getContainer().querySelector(`.leaflet-control-zoom-${part}`);
    control?.setAttribute("title", say(key));
    control?.setAttribute("aria-label", say(key));
  }
  map.getContainer().setAttribute("aria-label", say("map"));
}

function drawLayerChoice(page) {
  const focused = document.activeElement?.name === "layer";
  const there = LAYERS.filter((name) => name === "hotspots" || page[name]);
  const choices = there.map((name) => {
    const radio = el("input", { type: "radio", name: "layer", value: name, onchange: () => {
      page.layer = name;
      page.map.closePopup();
      redraw(page);
    } });
    radio.checked = page.layer === name;
    return el("label", {}, radio, el("span", {}, say(name), ...(name === "density" ? [el("small", {}, ` ${say("pictureNote")}`)] : [])));
  });
  byId("layers").replaceChildren(el("legend", {}, say("showLayer")), ...choices);
  byId("layers").hidden = there.length < 2;
  if (focused) byId("layers").querySelector(":checked").focus();
}

function drawCategories(page) {
  const option = ({ category, name, classes }) => el("option", { value: category, selected: category === page.category }, say("categoryHot", { category: categoryTitle(page, category, name), n: classes[0] }));
  byId("category").replaceChildren(...page.tallies.map(option));
  byId("category-choice").hidden = page.tallies.length < 2;
}

function drawHow({ payload }) {
  byId("notes").replaceChildren(...payload.notes.map((note) => el("li", {}, inLanguage(note))));
  byId("about").replaceChildren(...payload.about.flatMap(([name, value]) => [el("div", {}, el("dt", {}, parameterName(name)), el("dd", {}, parameterValue(value)))]));
  byId("how").hidden = !payload.notes.length && !payload.about.length;
}

function openFacts(page, table, row, latlng) {
  const { map, parts } = page;
  const content = table === page.clusters ? clusterFacts(page, row) : cellFacts(page, row);
  const width = Math.min(300, map.getSize().x - 60);
  parts.layers.hold(table, row);
  const popup = L.popup({ minWidth: width, maxWidth: width, maxHeight: Math.max(150, 0.62 * map.getSize().y), autoPanPaddingTopLeft: [16, 60], autoPanPaddingBottomRight: [16, 16] })
    .setLatLng(latlng).setContent(content).openOn(map);
  map.getContainer().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", say("close"));
  popup.on("remove", () => parts.layers.hold(null, 0));
}

// From the table or the list of clusters to the map: the popup takes the focus and gives it back.
function jumpTo(page, table, row, from) {
  const { map } = page;
  const wanted = table === page.clusters ? "clusters" : "hotspots";
  if (page.layer !== wanted) {
    page.layer = wanted;
    redraw(page);
  }
  const bounds = rowBounds(table, row);
  if (!bounds) return;
  map.fitBounds(bounds.pad(1.5), { padding: [20, 20], maxZoom: CLOSEST, animate: false });
  openFacts(page, table, row, bounds.getCenter());
  map.once("popupclose", () => setTimeout(() => document.querySelector(from)?.focus(), 0));
  byId("map-section").scrollIntoView({ block: "nearest" });
  map.getContainer().querySelector(".leaflet-popup h2").focus({ preventScroll: true });
}
