// Numbers as a reader takes them in: two digits of a ratio, whole counts, and what is infinite or unknown.
import { currentLanguage } from "../page/strings.js";

export const UNKNOWN = "—";
const LEAST_P = 0.001;

function localised(value, options) {
  return value.toLocaleString(currentLanguage() === "zh" ? "zh-CN" : "en-GB", options);
}

// What is no number is unknown; an infinite one has a sign.
function finite(value, write) {
  if (Number.isNaN(value)) return UNKNOWN;
  return Number.isFinite(value) ? write(value) : value > 0 ? "∞" : "−∞";
}

export function countText(value) {
  return finite(value, () => localised(value, { maximumFractionDigits: Number.isInteger(value) || value >= 100 ? 0 : 1 }));
}

export function ratioText(value) {
  const digits = value >= 9.95 ? { maximumFractionDigits: 0 } : value >= 0.995 ? { minimumFractionDigits: 1, maximumFractionDigits: 1 } : { minimumSignificantDigits: 2, maximumSignificantDigits: 2 };
  return finite(value, () => (value === 0 ? "0" : localised(value, digits)));
}

// "4.2 (2.8–6.1)"; without an interval, the number alone.
export function intervalText(value, low, high) {
  const both = Number.isNaN(low) || Number.isNaN(high) ? "" : ` (${ratioText(low)}–${ratioText(high)})`;
  return ratioText(value) + both;
}

// "< 0.001", "0.032"
export function chanceText(value) {
  return finite(value, () => (value < LEAST_P ? "< 0.001" : localised(value, { maximumFractionDigits: 3, minimumFractionDigits: value < 0.1 ? 3 : 2 })));
}

// "q < 0.001", "q = 0.032"
export function chanceSentence(name, value) {
  const text = chanceText(value);
  return `${name} ${text.startsWith("<") ? text : `= ${text}`}`;
}
