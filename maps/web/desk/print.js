// The view on paper: the map as it stands, the legend, and the first rows of the list as a table.
import { get, problemWords } from "./api.js";
import { byId, el } from "./dom.js";
import { statusName } from "./marks.js";
import { boxText, issueQuery } from "./query.js";
import { countFilters } from "./store.js";
import { grouped, inLanguage, say } from "./strings.js";
import { setPrinting } from "./theme.js";
import { lateness, timeText } from "./times.js";
/** @import { Desk, IssueFeature } from "./types.js" */

const MOST_ROWS = 300;
const COLUMNS = ["number", "category", "status", "owner", "cell", "opened", "due"];
/** @type {Desk | null} */
let desk = null;

/** @param {Desk} made */
export function startPrint(made) {
  desk = made;
  window.addEventListener("beforeprint", () => {
    if (!byId("print-list").childElementCount && desk) fill(desk.list.rowsKnown(), desk.store.state.total ?? 0);
    fit();
  });
  window.addEventListener("afterprint", () => {
    byId("print-list").replaceChildren();
    byId("map").style.height = "";
    setPrinting(false);
    desk?.map.resize();
  });
}

/** The map's picture becomes as wide as the paper. */
function fit() {
  const image = /** @type {HTMLImageElement} */ (el("img", { src: desk?.map.getCanvas().toDataURL("image/png") ?? "", alt: "", class: "print-map" }));
  byId("print-list").prepend(image);
}

/** Prepares the rows, then asks the browser to print. */
export async function printView() {
  if (!desk) return window.print();
  const { filters, scope, bounds, sort, desc } = desk.store.state;
  const query = issueQuery(filters);
  if (scope === "view" && bounds) query.set("bbox", boxText(bounds));
  query.set("sort", sort);
  if (desc) query.set("desc", "true");
  query.set("limit", String(MOST_ROWS));
  try {
    const said = await get("/v1/issues/list", { query });
    setPrinting(true);
    fill(said.rows, said.total);
    desk.map.redraw();
    await settled(desk);
    window.print();
  } catch (error) {
    setPrinting(false);
    desk.notices.tell(problemWords(error), { kind: "error" });
  }
}

/** @param {Desk} one */
function settled({ map }) {
  return new Promise((resolve) => {
    window.setTimeout(resolve, 1500);
    map.once("idle", resolve);
    map.triggerRepaint();
  });
}

/** @param {IssueFeature[]} rows @param {number} total */
function fill(rows, total) {
  if (!desk) return;
  const { city, filters } = desk.store.state;
  const shown = rows.length < total ? say("print.part", { n: grouped(rows.length), all: grouped(total) }) : say("print.all", { n: grouped(total) });
  const set = countFilters(filters) ? say("print.filtered", { n: countFilters(filters) }) : "";
  byId("print-list").replaceChildren(
    el("p", { class: "print-head" }, `${city?.name ?? ""} · ${timeText(new Date().toISOString())} · ${shown}${set}`),
    el("table", {}, el("thead", {}, el("tr", {}, ...COLUMNS.map((name) => el("th", {}, say(`print.${name}`))))), el("tbody", {}, ...rows.map(row))));
}

/** @param {IssueFeature} feature */
function row({ properties: issue }) {
  const due = lateness(issue);
  const cells = [
    issue.number, inLanguage(issue.category_name, issue.category ?? ""), statusName(issue.status), desk?.names.owner(issue.owner_id) ?? "", issue.cell_name ?? issue.cell_code ?? "",
    timeText(issue.created_at), issue.due_at ? `${timeText(issue.due_at)}${due.kind === "over" ? ` ! ${say("overdue")}` : ""}` : "",
  ];
  return el("tr", {}, ...cells.map((text) => el("td", {}, text)));
}
