// Above the list: selecting many, my queue, and what to do with the selection.
import { openBulk, bulkActions, bulkPicked } from "./bulk_form.js";
import { claimNext, queueButtons } from "./act_queue.js";
import { allPicked, mode, onPicked, pickInView, pickOnly, setMode, startPicking } from "./bulk_select.js";
import { button, byId, el } from "./dom.js";
import { shortcut } from "./keys.js";
import { lassoIsOn, toggleLasso } from "./lasso.js";
import { grouped, say } from "./strings.js";
/** @import { Desk } from "./types.js" */

/** @param {Desk} desk */
export function startBulk(desk) {
  if (!bulkActions(desk).length) return;
  const { store } = desk;
  startPicking(desk);
  const bar = el("div", { id: "bulk-bar" });
  byId("list-extra").append(bar);
  const claims = ["dispatcher", "admin"].includes(store.state.session?.role ?? "");

  function draw() {
    const held = document.activeElement instanceof HTMLElement && bar.contains(document.activeElement) ? document.activeElement.id : "";
    const n = allPicked().length;
    bar.replaceChildren(
      claims ? queueButtons(desk) : "",
      el("div", { class: "bar-group", role: "group", "aria-label": say("pick.mode") },
        button(say("pick.mode"), () => setMode(!mode.on), { id: "pick-mode", class: "toggle", "aria-pressed": String(mode.on), title: say("pick.modeHelp") }),
        button(say(store.state.scope === "view" ? "pick.view" : "pick.all"), () => void pickInView(desk), { id: "pick-view", title: "Ctrl+A" }),
        button(say("pick.lasso"), lasso, { id: "pick-lasso", class: "toggle", "aria-pressed": String(lassoIsOn()), title: say("pick.lassoHelp"), "aria-keyshortcuts": "L" })),
      n ? el("div", { class: "bar-group bar-picked" },
        el("strong", { id: "pick-count" }, say("pick.n", { n: grouped(n) })),
        button(say("pick.act"), () => openBulk(desk), { id: "pick-act", class: "primary" }),
        button(say("pick.clear"), clear, { id: "pick-clear" })) : "");
    if (held) (document.getElementById(held) ?? byId("pick-mode")).focus();
  }

  const lasso = () => toggleLasso(desk, draw);
  const clear = () => {
    pickOnly([]);
    setMode(false);
  };
  onPicked(() => {
    draw();
    bulkPicked();
  });
  store.watch(["lang", "scope", "filters", "session"], draw);
  draw();
  shortcut({ key: "l", help: "keys.lasso", run: lasso });
  shortcut({ key: "a", help: "keys.pickView", run: () => void pickInView(desk) });
  if (claims) shortcut({ key: "g", help: "keys.claimNext", run: () => void claimNext(desk) });
  // What is selected comes before what is open: the keys then open the form and do nothing at once.
  const some = () => allPicked().length > 0;
  const can = (/** @type {string} */ action) => (bulkActions(desk).includes(action) ? action : "");
  for (const [key, action] of /** @type {const} */ ([["d", "dispatch"], ["r", "return"], ["c", "close"]])) {
    shortcut({ key, help: "pick.act", when: some, run: () => openBulk(desk, can(action)) });
  }
  shortcut({ key: "Escape", help: "pick.clear", when: () => some() && store.state.issue === "", run: clear });
}
