// The list beside the map: only the rows in sight are elements; it is one list to a screen reader all the same.
import { problemWords, wasAborted } from "./api.js";
import { byId, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { makeListData } from "./list_data.js";
import { rowContent, rowTitle } from "./list_row.js";
import { showListState } from "./list_state.js";
import { boxText, issueQuery } from "./query.js";
/** @import { Desk, IssueFeature } from "./types.js" */

const SPARE = 8; // rows above and below the window
const LIVE_MS = 1500; // between two readings because of what others did

/** @param {Desk} desk @returns {Desk["list"]} */
export function startList(desk) {
  const { store } = desk;
  const box = byId("list"), rows = byId("rows");
  const data = makeListData(query, { arrived, failed });
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  let rowPx = 0, total = 0, focused = -1, known = false, seeking = false;
  /** the issue whose row has the focus, or had it until it went from the list */
  let held = "";
  /** the row that has to stay where it is when rows come or go above it @type {{ id: string, top: number } | null} */
  let anchor = null;
  /** why the rows could not be read @type {unknown} */
  let fault = null;

  function query() {
    const { filters, scope, bounds, sort, desc } = store.state;
    const wanted = issueQuery(filters);
    if (scope === "view" && bounds) wanted.set("bbox", boxText(bounds));
    wanted.set("sort", sort);
    if (desc) wanted.set("desc", "true");
    return wanted;
  }

  /** @param {{ total: number, version: number, reset: boolean }} change */
  function arrived(change) {
    known = true;
    total = change.total;
    store.set({ total, version: Math.max(store.state.version, change.version) });
    if (change.reset) shown.clear();
    fault = null;
    tellState();
    rows.style.height = `${total * rowPx}px`;
    if (change.reset) keepAnchor();
    draw(true);
    if (change.reset && seeking) void seek();
  }

  /** Bring the open issue into sight, wherever in the list it is. */
  async function seek() {
    seeking = false;
    const number = store.state.issue;
    const known = data.find(number);
    const at = known >= 0 || !number ? known : await data.seek(number);
    if (at >= 0 && number === store.state.issue) scrollTo(at);
  }

  /** @param {unknown} error */
  function failed(error) {
    if (wasAborted(error)) return;
    fault = error;
    tellState();
  }

  function tellState() {
    const error = fault ? problemWords(fault) : "";
    showListState({ total: known ? total : 0, error }, store, error ? () => restart(false) : undefined);
  }

  function keepAnchor() {
    const at = anchor ? data.find(anchor.id) : -1;
    if (anchor && at >= 0) box.scrollTop = at * rowPx - anchor.top;
    anchor = null;
  }

  function firstInSight() {
    return Math.min(Math.floor(box.scrollTop / rowPx), Math.max(0, total - 1));
  }

  /** @param {boolean} stay whether the rows in sight stay in sight */
  function restart(stay) {
    const first = stay ? firstInSight() : 0;
    const row = stay && box.scrollTop > 0 ? data.row(first) : undefined;
    anchor = row ? { id: row.id, top: first * rowPx - box.scrollTop } : null;
    if (!stay) box.scrollTop = 0;
    data.restart(first);
  }

  /** @param {boolean} [anew] whether rows that are drawn are drawn again */
  function draw(anew = false) {
    const first = Math.max(0, firstInSight() - SPARE);
    const last = Math.min(total - 1, firstInSight() + Math.ceil(box.clientHeight / rowPx) + SPARE);
    data.need(first, last);
    for (const [at, element] of shown) {
      if (at < first || at > last) {
        if (element.contains(document.activeElement)) box.focus({ preventScroll: true });
        element.remove();
        shown.delete(at);
      }
    }
    const wanted = [];
    for (let at = first; at <= last; at++) wanted.push(rowAt(at, anew));
    if (rows.childElementCount !== wanted.length || anew) place(wanted);
    else for (const [index, one] of wanted.entries()) if (rows.children[index] !== one) return place(wanted);
  }

  /**
   * Rows in their order; the focus stays with its issue, though its row is another element now, and
   * comes back to it from the list where it was away for a while. @param {HTMLElement[]} wanted
   */
  function place(wanted) {
    const row = /** @type {HTMLElement | null | undefined} */ (document.activeElement?.closest("#rows > li"));
    held = row?.dataset.id || held;
    for (const old of [...rows.children]) if (!wanted.includes(/** @type {HTMLElement} */ (old))) old.remove();
    for (const [index, one] of wanted.entries()) if (rows.children[index] !== one) rows.insertBefore(one, rows.children[index] ?? null);
    if (row ? rows.contains(document.activeElement) : document.activeElement !== box) return;
    const again = /** @type {HTMLElement | null | undefined} */ (wanted.find((one) => one.dataset.id === held)?.firstElementChild);
    (again ?? box).focus({ preventScroll: true });
  }

  /** @param {number} at @param {boolean} anew */
  function rowAt(at, anew) {
    let element = shown.get(at);
    if (element && !anew && element.dataset.id) return element;
    const feature = data.row(at);
    if (!element) {
      element = el("li", { class: "row", style: null, "aria-posinset": at + 1 }, el("button", { type: "button", tabindex: -1 }));
      element.style.transform = `translateY(${at * rowPx}px)`;
      element.style.height = `${rowPx}px`;
      shown.set(at, element);
      const index = at;
      element.firstElementChild?.addEventListener("click", () => choose(index));
      element.firstElementChild?.addEventListener("focus", () => {
        focused = index;
        held = data.row(index)?.id ?? "";
      });
    }
    fill(element, at, feature);
    return element;
  }

  /** @param {HTMLElement} element @param {number} at @param {IssueFeature | undefined} feature */
  function fill(element, at, feature) {
    const button = /** @type {HTMLElement} */ (element.firstElementChild);
    element.setAttribute("aria-setsize", String(total));
    element.dataset.id = feature?.id ?? "";
    element.dataset.number = feature?.properties.number ?? "";
    element.classList.toggle("waiting", !feature);
    button.replaceChildren(...(feature ? rowContent(feature, desk.names) : [el("span", { class: "row-ghost" })]));
    button.title = feature ? rowTitle(feature) : "";
    const chosen = feature !== undefined && isChosen(feature);
    element.classList.toggle("chosen", chosen);
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const way = data.find(store.state.issue);
    button.tabIndex = at === (way >= 0 ? way : firstInSight()) ? 0 : -1;
  }

  /** @param {IssueFeature} feature */
  function isChosen(feature) {
    return store.state.issue !== "" && (feature.id === store.state.issue || feature.properties.number === store.state.issue);
  }

  /** @param {number} at */
  function choose(at) {
    const feature = data.row(at);
    if (feature) desk.select(feature.properties.number);
  }

  /** @param {number} at */
  function scrollTo(at) {
    const top = at * rowPx;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowPx - box.clientHeight;
  }

  /** @param {number} step */
  function next(step) {
    if (!total) return;
    const here = data.find(store.state.issue);
    const start = here >= 0 ? here : focused >= 0 && shown.has(focused) ? focused - Math.sign(step) : firstInSight() - Math.sign(step);
    const at = Math.min(Math.max(start + step, 0), total - 1);
    scrollTo(at);
    draw();
    choose(at);
    /** @type {HTMLElement | null | undefined} */ (shown.get(at)?.firstElementChild)?.focus({ preventScroll: true });
  }

  function measure() {
    rowPx = 4.5 * parseFloat(getComputedStyle(document.documentElement).fontSize);
    for (const [at, element] of shown) {
      element.style.transform = `translateY(${at * rowPx}px)`;
      element.style.height = `${rowPx}px`;
    }
    rows.style.height = `${total * rowPx}px`;
  }

  measure();
  box.addEventListener("scroll", () => requestAnimationFrame(() => draw()), { passive: true });
  new ResizeObserver(() => {
    measure();
    draw();
  }).observe(box);
  store.watch(["filters", "scope", "sort", "desc"], () => restart(false));
  store.watch(["bounds"], () => {
    if (store.state.scope !== "view") return;
    seeking = store.state.issue !== "";
    restart(seeking);
  });
  store.watch(["issue"], () => {
    void seek();
    draw(true);
  });
  store.watch(["lang"], () => (known || fault) && tellState());
  store.watch(["lang", "minute"], () => draw(true));
  let timer = 0;
  desk.live.onChange((change) => {
    data.merge(change.feature);
    draw(true);
    timer ||= window.setTimeout(() => {
      timer = 0;
      restart(true);
    }, LIVE_MS);
  });
  for (const [key, step] of /** @type {const} */ ([["j", 1], ["k", -1]])) {
    shortcut({ key, help: step > 0 ? "keys.next" : "keys.previous", run: () => next(step) });
  }
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -total, End: total }[event.key];
    if (!step) return;
    event.preventDefault();
    next(step);
  });
  const focus = () => {
    const chosen = /** @type {HTMLElement | null} */ (rows.querySelector(".chosen button") ?? rows.querySelector("button"));
    (box.hidden ? byId("list-state") : chosen ?? box).focus();
  };
  // A dialog gives the focus back to a row that may be gone by then.
  document.addEventListener("close", () => {
    const here = document.activeElement; // still the dialog's own where there is none to give it back to
    if (!here || here === document.body || !here.checkVisibility()) focus();
  }, true);
  return { next, reload: () => restart(true), rowsKnown: data.known, focus };
}
