// Views that a dispatcher keeps for himself: filters, order, way of showing and place, by name, in this browser.
import { readAddress, writeAddress } from "./address.js";
import { button, el } from "./dom.js";
import { makePopover } from "./popover.js";
import { say } from "./strings.js";
/** @import { Desk } from "./types.js" */

const KEY = "woodpecker.views", MOST = 30;

/** @typedef {{ name: string, query: string }} Saved */

/** @returns {Saved[]} */
function read() {
  try {
    const said = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(said) ? said.filter((one) => typeof one?.name === "string" && typeof one?.query === "string") : [];
  } catch {
    return [];
  }
}

/** @param {Saved[]} views */
function write(views) {
  localStorage.setItem(KEY, JSON.stringify(views.slice(0, MOST)));
}

/** The menu of saved views. @param {Desk} desk */
export function savedViews({ store, notices }) {
  const { root, opener, box, close } = makePopover({ id: "menu-views", boxId: "saved", label: say("saved"), opened: () => draw() });
  opener.append(say("saved"), el("span", { class: "caret", "aria-hidden": "true" }, "▾"));

  function draw() {
    const input = /** @type {HTMLInputElement} */ (el("input", { id: "view-name", maxlength: 60, required: true, autocomplete: "off", placeholder: say("saved.name"), "aria-label": say("saved.name") }));
    const form = el("form", {}, input, el("button", { type: "submit" }, say("saved.keep")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (!name) return;
      write([{ name, query: writeAddress({ ...store.state, issue: "" }) }, ...read().filter((one) => one.name !== name)]);
      notices.tell(say("saved.done", { name }));
      close();
    });
    const views = read();
    box.replaceChildren(...views.map(row), views.length ? "" : el("p", { class: "quiet" }, say("saved.none")), form);
    /** @type {HTMLElement | null} */ (box.querySelector("button, input"))?.focus();
  }

  /** @param {Saved} view */
  function row(view) {
    const use = () => {
      close();
      const { lang, theme, ...found } = readAddress(view.query);
      void [lang, theme];
      store.set({ ...found, issue: "" });
    };
    const forget = () => {
      write(read().filter((one) => one.name !== view.name));
      draw();
    };
    return el("div", { class: "saved-row" }, button(view.name, use, { class: "link" }), button("×", forget, { class: "icon", "aria-label": say("saved.forget", { name: view.name }) }));
  }
  return root;
}
