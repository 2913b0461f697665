// What words say of a place, as the geocoder understands them: the place in its radius, or a choice and what to ask.
import { get, problemWords, wasAborted } from "./api.js";
import { button, el } from "./dom.js";
import { inLanguage, say } from "./strings.js";
import { metresText } from "./times.js";
import { circle } from "./why_drawing.js";
/** @import { Box, Names } from "./types.js" */

/**
 * A place that words may mean; of a whole street, river or area the radius is no error.
 * @typedef {{ label: string, lng: number, lat: number, radius_m: number, whole: boolean, box: Box, parents: string[], faults: Names[] }} Place
 */
/** @typedef {{ outcome: "found" | "ambiguous" | "none", question: Names | null, places: Place[] }} Understood */

const MOST = 6, WHOLE = ["street", "waterway", "cell", "area"], MOST_LENGTH = 2000;

/** @param {string} text @param {AbortSignal} [signal] @returns {Promise<Understood>} */
export async function understand(text, signal) {
  const query = new URLSearchParams({ text: text.slice(0, MOST_LENGTH), limit: String(MOST) });
  const { outcome, question, features } = await get("/v1/geocode", { query, signal });
  return { outcome, question, places: features.map(placeOf) };
}

/** @param {any} feature @returns {Place} */
function placeOf({ geometry, bbox, properties: one }) {
  const [lng, lat] = geometry.coordinates;
  return { label: one.label, lng, lat, radius_m: one.radius_m, whole: WHOLE.includes(one.match), box: bbox, parents: one.parents, faults: one.faults };
}

/** How far a place may be off; nothing for a whole street or area. @param {Place} place */
export function reachText({ radius_m: metres, whole }) {
  if (whole || metres < 1) return "";
  return `± ${metres < 999.5 ? say("unit.m", { n: metres.toFixed(0) }) : metresText(metres)}`;
}

/** The place in its radius, for the map. @param {{ lng: number, lat: number, radius_m?: number, whole?: boolean }} place @returns {GeoJSON.Feature[]} */
export function drawPlace({ lng, lat, radius_m: metres = 0, whole = false }) {
  /** @type {GeoJSON.Feature} */
  const point = { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lng, lat] } };
  return whole || !metres ? [point] : [{ type: "Feature", properties: { role: "error" }, geometry: circle(lng, lat, metres) }, point];
}

/** A place in a line, and what of the words does not fit. @param {Place} place */
function placeLines(place) {
  const where = [reachText(place), place.parents[0]].filter(Boolean).join(" · ");
  return [el("strong", {}, place.label), el("span", { class: "quiet" }, where), ...place.faults.map((fault) => el("span", { class: "place-fault" }, inLanguage(fault)))];
}

/**
 * A field for words that say where: what they mean is chosen at once, or offered as a choice.
 * @param {{ id: string, chosen: (place: Place, text: string) => void }} on
 */
export function wordsBox({ id, chosen }) {
  const input = /** @type {HTMLInputElement} */ (el("input", { id, maxlength: 400, autocomplete: "off", spellcheck: "false", enterkeyhint: "search", "data-key": id, "aria-describedby": `${id}-told` }));
  const label = el("label", { for: id });
  const find = button("", () => void look(), { "data-key": `${id}-find` });
  const told = el("div", { id: `${id}-told`, class: "words-told", role: "status" });
  /** @type {AbortController | null} */
  let asked = null;

  async function look() {
    const text = input.value.trim();
    asked?.abort();
    if (!text) return told.replaceChildren();
    asked = new AbortController();
    told.replaceChildren(el("p", { class: "quiet" }, say("words.looking")));
    try {
      show(await understand(text, asked.signal), text);
    } catch (error) {
      if (!wasAborted(error)) told.replaceChildren(el("p", { class: "fault" }, problemWords(error)));
    }
  }

  /** @param {Understood} understood @param {string} text */
  function show({ outcome, question, places }, text) {
    const [first] = places;
    if (!first) return told.replaceChildren(el("p", { class: "quiet" }, say("words.none", { text })));
    if (outcome === "found") return take(first, text);
    const choice = places.map((place) => {
      const pick = button("", () => take(place, text), { class: "words-pick" });
      pick.append(...placeLines(place));
      return el("li", {}, pick);
    });
    told.replaceChildren(el("p", { class: "question" }, inLanguage(question) || say("words.which")), el("ul", { class: "words-choice" }, ...choice));
  }

  /** @param {Place} place @param {string} text */
  function take(place, text) {
    told.replaceChildren(el("p", { class: "words-found" }, ...placeLines(place)), place.whole ? el("p", { class: "hint" }, say("words.whole")) : "");
    chosen(place, text);
    input.focus();
  }

  function translate() {
    label.textContent = say("words.by");
    input.placeholder = say("words.hint");
    find.textContent = say("words.find");
    told.replaceChildren();
  }

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    event.preventDefault(); // not the whole form is sent
    event.stopPropagation();
    void look();
  });
  input.addEventListener("input", (event) => event.stopPropagation()); // nothing of the form has changed yet
  translate();
  return { root: el("div", { class: "words-box" }, label, el("div", { class: "words-line" }, input, find), told), translate };
}
