// The same changes as a table, and the rules and settings that are said otherwise.
import { byId, el } from "../page/dom.js";
import { grouped, say, term } from "../page/strings.js";
import { boundsOf, changeText, layerName, sizeText } from "./changes.js";

const ROWS_AT_ONCE = 100;
const HEADS = ["change", "layer", "code", "name", "before", "after", "size", "onMap"];
const WORD_HEADS = ["section", "change", "key", "before", "after"];

export function drawList(page, opened) {
  const rows = page.groups.filter((group) => group.shown)
    .flatMap((group) => Array.from({ length: group.count }, (_, row) => [group, row]));
  byId("list-head").replaceChildren(heads(HEADS));
  byId("list-body").replaceChildren(...rows.slice(0, page.rows).map(([group, row]) => changeRow(group, row, opened)));
  byId("list-range").textContent = say("changeRange", { n: grouped(Math.min(page.rows, rows.length)), m: grouped(rows.length) });
  byId("list").hidden = !rows.length;
  byId("more").hidden = rows.length <= page.rows;
  byId("more").onclick = () => {
    page.rows += ROWS_AT_ONCE;
    drawList(page, opened);
  };
}

function heads(names) {
  return el("tr", { role: "row" }, ...names.map((name) => el("th", { scope: "col", role: "columnheader", class: `col-${name}` }, say(name))));
}

function changeRow(group, row, opened) {
  const text = (name) => changeText(group, row, name);
  const cells = [term(group.kind), layerName(text("layer")), text("code"), text("name"), text("before"), text("after"), sizeText(group, row)];
  const what = text("code") || text("after") || text("before");
  const jump = boundsOf(group, row)
    ? el("button", { type: "button", class: "jump", "aria-label": say("showOnMap", { what }), onclick: () => opened(group, row) }, say("showChange"))
    : el("span", { class: "quiet" }, say("noPlace"));
  return el("tr", { role: "row" }, ...[...cells, jump].map((cell, at) => el("td", { role: "cell", class: `col-${HEADS[at]}`, "data-label": say(HEADS[at]) }, cell)));
}

export function drawWords(words) {
  byId("words-head").replaceChildren(...(words.length ? [heads(WORD_HEADS)] : []));
  const row = ({ section, kind, key, before, after }) => el("tr", { role: "row" },
    ...[term(section), term(kind), key, before, after].map((cell, at) => el("td", { role: "cell", "data-label": say(WORD_HEADS[at]) }, cell)));
  const none = el("tr", { role: "row" }, el("td", { role: "cell" }, say("noWords")));
  byId("words-body").replaceChildren(...(words.length ? words.map(row) : [none]));
}
