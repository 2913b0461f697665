// One box to find everything: places however they are described, cells, assets, issues, coordinates in any datum.
import { get, problemWords, wasAborted } from "./api.js";
import { button, byId, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { bringIntoView } from "./map_select.js";
import { openNewIssue } from "./new_issue.js";
import { mayReport } from "./new_issue_form.js";
import { SEARCH_WORDS } from "./search_words.js";
import { addWords, currentLanguage, inLanguage, say } from "./strings.js";
import { drawPlace, reachText, understand } from "./understood.js";
/** @import { Box, Desk, Names } from "./types.js" */
/** @import { Place, Understood } from "./understood.js" */

const WAIT_MS = 180, MOST = 10, CLOSE_ZOOM = 16, LONGEST = 200;
const LEAST_TEXT = 4; // so many characters may describe a place
const SAME_DEGREES = 1e-4;

/**
 * A result; one that the words describe has its place as it was understood.
 * @typedef {{ kind: string, label: string, lng: number | null, lat: number | null, bbox: Box | null, id: string | null, layer: string, detail: Names, place?: Place }} Found
 */

addWords(SEARCH_WORDS);

/** @param {Desk} desk */
export function startSearch(desk) {
  const input = /** @type {HTMLInputElement} */ (el("input", {
    type: "search", id: "search", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-expanded": "false", "aria-controls": "search-found", "aria-autocomplete": "list",
  }));
  const list = el("ul", { id: "search-found", role: "listbox", hidden: true });
  const told = el("p", { id: "search-told", class: "quiet", hidden: true });
  const question = el("p", { id: "search-question", class: "question", hidden: true });
  byId("search-slot").append(el("div", { class: "search-root" }, input, el("div", { class: "menu search-menu" }, question, list, told)));
  /** @type {Found[]} */
  let found = [];
  /** @type {AbortController | null} */
  let asked = null;
  let at = -1, timer = 0, shown = ""; // the text that the results are for

  function label() {
    input.placeholder = say("search.hint");
    input.setAttribute("aria-label", say("search.label"));
    list.setAttribute("aria-label", say("search.label"));
  }

  /** Nothing is asked any more; what was, is not shown. */
  function stopAsking() {
    window.clearTimeout(timer);
    asked?.abort();
  }

  function close() {
    stopAsking();
    show("", [], "");
  }

  async function look() {
    stopAsking();
    const q = input.value.trim();
    if (!q) return show("", [], "");
    asked = new AbortController();
    try {
      const { results, question: ask } = await lookFor(q, asked.signal);
      show(q, results, results.length ? "" : say("search.none", { q }), ask);
      desk.notices.announce([results.length ? say("search.some", { n: results.length }) : say("search.none", { q }), ask].filter(Boolean).join(" "));
    } catch (error) {
      if (!wasAborted(error)) show("", [], problemWords(error));
    }
  }

  /** @param {string} q @param {Found[]} results @param {string} text @param {string} [ask] */
  function show(q, results, text, ask = "") {
    [shown, found] = [q, results];
    at = results.length ? 0 : -1;
    list.hidden = !results.length;
    told.hidden = !text;
    told.textContent = text;
    question.hidden = !ask;
    question.textContent = ask;
    input.setAttribute("aria-expanded", String(results.length > 0));
    list.replaceChildren(...results.map(row));
    mark();
  }

  /** @param {Found} one @param {number} index */
  function row(one, index) {
    const item = el("li", { id: `found-${index}`, role: "option", class: "found" },
      el("strong", {}, one.label), el("span", { class: "quiet" }, one.detail[currentLanguage()]));
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the box
    item.addEventListener("click", () => choose(one));
    return item;
  }

  function mark() {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `found-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Found} one */
  function choose(one) {
    const words = one.place && input.value.trim().length > one.label.length ? input.value.trim() : "";
    close();
    desk.list.focus(); // the keys of the desk are at hand again
    if (one.kind === "issue" && one.id) {
      desk.select(one.id, { focus: true });
      return;
    }
    goTo(desk, one);
    offer(desk, one, words);
  }

  /** Takes the result; where the results are of other words than stand there now, these are looked for first, and a choice is shown. */
  async function enter() {
    const isNew = input.value.trim() !== shown;
    if (isNew) await look();
    if (input.value.trim() !== shown) return; // meanwhile it was typed on, or left
    const one = found[at];
    if (one && (question.hidden || !isNew)) choose(one);
  }

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  });
  input.addEventListener("focus", () => found.length || !input.value || void look());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = found.length ? (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length : -1;
      mark();
    } else if (event.key === "Enter") void enter();
    else if (event.key === "Escape") {
      if (list.hidden) desk.list.focus();
      else close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  shortcut({ key: "/", help: "keys.search", run: () => input.select() });
  desk.store.watch(["lang"], label);
  label();
}

/** What a text may mean, and what to ask where its words describe more than one place. @param {string} q @param {AbortSignal} signal */
async function lookFor(q, signal) {
  const query = new URLSearchParams({ q, limit: String(MOST) });
  const [{ results }, understood] = await Promise.all([
    q.length > LONGEST ? { results: [] } : get("/v1/search", { query, signal }),
    q.length < LEAST_TEXT ? null : understand(q, signal),
  ]);
  return joined(results, understood);
}

/** The results with the places that the words describe. @param {Found[]} results @param {Understood | null} understood */
function joined(results, understood) {
  const places = understood?.places ?? [];
  for (const one of results) one.place = places.find((place) => isAt(one, place));
  const first = results.length ? results[0].place : places[0];
  const more = places.filter((place) => !results.some((one) => one.place === place)).map(asFound);
  const ask = first && understood?.outcome === "ambiguous" ? inLanguage(understood.question) : "";
  return { results: [...results, ...more].slice(0, MOST), question: ask };
}

/** A place that words describe, as a result. @param {Place} place @returns {Found} */
function asFound(place) {
  const { label, lng, lat } = place;
  const where = [reachText(place), place.parents[0]];
  /** @param {"zh" | "en"} lang */
  const told = (lang) => [...where, ...place.faults.map((fault) => fault[lang])].filter(Boolean).join(" · ");
  return { kind: "place", label, lng, lat, bbox: null, id: null, layer: "place", detail: { zh: told("zh"), en: told("en") }, place };
}

/** @param {Found} one @param {Place} place */
function isAt({ label, lng, lat }, place) {
  return label === place.label && lng !== null && lat !== null && Math.max(Math.abs(lng - place.lng), Math.abs(lat - place.lat)) < SAME_DEGREES;
}

/** Shows a result on the map. @param {Desk} desk @param {Found} one */
function goTo(desk, one) {
  const { lng, lat, bbox, place } = one;
  if (bbox && (bbox[0] < bbox[2] || bbox[1] < bbox[3])) desk.map.fitBounds(bbox, { padding: 60, maxZoom: CLOSE_ZOOM });
  else if (lng !== null && lat !== null) bringIntoView(desk, [lng, lat], CLOSE_ZOOM);
  if (lng !== null && lat !== null) desk.drawing.show(drawPlace(place ?? { lng, lat }));
}

/** What may be done with a result. @param {Desk} desk @param {Found} one @param {string} words that describe it */
function offer(desk, one, words) {
  const { lng, lat, id, kind, place } = one;
  const where = place ? [reachText(place), place.parents[0]] : [one.detail[currentLanguage()]];
  const text = [one.label, ...where].filter(Boolean).join(" · ");
  const filter = () => desk.store.set({ filters: { ...desk.store.state.filters, cell: [String(id)] } });
  const here = () => openNewIssue(desk, lng === null || lat === null ? null : [lng, lat], { radius_m: place && !place.whole ? place.radius_m : 0, words });
  if (kind === "cell") desk.notices.tell(text, { action: { label: say("search.filter"), run: filter } });
  else if (lng !== null && mayReport(desk)) desk.notices.tell(text, { action: { label: say("search.new"), run: here } });
  else desk.notices.tell(text);
}

/** The button of new issues, beside the box. @param {Desk} desk */
export function startNewIssue(desk) {
  if (!mayReport(desk)) return;
  const opener = button("", () => openNewIssue(desk, null), { id: "new-issue-open", class: "primary" });
  byId("search-slot").append(opener);
  const label = () => (opener.textContent = say("new.open"));
  desk.store.watch(["lang"], label);
  label();
  shortcut({ key: "n", help: "keys.new", run: () => openNewIssue(desk, null) });
}
