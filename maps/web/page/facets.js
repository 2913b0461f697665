// The filters above the map: one disclosure per facet with its values, their counts and a search.
import { byId, el } from "./dom.js";
import { FACETS } from "./filters.js";
import { grouped, say } from "./strings.js";

const MOST_OPTIONS = 100;
const SEARCH_FROM = 10;

// Builds the disclosures; `labels[name](value)` is what a value is called, `changed()` is told of every choice.
export function buildFacets(filters, labels, changed) {
  byId("facets").replaceChildren(...FACETS.map((name) => facetElement(name, filters.facets[name], labels[name], changed)));
  refreshFacets(filters, labels);
}

function facetElement(name, facet, label, changed) {
  const list = el("ul", { class: "options" });
  const search = el("input", { type: "search", class: "search", "aria-label": `${say("search")}: ${say(name)}`, placeholder: say("search") });
  const box = el("details", { class: "facet", "data-facet": name },
    el("summary", {}, el("span", {}, say(name)), " ", el("span", { class: "chosen" })),
    el("div", { class: "menu", role: "group", "aria-label": say(name) },
      ...(facet.values.length >= SEARCH_FROM ? [search] : []), list));
  search.addEventListener("input", () => fillOptions(list, facet, label, search.value));
  list.addEventListener("change", (event) => {
    const value = Number(event.target.value);
    if (event.target.checked) facet.chosen.add(value);
    else facet.chosen.delete(value);
    changed();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    box.open = false;
    box.querySelector("summary").focus();
  });
  box.addEventListener("toggle", () => box.open && closeOthers(box));
  return box;
}

function closeOthers(box) {
  for (const other of document.querySelectorAll(".facet[open]")) if (other !== box) other.open = false;
}

// Writes the counts anew; options keep their order and their focus.
export function refreshFacets(filters, labels) {
  for (const box of document.querySelectorAll(".facet")) {
    const name = box.dataset.facet;
    const facet = filters.facets[name];
    const focused = box.contains(document.activeElement) ? document.activeElement.value : null;
    const isOption = document.activeElement?.type === "checkbox";
    const chosen = [...facet.chosen].map((value) => labels[name](facet.values[value]));
    box.querySelector(".chosen").textContent =
      chosen.length === 0 ? say("all") : chosen.length === 1 ? chosen[0] : say("chosen", { n: chosen.length });
    fillOptions(box.querySelector(".options"), facet, labels[name], box.querySelector(".search")?.value ?? "");
    if (focused !== null && isOption) box.querySelector(`input[value="${focused}"]`)?.focus();
  }
}

function fillOptions(list, facet, label, wanted) {
  const named = facet.values.map((value, at) => [label(value), at]);
  const fitting = named.filter(([name]) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const order = (at) => (facet.chosen.has(at) ? Infinity : facet.counts[at]);
  fitting.sort((a, b) => order(b[1]) - order(a[1]) || a[0].localeCompare(b[0]));
  const options = fitting.slice(0, MOST_OPTIONS).map(([name, at]) => optionElement(name, at, facet));
  if (fitting.length > MOST_OPTIONS) options.push(el("li", { class: "quiet" }, say("more", { n: grouped(fitting.length - MOST_OPTIONS) })));
  if (!fitting.length) options.push(el("li", { class: "quiet" }, say("noOption")));
  list.replaceChildren(...options);
}

function optionElement(name, at, facet) {
  const box = el("input", { type: "checkbox", value: at });
  box.checked = facet.chosen.has(at);
  return el("li", {}, el("label", {}, box, el("span", { class: "name" }, name), el("span", { class: "count" }, grouped(facet.counts[at]))));
}
