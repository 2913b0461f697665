// The page of changes: reads them, draws them, and keeps map, legend and list in step.
import { decodeShapes, readPayload } from "../page/data.js";
import { byId, el } from "../page/dom.js";
import { grouped, say, setLanguage, setTerms, term } from "../page/strings.js";
import { onThemeChange, theme } from "../page/theme.js";
import { boundsOf, changePopup, drawGroup, KIND_COLOURS, readGroup } from "./changes.js";
import { drawList, drawWords } from "./list.js";

const FIRST_ROWS = 100;
const CLOSEST = 17;

export function openPage(map) {
  const payload = readPayload();
  setTerms(payload.terms);
  const page = { map, payload, rows: FIRST_ROWS, groups: payload.groups.map((coded) => readGroup(coded, payload.unit)) };
  map.attributionControl?.remove();
  page.outlines = drawOutlines(page);
  for (const group of page.groups) drawGroup(group, (...at) => openChange(page, ...at));
  showGroups(page);
  fitChanges(page);
  byId("whole-city").addEventListener("click", () => fitChanges(page));
  onThemeChange(() => paintOutlines(page));
  useChangeLanguage(page, payload.languages[0]);
}

// The grid, thin and not to be clicked: the lowest level that is not too fine, and the top one.
function drawOutlines({ map, payload }) {
  const pane = map.createPane("outlines");
  pane.style.zIndex = 310;
  pane.style.pointerEvents = "none";
  const renderer = L.canvas({ pane: "outlines", padding: 0.3 });
  return payload.levels.map((level) => {
    const rings = decodeShapes(level.shapes, level.count, payload.unit).flat();
    return L.layerGroup(rings.map((ring) => L.polygon(ring, { renderer, interactive: false, fill: false }))).addTo(map);
  });
}

function paintOutlines({ outlines }) {
  const { cellEdge, upperEdge } = theme();
  outlines.forEach((layer, at) => layer.eachLayer((path) =>
    path.setStyle(at === outlines.length - 1 && at > 0 ? { color: cellEdge, weight: 0.7 } : { color: upperEdge, weight: 1.2 })));
}

function showGroups({ map, groups }) {
  for (const group of groups) {
    if (group.shown) group.layer.addTo(map);
    else group.layer.remove();
  }
}

// What is shown of the changes; the city where there is nothing.
function fitChanges({ map, groups, payload }) {
  const [west, south, east, north] = payload.bounds;
  const bounds = L.latLngBounds([]);
  for (const group of groups.filter((one) => one.shown)) bounds.extend(group.layer.getBounds());
  const whole = L.latLngBounds([south, west], [north, east]);
  map.fitBounds(bounds.isValid() ? bounds : whole, { padding: [24, 24], animate: false, maxZoom: CLOSEST });
}

function useChangeLanguage(page, lang) {
  setLanguage(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
  nameZoom(page.map);
  drawLanguageChoice(page, lang);
  page.map.closePopup();
  const { live, generated_at: at } = page.payload;
  byId("generated").textContent = [live ? say("versions", { live }) : say("nothingLive"), say("generated", { at })].join(" · ");
  byId("summary").textContent = page.payload.summary[lang].join(" ");
  drawWords(page.payload.words);
  redraw(page);
}

function nameZoom(map) {
  for (const [part, key] of [["in", "zoomIn"], ["out", "zoomOut"]]) {
    const control = map.getContainer().querySelector(`.leaflet-control-zoom-${part}`);
    control?.setAttribute("title", say(key));
    control?.setAttribute("aria-label", say(key));
  }
  map.getContainer().setAttribute("aria-label", say("map"));
}

function drawLanguageChoice(page, lang) {
  const choose = (wanted) => () => {
    useChangeLanguage(page, wanted);
    byId(`language-${wanted}`).focus();
  };
  const buttons = page.payload.languages.map((one) =>
    el("button", { type: "button", id: `language-${one}`, lang: one, "aria-pressed": String(one === lang), onclick: choose(one) }, say(one)));
  byId("languages").replaceChildren(...(buttons.length > 1 ? buttons : []));
}

function redraw(page) {
  paintOutlines(page);
  drawSwitches(page);
  drawList(page, (...at) => openChange(page, ...at));
}

function drawSwitches(page) {
  const focused = document.activeElement?.id;
  byId("legend").replaceChildren(el("h2", {}, say("legend")), ...page.groups.map((group, at) => groupSwitch(page, group, at)));
  if (focused?.startsWith("kind-")) byId(focused)?.focus();
}

function groupSwitch(page, group, at) {
  const box = el("input", { type: "checkbox", id: `kind-${at}`, onchange: (event) => {
    group.shown = event.target.checked;
    showGroups(page);
    redraw(page);
  } });
  box.checked = group.shown;
  const mark = el("span", { class: `swatch square${group.kind === "removed" ? " hatched" : ""}`, "aria-hidden": "true" });
  mark.style.backgroundColor = KIND_COLOURS[group.kind];
  const thinned = group.count < group.total ? el("small", {}, ` ${say("drawnOf", { n: grouped(group.count), m: grouped(group.total) })}`) : "";
  return el("label", { class: "switch" }, box, mark, el("span", {}, term(group.kind), thinned), el("span", { class: "count" }, grouped(group.total)));
}

// From the map at the place that was clicked, or from the list to the place of the feature.
function openChange({ map }, group, row, latlng = null) {
  const bounds = boundsOf(group, row);
  if (!latlng) map.fitBounds(bounds, { padding: [60, 60], maxZoom: CLOSEST, animate: false });
  const popup = L.popup({ maxWidth: 320 }).setLatLng(latlng ?? bounds.getCenter()).setContent(changePopup(group, row)).openOn(map);
  map.getContainer().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", say("close"));
  if (!latlng) {
    byId("map-section").scrollIntoView({ block: "nearest" });
    popup.getElement().querySelector("h3").focus({ preventScroll: true });
  }
}
