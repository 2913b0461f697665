// Times as people say them: by the city's clock, and how long until a limit.
import { currentLanguage, say } from "./strings.js";

let zone = "UTC";
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
export const SOON_H = 4; // so many hours before the limit an issue is called soon due

/** @param {string} name of the city's time zone */
export function setZone(name) {
  zone = name;
}

/** Day and time by the city's clock. @param {string | null} at RFC 3339 */
export function timeText(at) {
  if (!at) return "";
  const options = /** @type {Intl.DateTimeFormatOptions} */ (
    { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false }
  );
  return new Intl.DateTimeFormat(currentLanguage() === "zh" ? "zh-CN" : "sv-SE", options).format(new Date(at));
}

/** A length of time in its two largest units. @param {number} ms */
export function lengthText(ms) {
  const length = Math.abs(ms);
  if (length < MINUTE) return say("unit.moment");
  if (length < HOUR) return say("unit.min", { n: Math.floor(length / MINUTE) });
  if (length < DAY) return say("unit.hour", { n: Math.floor(length / HOUR) });
  const days = Math.floor(length / DAY), hours = Math.floor((length % DAY) / HOUR);
  return days >= 3 || !hours ? say("unit.day", { n: days }) : say("unit.dayHour", { n: days, h: hours });
}

/** How long ago. @param {string} at @param {number} [now] */
export function agoText(at, now = Date.now()) {
  return say("ago", { time: lengthText(now - Date.parse(at)) });
}

/**
 * How an issue stands to its limit.
 * @param {{ due_at: string | null, status: string, overdue: boolean }} issue
 * @param {number} [now]
 * @returns {{ kind: "none" | "over" | "soon" | "in_time" | "stopped", text: string }}
 */
export function lateness(issue, now = Date.now()) {
  if (!issue.due_at) return { kind: "none", text: say("due.none") };
  const left = Date.parse(issue.due_at) - now;
  const stopped = ["handled", "verified", "closed", "rejected", "merged"].includes(issue.status);
  if (stopped) return { kind: "stopped", text: say("due.stopped") };
  if (issue.overdue || left < 0) return { kind: "over", text: say("due.over", { time: lengthText(left) }) };
  return { kind: left < SOON_H * HOUR ? "soon" : "in_time", text: say("due.left", { time: lengthText(left) }) };
}

/** Metres as people say them. @param {number} metres */
export function metresText(metres) {
  if (Math.round(metres) >= 1000) return say("unit.km", { n: (metres / 1000).toFixed(1) });
  return say("unit.m", { n: metres >= 9.95 ? metres.toFixed(0) : metres.toFixed(1) });
}
