// An answer's text as elements: paragraphs as they are, fenced code as code. What the model writes is never HTML.

import { make } from "./dom.js";

const FENCE = /^ {0,3}```[^\n`]*$/m;

/** The elements for a text that may still grow: a fence that isn't closed yet is code up to the end. */
export function renderProse(text) {
  return text.split(FENCE).flatMap((part, index) => {
    const isCode = index % 2 === 1;
    const shown = isCode ? part.replace(/^\n/, "").replace(/\n$/, "") : part.trim();
    if (!shown) return [];
    return [isCode ? make("pre", { tabindex: "0", "aria-label": "Code" }, make("code", {}, shown)) : make("p", {}, shown)];
  });
}
