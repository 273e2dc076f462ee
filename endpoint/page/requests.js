// The last requests with what they reused, and on demand why no more.

import { read } from "./api.js";
import { drawShares } from "./charts.js";
import { find, make, put, show } from "./dom.js";
import * as words from "./words.js";

const MOST = 20;
const PATH = "/acore/prompt_cache";
const groups = new Map(); // request id → its <tbody>: a row, and an explanation when it is open

/** Ask for the last requests and show them. Throws as `read`. */
export async function refreshRequests() {
  const { requests } = await read(`${PATH}/recent?limit=${MOST}`);
  showTable(requests);
  showChart(requests);
}

/** Nothing can be told, and why. */
export function showNoRequests(reason) {
  put("requests-hint", reason);
  show("requests-hint", true);
}

function showTable(lines) {
  const known = new Set(lines.map((line) => line.request_id));
  for (const [id, group] of groups) {
    if (known.has(id)) continue;
    group.remove();
    groups.delete(id);
  }
  // Rows stay the elements they are: what has the focus keeps it, what is open stays open.
  let place = find("requests").tHead;
  for (const line of lines) {
    const group = groups.get(line.request_id) ?? makeGroup(line);
    if (place.nextElementSibling !== group) place.after(group);
    place = group;
  }
  if (lines.length) put("requests-hint", "Choose a request to see why no more of it was reused.");
}

function showChart(lines) {
  const shares = lines.map((line) => line.cached_tokens / (line.prompt_tokens || 1)).reverse();
  drawShares(find("reuse-chart"), shares, MOST);
  const mean = shares.reduce((sum, share) => sum + share, 0) / (shares.length || 1);
  const told = shares.length ? `Of the last ${words.several(shares.length, "prompt")}, ${words.share(mean)} was reused.` : "Nothing yet";
  find("reuse-chart").setAttribute("aria-label", told);
}

function makeGroup(line) {
  const when = words.clock(line.at_s);
  const button = make("button", { type: "button", "aria-expanded": "false", "aria-label": `${when}: explain` }, when);
  const row = make(
    "tr",
    { class: line.cached_tokens ? "hit" : "miss" },
    make("td", {}, button),
    makeShare(line),
    make("td", { class: "roomy" }, words.TIERS[line.tier] ?? line.tier),
    make("td", { class: "why" }, words.missed(line.miss)),
  );
  const group = make("tbody", {}, row);
  row.addEventListener("click", () => toggle(group, button, line));
  groups.set(line.request_id, group);
  return group;
}

function makeShare(line) {
  const part = make("i", {});
  part.style.width = `${(100 * line.cached_tokens) / (line.prompt_tokens || 1)}%`;
  const told = `${words.count(line.cached_tokens)} of ${words.count(line.prompt_tokens)}`;
  return make("td", { class: "share" }, make("span", { class: "meter", "aria-hidden": "true" }, part), make("span", {}, told));
}

async function toggle(group, button, line) {
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) {
    group.rows[1]?.remove();
    return;
  }
  const cell = make("td", { colspan: "4" }, make("p", {}, "…"));
  group.append(make("tr", { class: "explanation" }, cell));
  try {
    cell.replaceChildren(...tellExplanation(await read(`${PATH}/explain?request_id=${encodeURIComponent(line.request_id)}`)));
  } catch (error) {
    cell.replaceChildren(make("p", { role: "alert" }, error.message));
  }
}

function tellExplanation(told) {
  const facts = [`${words.count(told.cached_tokens)} of ${words.several(told.prompt_tokens, "token")} reused`];
  if (told.cached_tokens) facts[0] += ` from ${words.TIERS[told.tier] ?? told.tier}`;
  if (told.key) facts.push(`key ${told.key}`);
  if (told.candidate_tokens) {
    facts.push(`the best candidate begins with ${words.several(told.shared_tokens, "token")} alike`);
  }
  const parts = [make("p", { role: "status" }, told.summary), make("p", { class: "facts" }, `${facts.join(" · ")} · ${told.request_id}`)];
  if (told.divergence) parts.push(tellDivergence(told.divergence));
  return parts;
}

function tellDivergence(found) {
  const tell = (title, text, kind) => [make("dt", {}, title), make("dd", {}, make("code", { class: kind }, text))];
  return make(
    "dl",
    { class: "divergence" },
    ...tell(`Alike up to token ${words.count(found.token)}`, found.text_before || "(nothing)", "alike"),
    ...tell("Earlier", found.earlier_text || "(the end)", "earlier"),
    ...tell("Now", found.new_text || "(the end)", "now"),
  );
}
