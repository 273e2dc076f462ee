// Small ways to make and change elements. All text is set as text: nothing here, or anywhere on the page, parses HTML.

/** The element with this id. */
export const find = (id) => document.getElementById(id);

/** A new element with attributes and children; a child may be a string. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A new SVG element with attributes. */
export function draw(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Show a text, and touch the page only where it differs: selections stay, screen readers stay silent. */
export function put(id, text) {
  write(find(id), text);
}

/** As `put`, for an element that has no id. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide, as above. */
export function show(id, isShown) {
  const element = find(id);
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Say something to a screen reader, once: only what a person would want to hear without asking. */
export function announce(text) {
  put("announcement", text);
}
