// Language, theme, print, help and sign out, at the right of the head.
import { button, byId, el } from "./dom.js";
import { shortcut, shortcutList } from "./keys.js";
import { printView } from "./print.js";
import { signOut } from "./sign_in.js";
import { say } from "./strings.js";
/** @import { Store, Theme } from "./types.js" */

/** @type {Theme[]} */
const THEMES = ["auto", "light", "dark"];

/** The words of page.html. */
export function translateFrame() {
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(/** @type {HTMLElement} */ (one).dataset.say ?? "");
  for (const one of document.querySelectorAll("[data-say-label]")) one.setAttribute("aria-label", say(/** @type {HTMLElement} */ (one).dataset.sayLabel ?? ""));
}

/** @param {Store} store */
export function startTools(store) {
  const place = byId("tools");
  const draw = () => {
    const { lang, theme, session } = store.state;
    const held = document.activeElement?.id;
    const other = lang === "zh" ? "en" : "zh";
    place.replaceChildren(
      button(other === "en" ? "English" : "中文", () => choose(store, { lang: other }), { id: "tool-lang", lang: other === "zh" ? "zh-CN" : "en" }),
      button(say(`theme.${theme}`), () => choose(store, { theme: THEMES[(THEMES.indexOf(theme) + 1) % 3] }), { id: "tool-theme", "aria-label": say("theme.is", { theme: say(`theme.${theme}`) }) }),
      button(say("print"), () => void printView(), { id: "tool-print" }),
      button("?", showHelp, { id: "tool-help", class: "icon", "aria-label": say("help"), title: say("help") }),
      session?.name && session.name !== "local" ? button(say("signOut"), () => void signOut(store), { id: "tool-out", title: `${session.name} · ${say(`role.${session.role}`)}` }) : "",
    );
    if (held?.startsWith("tool-")) document.getElementById(held)?.focus();
  };
  store.watch(["lang", "theme", "session"], draw);
  shortcut({ key: "?", help: "keys.help", run: showHelp });
  draw();
}

/** @param {Store} store @param {Partial<import("./types.js").State>} chosen */
function choose(store, chosen) {
  for (const [name, value] of Object.entries(chosen)) localStorage.setItem(`woodpecker.${name}`, String(value));
  store.set(chosen);
}

export function showHelp() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
  dialog.replaceChildren(
    el("h2", { id: "help-title" }, say("help.title")), shortcutList(), el("p", { class: "quiet" }, say("help.text")),
    el("form", { method: "dialog" }, el("button", { class: "primary" }, say("close"))));
  if (!dialog.open) dialog.showModal();
}
