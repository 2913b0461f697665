// Elements made of text: nothing that comes from outside is ever parsed as markup.

/**
 * An element. Attributes that start with "on" are listeners, null and false are left out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** @param {string} id @returns {HTMLElement} An element of page.html, which is there. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page.html has no #${id}`);
  return found;
}

/**
 * A button; `press` runs when it is pressed.
 * @param {string} label @param {() => void} press @param {Record<string, any>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function button(label, press, attributes = {}) {
  return /** @type {HTMLButtonElement} */ (el("button", { type: "button", onclick: press, ...attributes }, label));
}

/** A term and its description for a definition list; nothing where there is none. @param {string} name @param {Node | string | null | undefined} value */
export function fact(name, value) {
  return value === null || value === undefined || value === "" ? [] : [el("dt", {}, name), el("dd", {}, value)];
}

/** Whether somebody types there. @param {EventTarget | null} target */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A drawing, for the eye only.
 * @param {string} viewBox @param {Record<string, string>[]} paths @param {string} [name] its class
 */
export function svg(viewBox, paths, name = "") {
  const root = document.createElementNS(SVG, "svg");
  root.setAttribute("viewBox", viewBox);
  root.setAttribute("aria-hidden", "true");
  root.setAttribute("focusable", "false");
  if (name) root.setAttribute("class", name);
  for (const attributes of paths) {
    const path = document.createElementNS(SVG, "path");
    for (const [key, value] of Object.entries(attributes)) path.setAttribute(key, value);
    root.append(path);
  }
  return root;
}
