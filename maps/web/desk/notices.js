// Short messages at the edge of the page, and what a screen reader is told.
import { button, byId, el } from "./dom.js";
import { grouped, say } from "./strings.js";
/** @import { Desk, NoticeOptions, Store } from "./types.js" */

const SHOWN_MS = 6000;

/** @returns {Desk["notices"]} */
export function makeNotices() {
  const place = byId("notices");
  return {
    announce: (text) => {
      byId("announced").textContent = text;
    },
    tell(text, { kind = "info", action, ms = SHOWN_MS } = /** @type {NoticeOptions} */ ({})) {
      const gone = () => one.remove();
      const one = el("div", { class: `notice notice-${kind}`, role: kind === "error" ? "alert" : "status" },
        el("span", {}, text),
        action ? button(action.label, () => { gone(); action.run(); }, { class: "notice-action" }) : null,
        button("×", gone, { class: "icon", "aria-label": say("close") }));
      place.append(one);
      while (place.childElementCount > 3) place.firstElementChild?.remove();
      if (kind === "error") return;
      // Whoever is at it has the time that he needs.
      const pass = () => (one.matches(":hover, :focus-within") ? void window.setTimeout(pass, ms) : gone());
      window.setTimeout(pass, ms);
    },
  };
}

/** Says how many are new and late, at most every few seconds. @param {Desk} desk */
export function announceChanges({ live, notices, store }) {
  let fresh = 0, timer = 0;
  live.onChange(({ feature, action }) => {
    if (action !== "received") return;
    fresh++;
    void feature;
    timer ||= window.setTimeout(() => {
      notices.announce(say("announce.new", { n: grouped(fresh) }));
      fresh = timer = 0;
    }, 3000);
  });
  store.watch(["connection"], ({ connection }) => {
    if (connection === "lost") notices.announce(say("connection.lost"));
  });
}

/** Whether what is shown is live. @param {Store} store */
export function startConnection(store) {
  const place = byId("connection");
  const draw = () => {
    const { connection } = store.state;
    place.className = connection;
    place.replaceChildren(el("span", { class: "lamp" }), say(`connection.${connection}`));
  };
  store.watch(["connection", "lang"], draw);
  draw();
}
