// Words in the reader's language. A part that has words of its own adds them: addWords({ zh: {…}, en: {…} }).
import { ACTIONS, TERMS } from "./terms.js";
import { WORDS } from "./words.js";
/** @import { Lang, Names } from "./types.js" */

/** @type {Record<Lang, Record<string, string>>} */
const words = { zh: { ...WORDS.zh }, en: { ...WORDS.en } };
/** @type {Lang} */
let language = "zh";

/** @param {Record<Lang, Record<string, string>>} more */
export function addWords(more) {
  Object.assign(words.zh, more.zh);
  Object.assign(words.en, more.en);
}

/** @param {Lang} lang */
export function setLanguage(lang) {
  language = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export function currentLanguage() {
  return language;
}

/**
 * The text of a key, its {placeholders} filled.
 * @param {string} key @param {Record<string, string | number>} [facts]
 */
export function say(key, facts = {}) {
  const text = words[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? "—"));
}

/** @param {string} key */
export function hasWord(key) {
  return Object.hasOwn(words[language], key);
}

/** What a state, level or kind is called; as the city wrote it where it is not known. @param {string | null} word */
export function term(word) {
  const known = word !== null && Object.hasOwn(TERMS, word) ? TERMS[word] : null;
  return known ? known[language === "zh" ? 0 : 1] : String(word ?? "");
}

/** What an action is called. @param {string} word */
export function actionName(word) {
  const known = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : null;
  return known ? known[language === "zh" ? 0 : 1] : word;
}

/** @param {Names | null | undefined} names @param {string} [otherwise] */
export function inLanguage(names, otherwise = "") {
  return names ? names[language] || names[language === "zh" ? "en" : "zh"] || otherwise : otherwise;
}

/** A share as people say it, in brackets; nothing where it is all of it. @param {number | null} share */
export function shareText(share) {
  if (share === null || share >= 1) return "";
  const percent = share * 100;
  const n = percent < 1 && percent > 0 ? "< 1" : percent > 99 ? "> 99" : percent.toFixed(0);
  return say("share", { n });
}

/** @param {number} number */
export function grouped(number) {
  return number.toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
}

/** Text that begins a line: English words get their capital. @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
