// Shortcuts: parts register them, one listener runs them, and ? shows them all.
import { el, isTyping } from "./dom.js";
import { say } from "./strings.js";
/** @import { Shortcut } from "./types.js" */

/** @type {Shortcut[]} */
const shortcuts = [];

/** @param {Shortcut} one */
export function shortcut(one) {
  shortcuts.push(one);
}

/** The shortcut of a key press; none while somebody types, but Escape. @param {KeyboardEvent} event */
function wanted(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key !== "Escape" && isTyping(event.target)) return undefined;
  if (document.querySelector("dialog[open]") && key !== "Escape") return undefined;
  return shortcuts.findLast((one) => one.key === key && (!one.when || one.when()));
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const found = wanted(event);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
}

/** All shortcuts as a definition list, each key once. */
export function shortcutList() {
  const list = el("dl", { class: "keys" });
  const shown = new Set();
  for (const one of shortcuts) {
    if (shown.has(one.key + one.help)) continue;
    shown.add(one.key + one.help);
    const name = one.key.length === 1 ? one.key.toUpperCase() : { Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" }[one.key] ?? one.key;
    list.append(el("div", {}, el("dt", {}, el("kbd", {}, name)), el("dd", {}, say(one.help))));
  }
  return list;
}
