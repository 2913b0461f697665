// The pieces of the panel: each module adds its own, and the panel puts them in order.
/** @import { Section } from "./types.js" */

/** @type {Section[]} */
const sections = [];

/** @param {Section} section */
export function addSection(section) {
  sections.push(section);
  sections.sort((a, b) => a.order - b.order);
}

export function allSections() {
  return sections;
}
