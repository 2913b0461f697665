// A button that opens a list of boxes to tick, with a search where there are many.
import { button, el } from "./dom.js";
import { makePopover } from "./popover.js";
import { say } from "./strings.js";

/** @typedef {{ value: string, label: string, icon?: Node | null, group?: string }} Option */

const SEARCHED = 12, MOST = 200;

/**
 * @param {{ id: string, label: string, chosen: () => string[], options: () => Option[] | Promise<Option[]>, choose: (values: string[]) => void, single?: boolean }} menu
 * @returns {HTMLElement}
 */
export function makeMenu({ id, label, chosen, options, choose, single = false }) {
  const { root, opener, box } = makePopover({ id: `menu-${id}`, boxId: `options-${id}`, label, opened });
  const title = () => {
    const values = chosen();
    opener.replaceChildren(label, values.length ? el("span", { class: "chip-count" }, String(values.length)) : "", el("span", { class: "caret", "aria-hidden": "true" }, "▾"));
    opener.classList.toggle("set", values.length > 0);
  };

  async function opened() {
    box.replaceChildren(el("p", { class: "quiet" }, say("loading")));
    try {
      draw(await options());
    } catch {
      return box.replaceChildren(el("p", { class: "fault" }, say("menu.failed")));
    }
    /** @type {HTMLElement | null} */ (box.querySelector("input"))?.focus();
  }

  /** @param {Option[]} all */
  function draw(all) {
    const list = el("div", { class: "menu-list" });
    const fill = (/** @type {string} */ sought) => {
      const words = sought.toLowerCase();
      const found = all.filter((one) => `${one.label} ${one.value}`.toLowerCase().includes(words));
      list.replaceChildren(...rows(found.slice(0, MOST)), found.length > MOST ? el("p", { class: "quiet" }, say("menu.more", { n: found.length - MOST })) : "", found.length ? "" : el("p", { class: "quiet" }, say("menu.none")));
    };
    const search = /** @type {HTMLInputElement} */ (el("input", { type: "search", placeholder: say("menu.search"), "aria-label": say("menu.search") }));
    search.addEventListener("input", () => fill(search.value.trim()));
    fill("");
    const clear = () => {
      choose([]);
      title();
      fill(search.value.trim());
    };
    box.replaceChildren(all.length > SEARCHED ? search : "", list, button(say("menu.clear"), clear, { class: "link" }));
  }

  /** @param {Option[]} shown */
  function rows(shown) {
    let group = "";
    const values = chosen();
    return shown.flatMap((one) => {
      const input = /** @type {HTMLInputElement} */ (el("input", { type: single ? "radio" : "checkbox", name: `pick-${id}`, value: one.value, checked: values.includes(one.value) }));
      input.addEventListener("change", () => {
        const others = single ? [] : chosen().filter((value) => value !== one.value);
        choose(input.checked ? [...others, one.value] : others);
        title();
      });
      const row = el("label", { class: "option" }, input, one.icon ?? null, el("span", {}, one.label));
      const heading = one.group && one.group !== group ? [el("p", { class: "menu-group" }, one.group)] : [];
      group = one.group ?? "";
      return [...heading, row];
    });
  }
  title();
  return root;
}
