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

/** @type {Record<string, string>} */
const NAMES = { Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", "-": "−", "=": "" };

/** All shortcuts as a definition list, those that do the same together. */
export function shortcutList() {
  /** @type {Map<string, Set<string>>} */
  const byHelp = new Map();
  for (const { key, help } of shortcuts) {
    const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
    if (name) byHelp.set(say(help), (byHelp.get(say(help)) ?? new Set()).add(name));
  }
  const rows = [...byHelp].map(([help, keys]) =>
    el("div", {}, el("dt", {}, ...[...keys].map((key) => el("kbd", {}, key))), el("dd", {}, help)));
  return el("dl", { class: "keys" }, ...rows);
}
