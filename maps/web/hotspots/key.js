// Beside the map: what its colours and patterns mean, and for clusters, which there are.
import { byId, el } from "../page/dom.js";
import { grouped, say } from "../page/strings.js";
import { clusterName } from "./facts.js";
import { densityShades, SURE } from "./layers.js";
import { classSwatch, look } from "./look.js";
import { chanceSentence, countText, ratioText } from "./numbers.js";
import { isNew } from "./rows.js";
import { className, inLanguage } from "./words.js";

const KEY_CLASSES = ["hot", "cold", "not significant", "excluded"];

export function drawKey(page, jumpCluster) {
  const focused = document.activeElement?.dataset?.cluster;
  const parts = { hotspots: cellKey, clusters: (one) => clusterKey(one, jumpCluster), density: densityKey }[page.layer](page);
  const table = page[page.layer];
  byId("legend").replaceChildren(el("h2", {}, say("key")), ...(table ? [el("h3", {}, inLanguage(table.title))] : []), ...parts);
  if (focused !== undefined) byId("legend").querySelector(`[data-cluster="${focused}"]`)?.focus();
  byId("picture-note").hidden = !(table?.is_picture || page.layer === "density");
}

function keySwatch(style) {
  const made = el("span", { class: "swatch square", "aria-hidden": "true" });
  made.style.cssText = style;
  return made;
}

function cellKey({ tally, hotspots: table, rows }) {
  if (!tally) return [el("p", { class: "quiet" }, say("nothing"))];
  const fresh = rows.filter((row) => table.text("class", row) === "hot" && isNew(table, row)).length;
  const item = (kind, isFresh, text, n) => el("li", {}, classSwatch(kind, isFresh), el("span", {}, text), el("span", { class: "count" }, grouped(n)));
  const items = KEY_CLASSES.flatMap((kind, at) => {
    const n = tally.classes[at];
    const old = kind === "hot" ? n - fresh : n;
    return [...(old || kind === "hot" || kind === "cold" ? [item(kind, false, className(kind), old)] : []),
      ...(kind === "hot" && fresh ? [item(kind, true, say("isNew"), fresh)] : [])];
  });
  const thinned = tally.drawn < tally.cells ? [el("p", { class: "quiet" }, say("thinnedCells"))] : [];
  return [el("ul", { class: "key", id: "classes" }, ...items), ...thinned, el("p", { class: "quiet" }, say("neighbourNote"))];
}

function clusterKey({ clusters: table, clusterRows }, jumpCluster) {
  if (!clusterRows.length) return [el("p", { class: "quiet" }, say("noClusters"))];
  const items = clusterRows.map((row) => {
    const risk = `${say("risk")} ${ratioText(table.number("relative_risk", row))}`;
    const text = `${clusterName(table, row)}: ${risk}, ${chanceSentence("p", table.number("p", row))}`;
    return el("li", {}, el("button", { type: "button", "data-cluster": row, onclick: () => jumpCluster(row) }, text));
  });
  const doubt = clusterRows.some((row) => !(table.number("p", row) < SURE));
  return [el("ul", { class: "key clusters" }, ...items), ...(doubt ? [el("p", { class: "quiet" }, say("notSure"))] : [])];
}

function densityKey(page) {
  const shades = densityShades(page);
  const items = shades.map(({ colour, height }) =>
    el("li", {}, keySwatch(`background:${colour};border:1px solid ${look().outline}`), say("perKm2", { n: countText(height) })));
  return [el("p", { class: "quiet" }, say(shades.length ? "pictureWhy" : "noDensity")), el("ul", { class: "key" }, ...items)];
}
