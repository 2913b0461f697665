// The form of an action: what it takes, what it needs, and what was entered.
import { get } from "./api.js";
import { ownerPicker } from "./act_owner.js";
import { button, el } from "./dom.js";
import { statusName } from "./marks.js";
import { drawMove } from "./move_form.js";
import { actionName, capital, inLanguage, say } from "./strings.js";
import { metresText } from "./times.js";
/** @import { Desk, FullIssue } from "./types.js" */
/** @import { Draft } from "./act_run.js" */

/**
 * @param {Desk} desk @param {Draft} draft
 * @param {{ submit: () => void, cancel: () => void }} on
 */
export function drawForm(desk, draft, on) {
  const takes = draft.issue.may.find((one) => one.action === draft.action)?.takes ?? ["reason"];
  const fault = el("p", { id: "act-fault", class: "fault", role: "alert" }, draft.fault);
  if (draft.fault) fault.append(" ", draft.unsure ? say("act.unchecked") : say("act.kept"));
  const title = capital(actionName(draft.action));
  const form = el("form", { class: "act-form", "aria-label": title, "aria-busy": String(draft.busy), novalidate: true },
    el("h3", { class: "act-title" }, draft.action === "undo" ? undoTitle(draft, desk) : title),
    takes.includes("lng") ? drawMove(desk, draft) : null,
    takes.includes("owner") ? ownerField(desk, draft) : null,
    takes.includes("into") ? intoField(draft) : null,
    reasonField(draft),
    el("p", { id: "act-meanwhile", class: "hint", role: "status", hidden: !draft.meanwhile }, draft.meanwhile),
    fault,
    el("div", { class: "act-buttons" },
      el("button", { type: "submit", class: "primary", disabled: draft.busy, "data-key": "act-submit" }, draft.busy ? say("act.working") : title),
      button(say("act.cancel"), on.cancel, { "data-key": "act-cancel" })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = lacks(draft, form);
    fault.textContent = missing?.words ?? "";
    if (missing) missing.field?.focus();
    else on.submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) /** @type {HTMLFormElement} */ (form).requestSubmit();
    else if (event.key === "Escape") on.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return form;
}

/** @param {Draft} draft @param {Desk} desk */
function undoTitle({ issue }, { store }) {
  const last = issue.may.find((one) => one.action === "undo")?.undoes;
  if (!last) return capital(actionName("undo"));
  return say("undo.ask", { who: last.actor === store.state.session?.name ? say("conflict.you") : last.actor, action: inLanguage(last.name) });
}

/** Whether an action has to say why. @param {Draft} draft */
export function needsReason({ issue, action, owner }) {
  const may = issue.may.find((one) => one.action === action);
  const another = action === "dispatch" && owner !== "" && issue.proposed_owner !== null && owner !== issue.proposed_owner.id;
  return another || may?.needs.includes("reason") === true;
}

/** What is still missing, and where to put it. @param {Draft} draft @param {HTMLElement} form */
function lacks(draft, form) {
  const needs = draft.issue.may.find((one) => one.action === draft.action)?.needs ?? [];
  /** @param {string} selector @returns {HTMLElement | null} */
  const field = (selector) => form.querySelector(selector);
  if (needs.includes("lng") && !draft.place) return { words: say("act.choosePlace"), field: field("#move-lng") };
  if ((needs.includes("owner") || draft.action === "dispatch") && !draft.owner) return { words: say("act.chooseOwner"), field: field(".act-owner") };
  if (needs.includes("into") && !draft.into) return { words: say("act.chooseInto"), field: field("#act-into") };
  if (needsReason(draft) && !draft.reason.trim()) return { words: say("act.sayWhy"), field: field("#act-reason") };
  return null;
}

/** @param {Draft} draft */
function reasonField(draft) {
  const kind = ["comment", "ask"].includes(draft.action) ? `act.reason.${draft.action}` : "act.reason";
  const needed = () => needsReason(draft);
  const label = el("label", { for: "act-reason" });
  const area = /** @type {HTMLTextAreaElement} */ (el("textarea", { id: "act-reason", rows: 2, maxlength: 2000, "data-key": "act-reason", "aria-describedby": "act-fault act-hidden" }));
  const tell = () => {
    label.textContent = say(kind) + (needed() ? "" : say("act.optional"));
    area.required = needed();
  };
  area.value = draft.reason;
  area.addEventListener("input", () => (draft.reason = area.value));
  area.addEventListener("needed", tell);
  tell();
  return el("div", { class: "act-field" }, label, area, el("p", { id: "act-hidden", class: "quiet" }, say("act.hidden")));
}

/** @param {Desk} desk @param {Draft} draft */
function ownerField(desk, draft) {
  const { proposed_owner: proposed, why, properties } = draft.issue;
  const rivals = (why?.rivals ?? []).map((one) => one.id).filter((id) => id !== null && id !== proposed?.id && id !== properties.owner_id);
  const first = rivals.map((id) => ({ id: String(id), note: say("act.ownerRival") }));
  if (proposed?.id) first.unshift({ id: proposed.id, note: say("act.ownerProposed") });
  const picker = ownerPicker(desk.names, {
    chosen: draft.owner, first: [...new Map(first.map((one) => [one.id, one])).values()], describedBy: "act-fault",
    changed: (id) => {
      draft.owner = id;
      picker.root.closest("form")?.querySelector("#act-reason")?.dispatchEvent(new Event("needed"));
    },
  });
  picker.input.dataset.key = "act-owner";
  return el("div", { class: "act-field" }, el("label", { for: picker.input.id }, say("act.owner")), picker.root);
}

/** Which issue it repeats: one of the suspects, or a number. @param {Draft} draft */
function intoField(draft) {
  const { duplicates, properties } = draft.issue;
  const input = /** @type {HTMLInputElement} */ (el("input", { id: "act-into", autocomplete: "off", spellcheck: "false", placeholder: say("act.intoHint"), "data-key": "act-into", "aria-describedby": "act-into-told act-fault" }));
  const told = el("p", { id: "act-into-told", class: "quiet", role: "status" });
  input.value = draft.into;
  let timer = 0;
  async function look() {
    const number = wholeNumber(input.value, properties.number);
    draft.into = number;
    told.textContent = "";
    if (number === properties.number) told.textContent = say("act.intoSelf");
    if (!number || number === properties.number) return void (draft.into = "");
    try {
      const found = /** @type {FullIssue} */ (await get(`/v1/issues/${encodeURIComponent(number)}`));
      if (draft.into === number) told.textContent = intoText(found);
    } catch {
      if (draft.into === number) told.textContent = say("act.intoNone");
    }
  }
  input.addEventListener("input", () => {
    draft.into = wholeNumber(input.value, properties.number);
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), 300);
  });
  const suspects = duplicates.map((one) => {
    const away = one.distance_m === null ? "" : metresText(one.distance_m);
    const text = [inLanguage(one.category_name), statusName(one.status), away, say("duplicates.score", { n: Math.round(one.score * 100) })].filter(Boolean).join(" · ");
    const radio = el("input", { type: "radio", name: "act-suspect", value: one.number, checked: draft.into === one.number });
    radio.addEventListener("change", () => {
      input.value = draft.into = one.number;
      told.textContent = "";
    });
    return el("label", { class: "option" }, radio, el("span", {}, el("strong", {}, one.number), " ", el("span", { class: "quiet" }, text)));
  });
  return el("div", { class: "act-field" },
    suspects.length ? el("fieldset", { class: "act-suspects" }, el("legend", {}, say("duplicates")), ...suspects) : null,
    el("label", { for: "act-into" }, say("act.into")), input, told);
}

/** A short number is one of the same day. @param {string} typed @param {string} own */
export function wholeNumber(typed, own) {
  const text = typed.trim();
  if (!/^\d{1,4}$/.test(text)) return text;
  return own.replace(/\d+$/, (last) => text.padStart(last.length, "0"));
}

/** @param {FullIssue} issue */
function intoText({ properties: issue }) {
  return [issue.number, inLanguage(issue.category_name), statusName(issue.status), issue.cell_name, issue.owner_name].filter(Boolean).join(" · ");
}
