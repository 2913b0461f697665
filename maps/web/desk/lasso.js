// Drawing around issues on the map, with mouse, pen or finger.
import { problemWords } from "./api.js";
import { listed, MOST, pickOnly } from "./bulk_select.js";
import { byId, el, svg } from "./dom.js";
import { pointOf } from "./map_select.js";
import { grouped, say } from "./strings.js";
/** @import { Box, Desk } from "./types.js" */

const LEAST = 8; // pixels: less is no lasso
/** @type {(() => void) | null} */
let leave = null;

export function lassoIsOn() {
  return leave !== null;
}

/** Starts it, or ends it. @param {Desk} desk @param {() => void} told when it has started or ended */
export function toggleLasso(desk, told) {
  if (leave) return leave();
  const { map } = desk;
  const path = svg("0 0 1 1", [{ d: "" }]);
  const cover = el("div", { id: "lasso" }, el("p", { class: "lasso-help" }, say("lasso.help")), path);
  byId("map-pane").append(cover);
  map.getCanvas().dataset.tool = "lasso";
  /** @type {[number, number][]} */
  let corners = [];

  const end = () => {
    cover.remove();
    document.removeEventListener("keydown", escape, true);
    delete map.getCanvas().dataset.tool;
    leave = null;
    told();
  };
  /** @param {KeyboardEvent} event */
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    end();
  };
  /** @param {PointerEvent} event @returns {[number, number]} */
  const at = (event) => {
    const box = cover.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  cover.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    cover.setPointerCapture(event.pointerId);
    path.setAttribute("viewBox", `0 0 ${cover.clientWidth} ${cover.clientHeight}`);
    corners = [at(event)];
  });
  cover.addEventListener("pointermove", (event) => {
    if (!corners.length) return;
    corners.push(at(event));
    path.firstElementChild?.setAttribute("d", `M${corners.map((one) => one.map((n) => n.toFixed(1)).join(" ")).join("L")}Z`);
  });
  cover.addEventListener("pointercancel", () => (corners = []));
  cover.addEventListener("pointerup", () => {
    const drawn = corners;
    corners = [];
    const wide = Math.max(...drawn.map(([x]) => x)) - Math.min(...drawn.map(([x]) => x));
    if (drawn.length < 3 || wide < LEAST) return;
    end();
    void pickWithin(desk, drawn.map((point) => map.unproject(point)).map(({ lng, lat }) => [lng, lat]));
  });
  document.addEventListener("keydown", escape, true);
  leave = end;
  told();
  desk.notices.announce(say("lasso.help"));
}

/** Selects the issues that pass the filters and lie within. @param {Desk} desk @param {number[][]} ring in degrees */
async function pickWithin(desk, ring) {
  const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
  /** @type {Box} */
  const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  try {
    const { features } = await listed(desk, { box, limit: MOST + 1, keep: (one) => within(pointOf(one), ring) });
    pickOnly(features);
    const text = features.length > MOST ? say("pick.first", { n: grouped(MOST), all: `> ${grouped(MOST)}` }) : features.length ? "" : say("pick.lassoNone");
    if (text) desk.notices.tell(text);
    desk.notices.announce(text || say("pick.n", { n: grouped(features.length) }));
  } catch (error) {
    desk.notices.tell(problemWords(error), { kind: "error" });
  }
}

/**
 * Whether a place lies in a ring, by the even-odd rule.
 * @param {[number, number] | null} place @param {number[][]} ring
 */
export function within(place, ring) {
  if (!place) return false;
  const [x, y] = place;
  let inside = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
    const [ax, ay] = ring[at], [bx, by] = ring[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
