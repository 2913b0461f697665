// The row of filters: each is in the address, and what is set can be taken away one by one.
import { button, byId, el } from "./dom.js";
import { cellOptions } from "./filter_cells.js";
import { shortcut } from "./keys.js";
import { markIcon, OPEN_STATES, statusName, turnOf, turnName } from "./marks.js";
import { makeMenu } from "./menu.js";
import { NOBODY } from "./query.js";
import { savedViews } from "./saved_views.js";
import { countFilters, noFilters } from "./store.js";
import { capital, inLanguage, say } from "./strings.js";
/** @import { Desk, Filters } from "./types.js" */
/** @import { Option } from "./menu.js" */

const AGES = [4, 24, 72, 168], LATE = ["over", "soon", "in_time"], TYPING_MS = 250;

/** @param {Desk} desk */
export function startFilters(desk) {
  const { store } = desk;
  const place = byId("filters");
  const clear = button("", () => store.set({ filters: noFilters() }), { class: "link", id: "filters-clear" });
  const search = searchBox(desk);
  const draw = () => {
    place.replaceChildren(search.box, ...menus(desk), savedViews(desk), clear);
    search.label();
    follow();
  };
  const follow = () => {
    clear.textContent = say("filters.clear");
    clear.hidden = countFilters(store.state.filters) === 0;
    search.follow();
  };
  store.watch(["lang"], draw);
  store.watch(["filters"], () => {
    follow();
    // Menus that are open tell their count themselves; another way to change the filters draws them anew.
    if (!place.querySelector("[data-menu-open]")) {
      const held = document.activeElement?.id;
      draw();
      if (held && held !== "filters-clear") document.getElementById(held)?.focus();
    }
  });
  draw();
}

/** @param {Desk} desk */
function menus(desk) {
  const { store, names } = desk;
  /** @param {Partial<Filters>} patch */
  const set = (patch) => store.set({ filters: { ...store.state.filters, ...patch } });
  /** @param {"status" | "category" | "owner" | "cell" | "certainty" | "claimed" | "flag"} key @param {() => Option[] | Promise<Option[]>} options */
  const many = (key, options) => makeMenu({
    id: key, label: say(`filter.${key}`), options, chosen: () => store.state.filters[key],
    choose: (values) => set({ [key]: key === "owner" ? withNobody(values) : values }),
  });
  return [
    many("status", () => OPEN_STATES.map((value) => ({ value, label: capital(statusName(value)), icon: markIcon(turnOf(value, true), false), group: capital(turnName(turnOf(value, true))) }))),
    makeMenu({
      id: "late", label: say("filter.late"), single: true, options: () => LATE.map((value) => ({ value, label: say(`late.${value}`) })),
      chosen: () => [store.state.filters.late].filter(Boolean), choose: ([late = ""]) => set({ late }),
    }),
    many("category", () => names.categories.map((one) => ({ value: one.code, label: inLanguage(one.name, one.code), group: inLanguage(one.class) }))),
    many("owner", () => [{ value: NOBODY, label: say("owner.nobody") }, ...names.owners.map((one) => ({ value: one.id, label: names.owner(one.id) }))]),
    many("cell", () => cellOptions(desk)),
    makeMenu({
      id: "age", label: say("filter.age"), single: true, options: () => AGES.map((hours) => ({ value: String(hours), label: ageText(hours) })),
      chosen: () => (store.state.filters.age ? [String(store.state.filters.age)] : []), choose: ([age = "0"]) => set({ age: Number(age) }),
    }),
    many("certainty", () => ["certain", "likely", "ambiguous", "none"].map((value) => ({ value, label: capital(say(`certainty.${value}`)) }))),
    many("claimed", () => ["me", "nobody"].map((value) => ({ value, label: say(`claimed.${value}`) }))),
    many("flag", () => ["owner_differs", "photo_elsewhere", "text_elsewhere", "text_ambiguous", "confirmed", "asked"].map((value) => ({ value, label: say(`flag.${value}`) }))),
  ];
}

/** Nobody and somebody exclude one another; the last one counts. @param {string[]} values */
function withNobody(values) {
  return values.at(-1) === NOBODY ? [NOBODY] : values.filter((one) => one !== NOBODY);
}

/** @param {number} hours */
function ageText(hours) {
  return hours < 24 ? say("age.hours", { n: hours }) : say("age.days", { n: hours / 24 });
}

/** @param {Desk} desk */
function searchBox({ store }) {
  const input = /** @type {HTMLInputElement} */ (el("input", { type: "search", id: "text", autocomplete: "off", spellcheck: "false", maxlength: 200 }));
  let timer = 0;
  const take = () => {
    window.clearTimeout(timer);
    if (input.value.trim() !== store.state.filters.text) store.set({ filters: { ...store.state.filters, text: input.value.trim() } });
  };
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(take, TYPING_MS);
  });
  input.addEventListener("change", take);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      take();
    } else if (event.key === "Escape") input.blur();
  });
  shortcut({ key: "f", help: "keys.filter", run: () => { input.focus(); input.select(); } });
  return {
    box: input,
    label: () => {
      input.placeholder = say("filter.text");
      input.setAttribute("aria-label", say("filter.textHelp"));
      input.title = `${say("filter.textHelp")} (F)`;
    },
    follow: () => {
      if (document.activeElement !== input) input.value = store.state.filters.text;
    },
  };
}
