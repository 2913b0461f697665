// Correcting a position: drag the mark, click the map, type, or nudge; whose it would be there is shown before it is saved.
import { Problem, problemWords } from "./api.js";
import { bodyOf, sendAction } from "./act_run.js";
import { button, el, fact } from "./dom.js";
import { bringIntoView, pointOf } from "./map_select.js";
import { inLanguage, say, shareText, term } from "./strings.js";
import { metresText } from "./times.js";
import { drawPlace, wordsBox } from "./understood.js";
import { drawWhy } from "./why_drawing.js";
/** @import { Desk, FullIssue, IssueFeature, NamedOwner, Why } from "./types.js" */
/** @import { Draft } from "./act_run.js" */

/** @typedef {IssueFeature & { why: Why | null, proposed_owner: NamedOwner | null, remembers?: { text: string, cell_path: string, radius_m: number } | null }} Preview */

const WAIT_MS = 250, METRES_PER_DEGREE = 111_320, DIGITS = 6, CLOSE_ZOOM = 16;
const DATUMS = ["wgs84", "gcj02", "bd09"];
const DATUM_NAMES = /** @type {Record<string, string>} */ ({ wgs84: "WGS-84", gcj02: "GCJ-02 高德", bd09: "BD-09 百度" });

/** @type {(() => void) | null} */
let stop = null;

/** Takes the mark off the map. */
export function stopMove() {
  stop?.();
  stop = null;
}

/** The mark that is dragged. @param {Desk} desk @param {[number, number]} at @param {(place: [number, number]) => void} moved */
function makeMarker({ map }, at, moved) {
  const element = el("div", { class: "move-mark" });
  const marker = new maplibregl.Marker({ element, draggable: true }).setLngLat(at).addTo(map);
  element.removeAttribute("role");
  marker.on("drag", () => moved([marker.getLngLat().lng, marker.getLngLat().lat]));
  return marker;
}

/** @param {Desk} desk @param {Draft} draft */
export function drawMove(desk, draft) {
  stopMove();
  const { map } = desk;
  const was = pointOf(draft.issue);
  const middle = map.getCenter();
  const start = /** @type {[number, number]} */ (draft.place && draft.place.datum === "wgs84" ? [draft.place.lng, draft.place.lat] : was ?? [middle.lng, middle.lat]);
  const lng = field("move-lng", say("move.lng")), lat = field("move-lat", say("move.lat"));
  const datum = /** @type {HTMLSelectElement} */ (el("select", { id: "move-datum" }, ...DATUMS.map((one) => el("option", { value: one }, DATUM_NAMES[one]))));
  const shown = el("div", { id: "move-preview", "aria-live": "polite" });
  const byWords = wordsBox({ id: "move-words", chosen: (found) => put([found.lng, found.lat], found.radius_m) });
  let timer = 0, turn = 0, here = start;
  const marker = makeMarker(desk, start, (place) => put(place));
  if (was) bringIntoView(desk, was, map.getZoom() < 13 ? CLOSE_ZOOM : 0);

  /** A place on the map, which is WGS-84. @param {[number, number]} place @param {number} [radius] metres that it may be off */
  function put([x, y], radius = 0) {
    here = [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))];
    marker.setLngLat(here);
    datum.value = "wgs84";
    [lng.input.value, lat.input.value] = [here[0].toFixed(DIGITS), here[1].toFixed(DIGITS)];
    take({ lng: here[0], lat: here[1], datum: "wgs84", ...(radius ? { accuracy_m: Math.ceil(radius) } : {}) });
  }

  function typed() {
    const pair = lng.input.value.match(/-?\d+(?:\.\d+)?/g);
    if (pair && pair.length > 1 && !lat.input.value) [lng.input.value, lat.input.value] = pair;
    const [x, y] = [Number(lng.input.value), Number(lat.input.value)];
    const fits = lng.input.value.trim() !== "" && lat.input.value.trim() !== "" && Math.abs(x) <= 180 && Math.abs(y) <= 90;
    if (fits) return take({ lng: x, lat: y, datum: datum.value });
    window.clearTimeout(timer);
    turn++;
    draft.place = null;
    shown.replaceChildren();
    shown.removeAttribute("aria-busy");
  }

  /** @param {NonNullable<Draft["place"]>} place */
  function take(place) {
    draft.place = place;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  }

  async function look() {
    if (draft.busy) return; // what is being saved is no longer as it was seen
    const mine = ++turn;
    shown.setAttribute("aria-busy", "true");
    if (!shown.childElementCount) shown.textContent = say("move.checking");
    try {
      const body = { ...bodyOf(draft), reason: draft.reason.trim() || "…" };
      const seen = /** @type {Preview} */ (await sendAction(draft.issue.id, body, "?dry_run=true"));
      if (mine !== turn || !stop) return;
      const at = pointOf(seen);
      if (at && draft.place?.datum !== "wgs84") marker.setLngLat((here = at));
      if (at) bringIntoView(desk, at);
      shown.replaceChildren(...drawPreview(draft.issue, seen, desk));
      const drawn = drawWhy({ .../** @type {FullIssue} */ (draft.issue), geometry: seen.geometry, why: seen.why });
      desk.drawing.show(at && draft.place?.accuracy_m ? [...drawPlace({ lng: at[0], lat: at[1], radius_m: draft.place.accuracy_m }).slice(0, 1), ...drawn.filter(({ properties }) => properties?.role !== "error")] : drawn);
    } catch (error) {
      if (mine === turn && draft.remember && error instanceof Problem && error.code === "invalid_action") shown.replaceChildren(el("p", { class: "hint" }, notRemembered(draft, error)));
      else if (mine === turn) shown.replaceChildren(el("p", { class: error instanceof Problem && error.status === 409 ? "hint" : "fault" }, problemWords(error)));
    }
    shown.removeAttribute("aria-busy");
  }

  /** @param {number} east @param {number} north metres */
  function nudge(east, north) {
    const along = METRES_PER_DEGREE * Math.max(Math.cos((here[1] * Math.PI) / 180), 0.01);
    put([here[0] + east / along, here[1] + north / METRES_PER_DEGREE]);
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  const clicked = (event) => put([event.lngLat.lng, event.lngLat.lat]);
  map.on("click", clicked);
  map.getCanvas().dataset.tool = "move";
  stop = () => {
    turn++;
    window.clearTimeout(timer);
    map.off("click", clicked);
    delete map.getCanvas().dataset.tool;
    marker.remove();
    const open = desk.panel.issue();
    if (open) desk.drawing.show(drawWhy(open));
  };
  if (draft.place) {
    [lng.input.value, lat.input.value, datum.value] = [String(draft.place.lng), String(draft.place.lat), draft.place.datum];
    if (!draft.busy) take(draft.place);
  } else [lng.input.value, lat.input.value] = start.map((one) => one.toFixed(DIGITS));
  for (const one of [lng.input, lat.input, datum]) one.addEventListener("input", typed);
  return el("div", { class: "move" }, byWords.root, el("p", { class: "quiet" }, say("move.help")),
    el("div", { class: "move-fields" }, lng.root, lat.root, el("div", { class: "act-field" }, el("label", { for: "move-datum" }, say("move.datum")), datum)),
    pad(nudge), rememberField(draft, () => draft.place && take(draft.place)), shown);
}

/** @param {string} id @param {string} label */
function field(id, label) {
  const input = /** @type {HTMLInputElement} */ (el("input", { id, inputmode: "decimal", autocomplete: "off", "data-key": id, "aria-describedby": "act-fault" }));
  return { input, root: el("div", { class: "act-field" }, el("label", { for: id }, label), input) };
}

/** Whether the words of the report, or others, shall mean this place from now on; nothing for who may not say so. @param {Draft} draft @param {() => unknown} changed */
function rememberField(draft, changed) {
  if (!draft.issue.may.find((one) => one.action === draft.action)?.takes.includes("remember")) return null;
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "move-remember", checked: draft.remember, "data-key": "move-remember" }));
  const words = /** @type {HTMLInputElement} */ (el("input", { id: "move-remember-words", maxlength: 200, autocomplete: "off", placeholder: say("remember.hint"), "data-key": "move-remember-words" }));
  const more = el("div", { class: "act-field", hidden: !draft.remember }, el("label", { for: words.id }, say("remember.words")), words);
  words.value = draft.words;
  box.addEventListener("change", () => {
    draft.remember = box.checked;
    more.hidden = !box.checked;
    changed();
  });
  words.addEventListener("input", () => {
    draft.words = words.value;
    changed();
  });
  return el("div", { class: "move-remember" }, el("label", { class: "option", for: box.id }, box, el("span", {}, say("remember.label"))), more);
}

/** Why words are not remembered, and what to do. @param {Draft} draft @param {Problem} problem */
function notRemembered(draft, problem) {
  return draft.words.trim() ? say("remember.refused", { why: problem.message }) : say("remember.noWords");
}

/** What words would mean the place, and where in the city. @param {Preview["remembers"]} remembers */
function remembersText(remembers) {
  return remembers ? [el("p", { class: "hint" }, say("remember.would", { text: remembers.text }))] : [];
}

/** Four buttons, and the arrow keys on them. @param {(east: number, north: number) => void} nudge */
function pad(nudge) {
  const ways = /** @type {const} */ ([["west", "←", -1, 0], ["north", "↑", 0, 1], ["south", "↓", 0, -1], ["east", "→", 1, 0]]);
  const root = el("div", { class: "move-pad", role: "group", "aria-label": say("move.step") },
    ...ways.map(([name, sign, east, north]) => button(sign, () => nudge(east, north), { class: "icon", "aria-label": say(`move.${name}`), title: say(`move.${name}`), "data-key": `move-${name}` })),
    el("span", { class: "quiet" }, say("move.stepHelp")));
  root.addEventListener("keydown", (event) => {
    const way = ways[["ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"].indexOf(event.key)];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? 10 : 1;
    nudge(way[2] * step, way[3] * step);
  });
  return root;
}

/** @param {FullIssue} was @param {Preview} seen @param {Desk} desk */
function drawPreview(was, seen, { names }) {
  const [before, after] = [was.properties, seen.properties];
  const [from, to] = [pointOf(was), pointOf(seen)];
  const far = from && to ? distance(from, to) : null;
  const asset = seen.why?.asset;
  const other = seen.proposed_owner && after.owner_id && seen.proposed_owner.id !== after.owner_id;
  return [
    el("h4", {}, say("move.wouldBe"), far === null ? "" : el("span", { class: "quiet" }, ` · ${say("move.far", { m: metresText(far) })}`)),
    el("dl", { class: "facts" },
      ...fact(say("cell"), changed(before.cell_name ?? before.cell_code, after.cell_name ?? after.cell_code)),
      ...fact(say("why.asset"), changed(assetName(before), assetName(after), asset?.distance_m ? `${inLanguage(asset.kind_name)} ${asset.name || asset.id} · ${metresText(asset.distance_m)}` : "")),
      ...fact(say("owner"), changed(names.owner(before.owner_id), names.owner(after.owner_id))),
      ...fact(say("certainty"), after.certainty ? say(`certainty.${after.certainty}`) + shareText(after.owner_share) : "")),
    ...remembersText(seen.remembers),
    ...(other ? [el("p", { class: "hint" }, say("move.keepsOwner", { owner: names.owner(seen.proposed_owner?.id ?? null) }))] : []),
  ];
}

/** What it becomes, and what it was. @param {string | null} before @param {string | null} after @param {string} [told] how to tell what it becomes */
function changed(before, after, told = "") {
  if (before === after) return el("span", {}, told || after || "—", " ", el("span", { class: "quiet" }, say("move.same")));
  return el("span", {}, el("strong", {}, told || after || "—"), " ", el("span", { class: "quiet" }, say("move.was", { was: before || "—" })));
}

/** @param {IssueFeature["properties"]} issue */
function assetName(issue) {
  return issue.asset_id ? `${term(issue.asset_kind)} ${issue.asset_id}` : null;
}

/** Metres between two near places. @param {[number, number]} a @param {[number, number]} b */
function distance(a, b) {
  const along = Math.cos((a[1] * Math.PI) / 180) * METRES_PER_DEGREE;
  return Math.hypot((a[0] - b[0]) * along, (a[1] - b[1]) * METRES_PER_DEGREE);
}
