// The panel of the issue that is open. What others do to it is taken in without closing or scrolling it.
import { get, Problem, problemWords, wasAborted } from "./api.js";
import { button, byId, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { bringIntoView, pointOf, showDrawn, showSelected } from "./map_select.js";
import { allSections } from "./sections.js";
import { say } from "./strings.js";
/** @import { Desk, FullIssue, IssueFeature } from "./types.js" */

const CLOSE_ZOOM = 15.5;

/** @param {Desk} desk @returns {Desk["panel"]} */
export function startPanel(desk) {
  const { store } = desk;
  const panel = byId("panel");
  /** @type {FullIssue | null} */
  let issue = null;
  /** @type {AbortController | null} */
  let asked = null;
  let first = !new URLSearchParams(location.search).has("at"); // the address named an issue and no place: look at the issue

  async function load(moving = false) {
    const name = store.state.issue;
    asked?.abort();
    if (!name) {
      first = false;
      return clear();
    }
    asked = new AbortController();
    if (!issue || !isNamed(issue, name)) showWaiting();
    try {
      const found = await get(`/v1/issues/${encodeURIComponent(name)}`, { signal: asked.signal });
      if (store.state.issue !== name) return;
      show(found);
      if (moving || first) bringIntoView(desk, pointOf(found), first ? CLOSE_ZOOM : 0);
      first = false;
    } catch (error) {
      if (!wasAborted(error) && store.state.issue === name) showFault(error);
    }
  }

  /** The map beside it becomes smaller or larger at once, so that what is looked at lands in its middle. @param {boolean} open */
  function unfold(open) {
    if (panel.hidden !== open) return;
    panel.hidden = !open;
    desk.map.resize();
  }

  /** @param {FullIssue} found */
  function show(found) {
    const same = issue?.id === found.id;
    const [scrolled, held] = [panel.scrollTop, document.activeElement?.closest("[data-key]")?.getAttribute("data-key")];
    const unfolded = same ? [...panel.querySelectorAll("details[open] > summary[data-key]")].map((one) => one.getAttribute("data-key") ?? "") : [];
    issue = found;
    unfold(true);
    panel.setAttribute("aria-busy", "false");
    showSelected(desk, found);
    if (!same) desk.drawing.clear();
    const parts = allSections().flatMap((section) => {
      const old = same ? panel.querySelector(`#section-${section.id}[data-keep]`) : null;
      return old ? [old] : drawn(section, found);
    });
    panel.replaceChildren(closer(), ...parts);
    for (const key of unfolded) panel.querySelector(`summary[data-key="${CSS.escape(key)}"]`)?.parentElement?.setAttribute("open", "");
    if (same) panel.scrollTop = scrolled;
    else panel.scrollTop = 0;
    if (held) /** @type {HTMLElement | null} */ (panel.querySelector(`[data-key="${CSS.escape(held)}"]`))?.focus({ preventScroll: true });
  }

  /** @param {import("./types.js").Section} section @param {FullIssue} found */
  function drawn(section, found) {
    const content = section.render(found, desk);
    if (!content) return [];
    const heading = section.title ? el("h3", {}, say(section.title)) : null;
    return [el("section", { id: `section-${section.id}`, class: "panel-section" }, heading, content)];
  }

  function closer() {
    return button("×", close, { id: "panel-close", class: "icon", "aria-label": say("close"), title: `${say("close")} (Esc)` });
  }

  function showWaiting() {
    const inside = panel.contains(document.activeElement);
    unfold(true);
    panel.setAttribute("aria-busy", "true");
    panel.replaceChildren(closer(), el("div", { class: "ghosts" }, el("span"), el("span"), el("span"), el("span")));
    if (inside) panel.focus({ preventScroll: true });
  }

  /** @param {unknown} error */
  function showFault(error) {
    issue = null;
    showSelected(desk, null);
    desk.drawing.clear();
    const gone = error instanceof Problem && error.status === 404;
    unfold(true);
    panel.setAttribute("aria-busy", "false");
    panel.replaceChildren(closer(), el("p", { class: "fault", role: "alert" }, gone ? say("panel.notFound", { name: store.state.issue }) : problemWords(error)),
      gone ? "" : button(say("again"), () => void load()));
  }

  function clear() {
    issue = null;
    unfold(false);
    panel.replaceChildren();
    showSelected(desk, null);
    desk.drawing.clear();
  }

  function close() {
    const inside = panel.contains(document.activeElement);
    store.set({ issue: "" });
    if (inside) desk.list.focus();
  }

  store.watch(["issue"], () => void load(true));
  store.watch(["lang"], () => issue && show(issue));
  desk.live.onChange(({ feature }) => {
    if (issue && feature.id === issue.id && feature.properties.seq > issue.properties.seq) void load();
  });
  shortcut({ key: "Escape", help: "keys.close", when: () => store.state.issue !== "" && !document.querySelector("dialog[open], [data-menu-open]"), run: close });
  shortcut({ key: "Enter", help: "keys.open", when: () => store.state.issue !== "" && !isOnButton(), run: () => panel.focus() });
  return { reload: () => void load(), close, issue: () => issue };
}

function isOnButton() {
  return document.activeElement instanceof HTMLElement && document.activeElement.matches("a, button, summary, input, select") && !document.activeElement.closest("#rows");
}

/** @param {IssueFeature} issue @param {string} name */
function isNamed(issue, name) {
  return issue.id === name || issue.properties.number === name;
}

/** What sections draw on the map. @param {() => Desk} desk @returns {Desk["drawing"]} */
export function makeDrawing(desk) {
  return { show: (features) => showDrawn(desk(), features), clear: () => showDrawn(desk(), []) };
}
