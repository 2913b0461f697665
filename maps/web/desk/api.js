// The service: JSON in, JSON out, and its problem documents as errors that can be shown.
import { currentLanguage, say } from "./strings.js";

/** What the service refused, or that it could not be reached (`status` 0). */
export class Problem extends Error {
  /** @param {number} status @param {Record<string, any>} document */
  constructor(status, document) {
    super(String(document.detail ?? document.title ?? status));
    this.status = status;
    this.code = String(document.code ?? "");
    this.document = document;
  }

  /** What to tell the reader, in his language as far as the service speaks it. */
  get words() {
    if (this.status === 0) return say("unreachable");
    const { detail, fix, title, title_zh: titleZh } = this.document;
    const zh = currentLanguage() === "zh" ? [this.document.detail_zh ?? titleZh ?? detail, this.document.fix_zh] : null;
    return (zh ?? [detail ?? title, fix]).filter(Boolean).join(" ") || say("refused", { status: this.status });
  }
}

/** @type {() => void} */
let signedOut = () => {};

/** @param {() => void} run called when the service no longer knows who asks. */
export function onSignedOut(run) {
  signedOut = run;
}

/**
 * Ask for JSON.
 * @param {string} path
 * @param {{ query?: URLSearchParams, signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
export function get(path, { query, signal } = {}) {
  return ask(query?.size ? `${path}?${query}` : path, { signal });
}

/**
 * Send JSON; answers what the service says, or null where it says nothing.
 * @param {string} path @param {unknown} body @param {string} [method] @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
export function send(path, body, method = "POST", headers = {}) {
  return ask(path, {
    method, body: body === undefined ? undefined : JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers },
  });
}

/** @param {string} url @param {RequestInit} options */
async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, {});
  }
  const text = await answer.text();
  const document = parsed(text);
  if (answer.ok) return document;
  if (answer.status === 401 && !url.startsWith("/v1/session")) signedOut();
  throw new Problem(answer.status, document ?? {});
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** @param {unknown} error @returns {boolean} Whether it only says that nobody waits for the answer any more. */
export function wasAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {unknown} error @returns {string} */
export function problemWords(error) {
  if (error instanceof Problem) return error.words;
  console.error(error);
  return say("pageFault");
}
