// The fields of a new issue, and what is shown of whose it would be.
import { button, el, fact } from "./dom.js";
import { statusName } from "./marks.js";
import { inLanguage, say, shareText } from "./strings.js";
import { lengthText, metresText, timeText } from "./times.js";
import { wordsBox } from "./understood.js";
/** @import { Desk } from "./types.js" */
/** @import { Draft } from "./new_issue.js" */

const CHANNEL = "desk";

/** Whether the reader may file reports. @param {Desk} desk */
export function mayReport({ store }) {
  return ["officer", "dispatcher", "admin"].includes(store.state.session?.role ?? "");
}

/** @param {Desk} desk @param {{ changed(): void, place(lng: number, lat: number, radius: number): void, save(): void, clear(): void, centre(): void }} on */
export function drawForm({ names }, on) {
  const words = /** @type {HTMLTextAreaElement} */ (el("textarea", { id: "new-words", rows: 3, maxlength: 4000 }));
  const category = /** @type {HTMLSelectElement} */ (el("select", { id: "new-category" }));
  const accuracy = /** @type {HTMLInputElement} */ (el("input", { id: "new-accuracy", type: "number", min: 0, max: 5000, step: 1, inputmode: "numeric" }));
  const reporter = /** @type {HTMLInputElement} */ (el("input", { id: "new-reporter", maxlength: 200, autocomplete: "off" }));
  const contact = /** @type {HTMLInputElement} */ (el("input", { id: "new-contact", maxlength: 200, autocomplete: "off" }));
  const where = el("span", { id: "new-where" });
  const clear = button("", on.clear, { class: "link" });
  const centre = button("", on.centre, { id: "new-centre", class: "link" }); // + − and the arrows move the map below it
  const save = el("button", { type: "submit", class: "primary" });
  const labels = /** @type {[string, HTMLElement][]} */ ([["new.words", words], ["new.category", category], ["new.accuracy", accuracy], ["new.reporter", reporter], ["new.contact", contact]])
    .map(([key, field]) => ({ key, label: el("label", { for: field.id }), field }));
  const placed = el("div", { class: "new-place" }, el("span", { class: "label" }), where, centre, clear);
  const byWords = wordsBox({ id: "new-by-words", chosen: (found) => on.place(found.lng, found.lat, found.radius_m) });
  const [said, kind, off, who, how] = labels.map(({ label, field }) => el("div", { class: "field" }, label, field));
  const root = el("form", { class: "new-form" }, said ?? null, kind ?? null, placed, byWords.root,
    el("div", { class: "field-pair" }, off ?? null), el("div", { class: "field-pair" }, who ?? null, how ?? null), save);
  /** @type {[number, number] | null} */
  let place = null;
  let isOffByWords = false; // the error is that of a place found by words, and goes with it

  function translate() {
    for (const { key, label } of labels) label.textContent = say(key);
    words.placeholder = say("new.wordsHint");
    const chosen = category.value;
    category.replaceChildren(el("option", { value: "" }, say("new.noCategory")),
      ...names.categories.map(({ code }) => el("option", { value: code }, `${names.category(code)} · ${code}`)));
    category.value = chosen;
    /** @type {HTMLElement} */ (placed.firstChild).textContent = say("new.place");
    clear.textContent = say("new.clearPlace");
    centre.textContent = say("new.centre");
    save.textContent = say("new.save");
    byWords.translate();
    tellPlace();
  }

  /** @param {[number, number] | null} at @param {number} radius metres */
  function showPlace(at, radius) {
    place = at;
    if (radius || isOffByWords) accuracy.value = radius ? String(Math.min(Math.ceil(radius), Number(accuracy.max))) : "";
    isOffByWords = radius > 0;
    tellPlace();
  }

  function tellPlace() {
    const at = place;
    where.textContent = at ? say("new.placeAt", { lng: at[0].toFixed(6), lat: at[1].toFixed(6) }) : say("new.placeHint");
    clear.hidden = !at;
  }

  root.addEventListener("input", on.changed);
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    on.save();
  });
  translate();
  return {
    root, translate, showPlace,
    /** @param {string} text */
    setWords: (text) => {
      if (!words.value.trim()) words.value = text;
    },
    words: () => words.value.trim(),
    values: () => ({ text: words.value.trim(), category: category.value, accuracy_m: accuracy.value === "" ? null : Number(accuracy.value), reporter: reporter.value.trim(), contact: contact.value.trim() }),
    /** @param {boolean} is */
    busy: (is) => {
      /** @type {HTMLButtonElement} */ (save).disabled = is;
      save.textContent = say(is ? "new.saving" : "new.save");
    },
  };
}

/** The report as the service takes it. @param {ReturnType<typeof drawForm>} form @param {Draft} draft */
export function report(form, { place, join }) {
  const { accuracy_m: accuracy, ...said } = form.values();
  const where = place ? { lng: place[0], lat: place[1], ...(accuracy === null ? {} : { accuracy_m: accuracy }) } : {};
  return { ...said, ...where, channel: CHANNEL, ...(join ? { issue: join } : {}) };
}

/**
 * Whose it would be, what to ask, and what it may repeat.
 * @param {HTMLElement} box @param {Desk} desk @param {Draft} draft @param {(number: string) => void} join
 */
export function drawPreview(box, desk, { proposal, join: joined }, join) {
  if (!proposal) return;
  const { assignment: found, why, duplicates, due_at: due } = proposal;
  const located = found && found.lng !== null;
  const question = inLanguage(why?.question);
  const certainty = found?.certainty ? say(`certainty.${found.certainty}`) + shareText(found.owner_share) : "";
  box.replaceChildren(
    located ? "" : el("p", { class: "hint" }, say("new.nowhere")),
    question ? el("p", { class: "question" }, say("new.question", { question })) : "",
    located ? el("dl", { class: "facts" },
      ...fact(say("cell"), (why?.cells ?? []).map((cell) => cell.name || cell.code).join(" › ") || found.cell_name),
      ...fact(say("owner"), found.owner_id ? desk.names.owner(found.owner_id) : say("new.noOwner")),
      ...fact(say("certainty"), certainty),
      ...fact(say("why.asset"), why?.asset ? [inLanguage(why.asset.kind_name), why.asset.name || why.asset.id, why.asset.distance_m === null ? "" : metresText(why.asset.distance_m)].filter(Boolean).join(" ") : ""),
      ...fact(say("due"), timeText(due))) : "",
    duplicates.length || joined ? el("h3", {}, say("new.duplicates")) : "",
    joined ? el("p", { class: "hint" }, say("new.joining", { number: joined }), " ", button(say("new.notJoin"), () => join(""), { class: "link" })) : "",
    el("ul", { class: "suspects" }, ...duplicates.filter((one) => one.number !== joined).map((one) => el("li", {},
      el("p", {}, button(one.number, () => desk.select(one.number), { class: "link" }), " ", el("span", { class: "quiet" }, statusName(one.status)), " ", el("strong", {}, say("duplicates.score", { n: Math.round(one.score * 100) }))),
      el("p", { class: "quiet" }, [inLanguage(one.category_name), one.distance_m === null ? "" : metresText(one.distance_m), one.apart_s === null ? "" : say("duplicates.apart", { time: lengthText(one.apart_s * 1000) })].filter(Boolean).join(" · ")),
      button(say("new.join"), () => join(one.number))))));
}
