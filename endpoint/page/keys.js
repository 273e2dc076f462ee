// The named keys of the prompt cache, from /acore/prompt_cache/stats.

import { find, make, put, show } from "./dom.js";
import * as words from "./words.js";

/** Show all of them, those that were used last first. */
export function showKeys(stats) {
  const keys = Object.entries(stats.meta_by_key).sort(([, one], [, other]) => other.used_at_s - one.used_at_s);
  find("keys").tBodies[0].replaceChildren(...keys.map(([name, key]) => makeRow(name, key, name === stats.default_key)));
  show("keys", keys.length > 0);
  show("keys-hint", keys.length === 0);
}

/** The prompt cache can't be asked, and why. */
export function showNoKeys(reason) {
  show("keys", false);
  show("keys-hint", true);
  put("keys-hint", reason);
}

function makeRow(name, key, isDefault) {
  const expiry = key.expires_in_s === null ? "never" : `in ${words.duration(key.expires_in_s)}`;
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, make("code", {}, name), isDefault ? " (default)" : ""),
    make("td", { class: "number" }, words.count(key.token_count)),
    make("td", { class: "number" }, words.bytes(key.bytes)),
    make("td", { class: "roomy" }, words.TIERS[key.tier] ?? key.tier),
    make("td", {}, expiry),
  );
}
