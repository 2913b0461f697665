// What the marks and colours mean.
import { byId, el, svg } from "./dom.js";
import { markIcon, TURNS, turnName } from "./marks.js";
import { assetKinds } from "./map.js";
import { capital, grouped, inLanguage, say } from "./strings.js";
import { colours, onColours } from "./theme.js";
import { counted } from "./views.js";
/** @import { Desk } from "./types.js" */

/** @param {Desk} desk */
export function startLegend(desk) {
  const { store } = desk;
  const place = byId("legend");
  const { clientWidth: width, clientHeight: height } = byId("map-pane");
  let open = width > 700 && height > 560; // where it hides little
  const draw = () => {
    const held = place.contains(document.activeElement);
    const details = el("details", { open }, el("summary", {}, say("legend")), el("div", { class: "legend-body" }, ...content(desk)));
    details.addEventListener("toggle", () => (open = /** @type {HTMLDetailsElement} */ (details).open));
    place.replaceChildren(details);
    if (held) /** @type {HTMLElement} */ (details.firstElementChild).focus();
  };
  place.addEventListener("counted", draw);
  store.watch(["view", "lang"], draw);
  onColours(draw);
  draw();
}

/** @param {Desk} desk */
function content({ store }) {
  const { view, city } = store.state;
  if (view === "heat") return [heat()];
  if (view === "cells") return [cells(), el("p", { class: "quiet" }, say("legend.cells"))];
  return view === "assets" ? [marks(), assets(city)] : [marks()];
}

/** @param {import("./types.js").City | null} city */
function assets(city) {
  const { kinds } = colours();
  return el("ul", { class: "key" }, ...assetKinds(city).map((kind, at) => {
    const dot = el("span", { class: "kind-dot" });
    dot.style.background = kinds[at % kinds.length];
    return el("li", {}, dot, capital(inLanguage(city?.assets.find((one) => one.kind === kind)?.name, kind)));
  }));
}

function marks() {
  return el("ul", { class: "key marks" },
    ...TURNS.map((turn) => el("li", {}, markIcon(turn, false), capital(turnName(turn)))),
    el("li", {}, markIcon("to_dispatch", true), capital(say("overdue"))),
    el("li", {}, ring(), say("legend.cluster")));
}

function ring() {
  return svg("0 0 24 24", [
    { d: "M12 3a9 9 0 1 1 0 18a9 9 0 1 1 0-18z", class: "ring" }, { d: "M12 3a9 9 0 0 1 9 9", class: "ring-late" }, { d: "M12 6.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11z", class: "disc" },
  ], "mark mark-cluster");
}

function heat() {
  const ramp = el("span", { class: "ramp" });
  ramp.style.background = `linear-gradient(to right, ${colours().heat.slice(1).join(", ")})`;
  return el("p", { class: "heat-key" }, say("legend.few"), ramp, say("legend.many"));
}

function cells() {
  const { breaks, most, elsewhere } = counted;
  const least = [1, ...breaks];
  const c = colours();
  const rows = most ? least.map((from, at) => ({ colour: c.classes[at], from, to: at + 1 < least.length ? least[at + 1] - 1 : most })) : [];
  return el("ul", { class: "key" }, swatch(c.zero, "0"),
    ...rows.map(({ colour, from, to }) => swatch(colour, from >= to ? grouped(from) : `${grouped(from)}–${grouped(to)}`)),
    elsewhere ? el("li", { class: "quiet wide" }, say("legend.elsewhere", { n: grouped(elsewhere) })) : null);
}

/** @param {string} colour @param {string} text */
function swatch(colour, text) {
  const box = el("span", { class: "swatch" });
  box.style.background = colour;
  return el("li", {}, box, text);
}
