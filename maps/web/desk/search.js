// One box to find everything: places, cells, assets, issues, coordinates in any datum.
import { get, problemWords, wasAborted } from "./api.js";
import { button, byId, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { bringIntoView } from "./map_select.js";
import { openNewIssue } from "./new_issue.js";
import { mayReport } from "./new_issue_form.js";
import { SEARCH_WORDS } from "./search_words.js";
import { addWords, currentLanguage, say } from "./strings.js";
/** @import { Box, Desk, Names } from "./types.js" */

const WAIT_MS = 180, MOST = 10, CLOSE_ZOOM = 16;

/** @typedef {{ kind: string, label: string, lng: number | null, lat: number | null, bbox: Box | null, id: string | null, layer: string, detail: Names }} Found */

addWords(SEARCH_WORDS);

/** @param {Desk} desk */
export function startSearch(desk) {
  const input = /** @type {HTMLInputElement} */ (el("input", {
    type: "search", id: "search", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: 200,
    "aria-expanded": "false", "aria-controls": "search-found", "aria-autocomplete": "list",
  }));
  const list = el("ul", { id: "search-found", role: "listbox", hidden: true });
  const told = el("p", { id: "search-told", class: "quiet", hidden: true });
  byId("search-slot").append(el("div", { class: "search-root" }, input, el("div", { class: "menu search-menu" }, list, told)));
  /** @type {Found[]} */
  let found = [];
  /** @type {AbortController | null} */
  let asked = null;
  let at = -1, timer = 0;

  function label() {
    input.placeholder = say("search.hint");
    input.setAttribute("aria-label", say("search.label"));
    list.setAttribute("aria-label", say("search.label"));
  }

  async function look() {
    asked?.abort();
    const q = input.value.trim();
    if (!q) return show([], "");
    asked = new AbortController();
    try {
      const { results } = await get("/v1/search", { query: new URLSearchParams({ q, limit: String(MOST) }), signal: asked.signal });
      show(results, results.length ? "" : say("search.none", { q }));
      desk.notices.announce(results.length ? say("search.some", { n: results.length }) : say("search.none", { q }));
    } catch (error) {
      if (!wasAborted(error)) show([], problemWords(error));
    }
  }

  /** @param {Found[]} results @param {string} text */
  function show(results, text) {
    found = results;
    at = results.length ? 0 : -1;
    list.hidden = !results.length;
    told.hidden = !text;
    told.textContent = text;
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
    show([], "");
    desk.list.focus(); // the keys of the desk are at hand again
    if (one.kind === "issue" && one.id) {
      desk.select(one.id, { focus: true });
      return;
    }
    goTo(desk, one);
    offer(desk, one);
  }

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  });
  input.addEventListener("focus", () => found.length || !input.value || void look());
  input.addEventListener("blur", () => show([], ""));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = found.length ? (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length : -1;
      mark();
    } else if (event.key === "Enter" && found[at]) choose(/** @type {Found} */ (found[at]));
    else if (event.key === "Escape") {
      if (list.hidden) desk.list.focus();
      else show([], "");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  shortcut({ key: "/", help: "keys.search", run: () => input.select() });
  desk.store.watch(["lang"], label);
  label();
}

/** Shows a result on the map. @param {Desk} desk @param {Found} one */
function goTo(desk, one) {
  const { lng, lat, bbox } = one;
  if (bbox && (bbox[0] < bbox[2] || bbox[1] < bbox[3])) desk.map.fitBounds(bbox, { padding: 60, maxZoom: CLOSE_ZOOM });
  else if (lng !== null && lat !== null) bringIntoView(desk, [lng, lat], CLOSE_ZOOM);
  if (lng === null || lat === null) return;
  desk.drawing.show([{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lng, lat] } }]);
}

/** What may be done with a result. @param {Desk} desk @param {Found} one */
function offer(desk, one) {
  const { lng, lat, id, kind } = one;
  const text = [one.label, one.detail[currentLanguage()]].filter(Boolean).join(" · ");
  const filter = () => desk.store.set({ filters: { ...desk.store.state.filters, cell: [String(id)] } });
  const here = () => openNewIssue(desk, lng === null || lat === null ? null : [lng, lat]);
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
