// Elements made of text: nothing that comes from outside is ever parsed as markup.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// A term and its description for a definition list, or nothing where there is no description.
export function fact(name, value) {
  return value === null || value === undefined || value === ""
    ? [] : [el("dt", {}, name), el("dd", {}, String(value))];
}
