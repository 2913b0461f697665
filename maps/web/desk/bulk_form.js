// One action for many issues: what is possible is said before, and what became of each after.
import { problemWords, send } from "./api.js";
import { mergeAll, remember } from "./act_run.js";
import { ownerPicker } from "./act_owner.js";
import { allPicked, pickOnly } from "./bulk_select.js";
import { button, byId, el } from "./dom.js";
import { drawResults, refusals } from "./bulk_results.js";
import { actionName, capital, grouped, say } from "./strings.js";
/** @import { Desk, IssueFeature } from "./types.js" */

/** @typedef {{ id: string, ok: boolean, issue?: IssueFeature, error?: Record<string, any> }} Result */
/** @typedef {{ action: string, reason: string, owner: string, into: string }} Bulk */

const FIELD = ["start", "handled", "verify", "return", "confirm", "reopen", "comment"];
const DESK = ["dispatch", "start", "handled", "verify", "close", "return", "transfer", "reject", "confirm", "merge", "claim", "release", "comment"];
const NEEDS = /** @type {Record<string, string[]>} */ ({ return: ["reason"], transfer: ["owner", "reason"], reject: ["reason"], reopen: ["reason"], comment: ["reason"], merge: ["into"], close: [], dispatch: [] });
const TAKES_OWNER = ["dispatch", "transfer"], WAIT_MS = 350;

/** @param {Desk} desk */
export function bulkActions({ store }) {
  const role = store.state.session?.role ?? "";
  return ["dispatcher", "admin"].includes(role) ? DESK : role === "officer" ? FIELD : [];
}

/** @type {((action: string) => void) | null} */
let opened = null;

/** Opens the form for what is selected; an action can be chosen already. @param {Desk} desk @param {string} [action] */
export function openBulk(desk, action = "") {
  if (opened) return opened(action);
  start(desk, action);
}

/** @param {Desk} desk @param {string} first */
function start(desk, first) {
  const opener = document.activeElement;
  /** @type {Bulk} */
  const wanted = { action: "", reason: "", owner: "", into: "" };
  const title = el("h2", { id: "bulk-title", tabindex: -1 });
  const select = /** @type {HTMLSelectElement} */ (el("select", { id: "bulk-action" }));
  const fields = el("div", { class: "bulk-fields" });
  const preview = el("div", { id: "bulk-preview", "aria-live": "polite" });
  const fault = el("p", { class: "fault", role: "alert", id: "bulk-fault" });
  const submit = /** @type {HTMLButtonElement} */ (el("button", { type: "submit", class: "primary", id: "bulk-run" }));
  const label = el("label", { for: "bulk-action" });
  const form = el("form", { novalidate: true, class: "act-form" }, el("div", { class: "act-field" }, label, select), fields, preview, fault, el("div", { class: "act-buttons" }, submit));
  const results = el("div", { id: "bulk-results" });
  const closer = button("×", () => leave(), { class: "icon new-close" });
  const side = el("aside", { id: "bulk", "aria-labelledby": "bulk-title" }, closer, title, form, results);
  let timer = 0, turn = 0, busy = false;

  function draw() {
    const n = allPicked().length;
    title.textContent = n ? say("bulk.title", { n: grouped(n) }) : say("bulk.over");
    label.textContent = say("bulk.action");
    closer.setAttribute("aria-label", say("close"));
    select.replaceChildren(el("option", { value: "" }, say("bulk.choose")), ...bulkActions(desk).map((one) => el("option", { value: one }, capital(actionName(one)))));
    select.value = wanted.action;
    submit.textContent = busy ? say("act.working") : say("bulk.run", { action: capital(actionName(wanted.action)), n: grouped(n) });
    submit.hidden = !wanted.action;
    submit.disabled = busy || !n;
    form.setAttribute("aria-busy", String(busy));
  }

  function drawFields() {
    const { action } = wanted;
    const needs = NEEDS[action] ?? [];
    fields.replaceChildren(
      TAKES_OWNER.includes(action) ? ownerField() : "", needs.includes("into") ? textField("bulk-into", say("act.into"), "into", false) : "",
      action ? textField("bulk-reason", say(action === "comment" ? "act.reason.comment" : "act.reason") + (needs.includes("reason") ? "" : say("act.optional")), "reason", true) : "");
  }

  function ownerField() {
    const picker = ownerPicker(desk.names, {
      chosen: wanted.owner, first: [], hint: wanted.action === "dispatch" ? say("bulk.proposed") : undefined, describedBy: "bulk-fault",
      changed: (id) => {
        wanted.owner = id;
        changed();
      },
    });
    return el("div", { class: "act-field" }, el("label", { for: picker.input.id }, say("act.owner") + (wanted.action === "dispatch" ? say("act.optional") : "")), picker.root);
  }

  /** @param {string} id @param {string} text @param {"reason" | "into"} key @param {boolean} long */
  function textField(id, text, key, long) {
    const field = /** @type {HTMLTextAreaElement} */ (el(long ? "textarea" : "input", { id, maxlength: 2000, rows: long ? 2 : null, autocomplete: "off", "aria-describedby": "bulk-fault", placeholder: long ? null : "20261122-0042" }));
    field.value = wanted[key];
    field.addEventListener("input", () => {
      wanted[key] = field.value;
      changed();
    });
    return el("div", { class: "act-field" }, el("label", { for: id }, text), field);
  }

  function changed() {
    fault.textContent = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  }

  /** @param {boolean} dry */
  function body(dry) {
    const reason = wanted.reason.trim() || (dry && NEEDS[wanted.action]?.includes("reason") ? "…" : "");
    return {
      action: wanted.action, ids: allPicked().map((one) => ({ id: one.id, seq: one.properties.seq })), ...(reason ? { reason } : {}),
      ...(wanted.owner ? { owner: wanted.owner } : {}), ...(wanted.into.trim() ? { into: wanted.into.trim() } : {}),
    };
  }

  async function look() {
    const mine = ++turn;
    const needs = NEEDS[wanted.action] ?? [];
    preview.replaceChildren();
    if (!wanted.action || !allPicked().length || busy) return;
    if ((needs.includes("owner") && !wanted.owner) || (needs.includes("into") && !wanted.into.trim())) return;
    preview.replaceChildren(el("p", { class: "quiet" }, say("bulk.checking")));
    try {
      const answer = await send("/v1/issues/actions?dry_run=true", body(true));
      if (mine !== turn) return;
      const { done, refused } = answer;
      const word = !refused ? "bulk.possible" : done ? "bulk.partly" : "bulk.notPossible";
      preview.replaceChildren(el("p", { class: refused ? "hint" : "quiet" }, say(word, { n: grouped(done), m: grouped(refused) })), refused ? refusals(answer.results, allPicked(), desk) : "");
    } catch (error) {
      if (mine === turn) preview.replaceChildren(el("p", { class: "fault" }, problemWords(error)));
    }
  }

  /** @returns {{ words: string, field: string } | null} */
  function lacks() {
    const needs = NEEDS[wanted.action] ?? [];
    if (needs.includes("owner") && !wanted.owner) return { words: say("act.chooseOwner"), field: ".act-owner" };
    if (needs.includes("into") && !wanted.into.trim()) return { words: say("act.chooseInto"), field: "#bulk-into" };
    if (needs.includes("reason") && !wanted.reason.trim()) return { words: say("act.sayWhy"), field: "#bulk-reason" };
    return null;
  }

  async function run() {
    const missing = lacks();
    fault.textContent = missing?.words ?? "";
    if (missing) return /** @type {HTMLElement | null} */ (form.querySelector(missing.field))?.focus();
    const before = new Map(allPicked().map((one) => [one.id, one]));
    busy = true;
    turn++;
    window.clearTimeout(timer);
    draw();
    try {
      finished(await send("/v1/issues/actions", body(false)), before);
    } catch (error) {
      fault.textContent = `${problemWords(error)} ${say("act.unchecked")}`; // what was chosen stays; the versions see to it that nothing is done twice
    }
    busy = false;
    draw();
  }

  /** @param {{ done: number, refused: number, results: Result[] }} answer @param {Map<string, IssueFeature>} before */
  function finished({ done, refused, results: all }, before) {
    const made = all.flatMap((one) => (one.ok && one.issue ? [one.issue] : []));
    const text = refused ? say("bulk.result", { n: grouped(done), m: grouped(refused) }) : say("bulk.done", { n: grouped(done) });
    const entries = made.map((one) => ({ id: one.id, number: one.properties.number, seq: one.properties.seq, base: before.get(one.id)?.properties.seq ?? 0 }));
    if (entries.length && wanted.action !== "comment") remember(desk, { action: wanted.action, entries }, text);
    else desk.notices.announce(text);
    mergeAll(desk, made);
    const left = new Set(all.filter((one) => !one.ok).map((one) => one.id));
    drawResults(results, { text, results: all, before: [...before.values()] }, desk);
    pickOnly([...before.values()].filter((one) => left.has(one.id)));
    form.hidden = !left.size;
    preview.replaceChildren();
    /** @type {HTMLElement | null} */ (results.querySelector("h3"))?.focus();
  }

  function leave() {
    turn++;
    window.clearTimeout(timer);
    stopWatching = true;
    document.removeEventListener("keydown", escape, true);
    unwatch();
    side.remove();
    opened = null;
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    else desk.list.focus();
  }

  /** @param {KeyboardEvent} event */
  function escape(event) {
    if (event.key !== "Escape" || !side.contains(document.activeElement)) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  }

  /** @param {string} action */
  function choose(action) {
    form.hidden = false;
    if (action) {
      results.replaceChildren();
      wanted.action = action;
    }
    draw();
    drawFields();
    void look();
    /** @type {HTMLElement | null} */ (wanted.action ? fields.querySelector("input, textarea") : select)?.focus();
  }

  let stopWatching = false;
  const unwatch = desk.store.watch(["lang"], () => {
    draw();
    drawFields();
    void look();
  });
  watch = () => {
    if (stopWatching) return;
    draw();
    if (allPicked().length) form.hidden = false;
    if (!busy) changed();
  };
  select.addEventListener("change", () => {
    wanted.action = select.value;
    results.replaceChildren();
    draw();
    drawFields();
    void look();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!busy) void run();
  });
  document.addEventListener("keydown", escape, true);
  opened = choose;
  byId("main").append(side);
  choose(first);
}

/** @type {() => void} */
let watch = () => {};

/** The selection has become another one while the form may be open. */
export function bulkPicked() {
  if (opened) watch();
}
