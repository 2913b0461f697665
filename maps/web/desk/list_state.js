// The head of the list, and what stands in its place where there is nothing to list.
import { button, byId, el } from "./dom.js";
import { countFilters, noFilters } from "./store.js";
import { grouped, say } from "./strings.js";
/** @import { Store } from "./types.js" */

const SORTS = ["due", "created", "updated", "category", "status", "certainty", "owner", "number"];

/**
 * @param {{ total: number, error: string }} list @param {Store} store @param {() => void} [again]
 */
export function showListState({ total, error }, store, again) {
  const { scope } = store.state;
  byId("list-title").textContent = say(scope === "view" ? "list.inView" : "list.all", { n: grouped(total) });
  const place = byId("list-state");
  const held = [byId("list"), place].some((one) => one.contains(document.activeElement));
  place.hidden = !error && total > 0;
  byId("list").hidden = total === 0;
  place.replaceChildren(...(place.hidden ? [] : listState(error, store, again)));
  // Whoever was in what has gone is taken to what stands there now.
  const here = document.activeElement;
  if (held && (here === null || here === document.body || !here.checkVisibility())) (place.hidden ? byId("list") : place).focus();
}

/** What stands in the place of the list. @param {string} error @param {Store} store @param {() => void} [again] */
function listState(error, store, again) {
  const { filters, scope } = store.state;
  if (error) {
    return [el("p", { class: "fault", role: "alert" }, error), again ? button(say("again"), again) : ""];
  }
  const filtered = countFilters(filters) > 0;
  const said = filtered ? say("list.noMatch") : say(scope === "view" ? "list.noneInView" : "list.none");
  return [
    el("p", { class: "empty-title" }, said), el("p", { class: "quiet" }, filtered ? "" : say(scope === "view" ? "list.noneInViewHelp" : "list.noneHelp")),
    filtered ? button(say("filters.clear"), () => store.set({ filters: noFilters() })) : "",
    scope === "view" ? button(say("list.showAll"), () => store.set({ scope: "all" })) : "",
  ];
}

/** Sort and scope. @param {Store} store */
export function startListTools(store) {
  const place = byId("list-tools");
  const draw = () => {
    const { sort, desc, scope } = store.state;
    const select = /** @type {HTMLSelectElement} */ (el("select", { id: "sort", "aria-label": say("sort.by") }));
    for (const key of SORTS) select.append(el("option", { value: key, selected: key === sort }, say(`sort.${key}`)));
    select.addEventListener("change", () => store.set({ sort: select.value }));
    const label = say(desc ? "sort.descending" : "sort.ascending");
    const held = document.activeElement?.id;
    place.replaceChildren(
      select, button(desc ? "↓" : "↑", () => store.set({ desc: !store.state.desc }), { id: "sort-way", "aria-label": label, title: label, class: "icon" }),
      button(say("scope.view"), () => store.set({ scope: scope === "view" ? "all" : "view" }), { id: "scope", "aria-pressed": String(scope === "view"), title: say("scope.help"), class: "toggle" }),
    );
    if (held && ["sort", "sort-way", "scope"].includes(held)) byId(held).focus();
  };
  store.watch(["sort", "desc", "scope", "lang"], draw);
  draw();
}
