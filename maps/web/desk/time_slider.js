// When issues were opened: the last 1, 6 or 24 hours, or such a window moved back over the last week.
import { button, byId, el } from "./dom.js";
import { say } from "./strings.js";
import { timeText } from "./times.js";
/** @import { Desk } from "./types.js" */

const PRESETS = [0, 1, 6, 24], WEEK_H = 168;

/** @param {Desk} desk */
export function startTimeSlider({ store }) {
  const place = byId("time");
  /** @param {number} hours @param {number} ago */
  const set = (hours, ago) => store.set({ filters: { ...store.state.filters, hours, ago: hours ? ago : 0 } });
  const slider = /** @type {HTMLInputElement} */ (el("input", { type: "range", id: "time-end", min: -WEEK_H, max: 0, step: 1 }));
  const told = el("output", { id: "time-told", for: "time-end" });
  slider.addEventListener("input", () => {
    set(store.state.filters.hours || 24, -Number(slider.value));
  });
  const buttons = el("span", { class: "presets" });
  const draw = () => {
    const { hours, ago } = store.state.filters;
    const held = document.activeElement?.id;
    buttons.replaceChildren(...[...new Set([...PRESETS, hours])].sort((a, b) => a - b).map((one) =>
      button(one ? say("time.hours", { n: one }) : say("time.all"), () => set(one, one === hours ? ago : 0), { id: `time-${one}`, "aria-pressed": String(one === hours), class: "toggle" })));
    if (held?.startsWith("time-") && held !== "time-end") document.getElementById(held)?.focus();
    slider.value = String(-ago);
    slider.disabled = !hours;
    slider.setAttribute("aria-label", say("time.end"));
    const text = spanText(hours, ago);
    slider.setAttribute("aria-valuetext", text);
    told.textContent = text;
  };
  place.replaceChildren(el("span", { class: "time-label" }), buttons, slider, told);
  const label = () => (/** @type {HTMLElement} */ (place.firstElementChild).textContent = say("time.opened"));
  store.watch(["filters", "minute"], draw);
  store.watch(["lang"], () => {
    label();
    draw();
  });
  label();
  draw();
}

/** @param {number} hours @param {number} ago */
function spanText(hours, ago) {
  if (!hours) return say("time.any");
  const end = Date.now() - ago * 3_600_000;
  const [from, to] = [end - hours * 3_600_000, end].map((one) => timeText(new Date(one).toISOString()).slice(5));
  return ago ? `${from} – ${to}` : say("time.since", { at: from });
}
