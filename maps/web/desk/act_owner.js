// A box to choose an owner in: those who were proposed come first, typing finds the others.
import { el } from "./dom.js";
import { say } from "./strings.js";
/** @import { CityNames } from "./types.js" */

const MOST = 8;
let made = 0;

/** @typedef {{ id: string, note: string }} Favourite an owner to name first, and why */

/**
 * @param {CityNames} names
 * @param {{ chosen: string, first: Favourite[], describedBy?: string, hint?: string, changed: (id: string) => void }} options
 */
export function ownerPicker(names, { chosen, first, describedBy, hint, changed }) {
  const name = `act-owner-${++made}`;
  const list = el("ul", { id: `${name}-list`, role: "listbox", class: "menu act-owners", "aria-label": say("act.owner"), hidden: true });
  const input = /** @type {HTMLInputElement} */ (el("input", {
    id: name, class: "act-owner", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder: hint ?? say("act.ownerHint"),
    "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", "aria-describedby": describedBy ?? null,
  }));
  input.value = chosen ? names.owner(chosen) : "";
  /** @type {Favourite[]} */
  let found = [];
  let at = -1;

  function look() {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    const notes = new Map(first.map(({ id, note }) => [id, note]));
    const all = [...first, ...names.owners.filter(({ id }) => !notes.has(id)).map(({ id }) => ({ id, note: "" }))];
    const byId = new Map(names.owners.map((one) => [one.id, one]));
    found = all.filter(({ id }) => {
      const said = [id, byId.get(id)?.name, byId.get(id)?.name_en].join(" ").toLowerCase();
      return words.every((word) => said.includes(word));
    }).slice(0, MOST);
    at = found.length && words[0] ? 0 : -1;
    show(true);
  }

  /** @param {boolean} open */
  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    list.replaceChildren(...(open ? found.map(option) : []));
    if (open && !found.length) list.append(el("li", { class: "quiet act-none" }, say("act.ownerNone")));
    mark();
  }

  /** @param {Favourite} one @param {number} index */
  function option(one, index) {
    const item = el("li", { id: `${name}-${index}`, role: "option", class: "found", "data-owner": one.id },
      el("span", {}, names.owner(one.id)), one.note ? el("span", { class: "quiet" }, one.note) : null);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(one.id);
    });
    return item;
  }

  function mark() {
    for (const [index, item] of [...list.children].entries()) if (item.role === "option") item.setAttribute("aria-selected", String(index === at));
    if (at < 0 || list.hidden) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${name}-${at}`);
  }

  /** @param {string} id */
  function choose(id) {
    input.value = names.owner(id);
    show(false);
    changed(id);
  }

  input.addEventListener("input", () => {
    changed("");
    look();
  });
  input.addEventListener("click", () => list.hidden && (input.select(), look()));
  input.addEventListener("blur", () => {
    show(false);
    const typed = input.value.trim();
    const same = names.owners.find((one) => one.id === typed || one.name === typed || one.name_en === typed);
    if (same) changed(same.id);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) look();
      at = found.length ? (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length : -1;
      mark();
    } else if (event.key === "Enter" && !list.hidden && found[at]) choose(found[at].id);
    else if (event.key === "Escape" && !list.hidden) show(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { root: el("div", { class: "act-owner-root" }, input, list), input };
}
