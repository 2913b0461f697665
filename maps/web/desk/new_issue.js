// A new issue from a phone call: words and a click on the map; whose it would be is shown before it is saved.
import { problemWords, send } from "./api.js";
import { button, byId, el } from "./dom.js";
import { DRAWN } from "./issue_layers.js";
import { bringIntoView } from "./map_select.js";
import { drawForm, drawPreview, report } from "./new_issue_form.js";
import { currentLanguage, say } from "./strings.js";
import { drawPlace } from "./understood.js";
/** @import { Desk, Why, Suspect, Names } from "./types.js" */

/**
 * What a report would become: POST /v1/reports?dry_run=true.
 * @typedef {{ assignment: Record<string, any> | null, why: Why | null, duplicates: Suspect[], flags: string[], category_name: Names | null, due_at: string | null }} Proposal
 */
/** @typedef {{ place: [number, number] | null, join: string, key: string, proposal: Proposal | null }} Draft */

const WAIT_MS = 400, CLOSE_ZOOM = 16;
let isOpen = false;
/** @type {(place: [number, number] | null, radius_m?: number) => void} */
let putAt = () => {};
/** @type {(words: string) => void} */
let sayWords = () => {};

/**
 * Opens the form, or gives the open one its place.
 * @param {Desk} desk @param {[number, number] | null} place
 * @param {{ radius_m?: number, words?: string }} [known] how far the place may be off, and what the caller says
 */
export function openNewIssue(desk, place, { radius_m = 0, words = "" } = {}) {
  if (!isOpen) {
    isOpen = true;
    start(desk);
  }
  if (words) sayWords(words);
  if (place) putAt(place, radius_m);
  byId("new-words").focus();
}

/** @param {Desk} desk */
function start(desk) {
  const { map, notices, store } = desk;
  /** @type {Draft} */
  const draft = { place: null, join: "", key: crypto.randomUUID(), proposal: null };
  const opener = document.activeElement;
  const form = drawForm(desk, { changed, place: (lng, lat, radius) => putAndShow([lng, lat], radius), save: () => void save(), clear: () => put(null), centre: () => clicked({ lngLat: map.getCenter().wrap() }) });
  const preview = el("div", { id: "new-preview", "aria-live": "polite" });
  const fault = el("p", { class: "fault", role: "alert" });
  const side = el("aside", { id: "new-issue", "aria-labelledby": "new-title" },
    button("×", () => close(), { class: "icon new-close", "aria-label": say("close"), title: `${say("close")} (Esc)` }),
    el("h2", { id: "new-title" }, say("new.title")), form.root, preview, fault);
  let timer = 0, turn = 0, warned = false;

  /** @param {[number, number] | null} place @param {number} [radius] metres that it may be off; 0 where somebody pointed at it */
  function put(place, radius = 0) {
    draft.place = place;
    form.showPlace(place, radius);
    draw();
    changed();
  }

  function draw() {
    const features = draft.place ? drawPlace({ lng: draft.place[0], lat: draft.place[1], radius_m: form.values().accuracy_m ?? 0 }) : [];
    /** @type {any} */ (map.getSource(DRAWN))?.setData({ type: "FeatureCollection", features });
  }

  /** @param {[number, number]} place @param {number} radius */
  function putAndShow(place, radius) {
    put(place, radius);
    bringIntoView(desk, place, CLOSE_ZOOM);
  }

  function changed() {
    warned = false;
    fault.textContent = "";
    draft.key = crypto.randomUUID(); // other words are another report
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void propose(), WAIT_MS);
  }

  async function propose() {
    const mine = ++turn;
    if (!draft.place && !form.words()) {
      draft.proposal = null;
      preview.removeAttribute("aria-busy");
      return preview.replaceChildren(el("p", { class: "quiet" }, say("new.placeHint")));
    }
    preview.setAttribute("aria-busy", "true");
    try {
      const proposal = await send("/v1/reports?dry_run=true", report(form, draft));
      if (mine !== turn) return;
      draft.proposal = proposal;
      drawPreview(preview, desk, draft, join);
    } catch (error) {
      if (mine !== turn) return;
      fault.textContent = problemWords(error);
    }
    preview.removeAttribute("aria-busy");
  }

  /** @param {string} number of the issue that it joins; "" opens one */
  function join(number) {
    draft.join = number;
    draft.key = crypto.randomUUID();
    drawPreview(preview, desk, draft, join);
  }

  async function save() {
    window.clearTimeout(timer);
    form.busy(true);
    try {
      const answer = await sendOnce(report(form, draft), draft.key);
      const { number } = answer.issue;
      const word = answer.outcome === "joined" ? "new.joined" : answer.outcome === "repeated" ? "new.again" : "new.saved";
      leave();
      desk.select(number);
      notices.tell(say(word, { number }));
    } catch (error) {
      fault.textContent = problemWords(error); // the words stay, and sending them again files them once
      form.busy(false);
    }
  }

  /** Closes; what is not saved is kept at the first press. */
  function close() {
    if (!warned && (form.words() || draft.place)) {
      warned = true;
      fault.textContent = say("new.keep");
      return;
    }
    leave();
  }

  function leave() {
    turn++;
    window.clearTimeout(timer);
    map.off("click", clicked);
    document.removeEventListener("keydown", escape, true);
    unwatch();
    side.remove();
    delete map.getCanvas().dataset.tool;
    desk.drawing.clear();
    isOpen = false;
    if (opener instanceof HTMLElement && opener !== document.body && opener.isConnected) opener.focus();
    else desk.list.focus();
  }

  /** @param {{ lngLat: { lng: number, lat: number } }} event */
  function clicked(event) {
    put([Number(event.lngLat.lng.toFixed(6)), Number(event.lngLat.lat.toFixed(6))]);
  }

  /** @param {KeyboardEvent} event */
  function escape(event) {
    if (event.key !== "Escape" || !side.contains(document.activeElement)) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }

  let language = currentLanguage();
  const unwatch = store.watch(["lang"], () => {
    if (language === currentLanguage()) return;
    language = currentLanguage();
    form.translate();
    byId("new-title").textContent = say("new.title");
    if (draft.proposal) drawPreview(preview, desk, draft, join);
  });
  map.on("click", clicked);
  map.getCanvas().dataset.tool = "place";
  document.addEventListener("keydown", escape, true);
  putAt = put;
  sayWords = form.setWords;
  byId("main").append(side);
  put(null);
}

/** Files a report; the same again with its key files nothing new. @param {object} body @param {string} key */
function sendOnce(body, key) {
  return send("/v1/reports", body, "POST", { "Idempotency-Key": key });
}
