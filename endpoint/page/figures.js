// State, rates and memory: what GET /health tells.

import { Samples, SPAN_S } from "./charts.js";
import { announce, find, put, show } from "./dom.js";
import * as words from "./words.js";

const samples = { prefill: new Samples(), decode: new Samples() };
let shown = "connecting";

/** One of the names in `words.STATES`. */
export function nameState(health) {
  if (health.status !== "healthy") return health.status;
  if (health.unloaded) return "unloaded";
  return health.active + health.queued > 0 ? "busy" : "ready";
}

/** Show the whole report. `traits`: what /v1/models says of the model, if it is known. */
export function showHealth(health, traits) {
  const state = nameState(health);
  put("model", health.model.split(/[\\/]/).at(-1));
  put("facts", listFacts(health, traits).map((fact) => `· ${fact}`).join(" "));
  showState(state, health.model);
  show("loading", state === "loading");
  if (state === "loading") showProgress(health.progress ?? 0);
  notify(state === "failed" || state === "wedged" ? health.error : null);
  if (health.memory) showMemory(health.memory);
  if (health.requests) showFigures(health);
}

/** Nobody answers. */
export function showGone() {
  showState("gone");
  put("facts", "");
  show("loading", false);
  notify("The endpoint doesn't answer. This page asks again every few seconds, and goes on when it is back.");
  showRates(null);
}

/** A sentence under the header, or null for none. */
function notify(text) {
  if (text) put("notice", text);
  show("notice", Boolean(text));
}

function showState(state, model) {
  if (state === shown) return;
  const isPassing = (state === "busy" && shown === "ready") || (state === "ready" && shown === "busy");
  shown = state;
  document.body.dataset.state = state;
  put("state", words.STATES[state] ?? state);
  if (!isPassing) announce(`The endpoint is now: ${words.STATES[state] ?? state}.`);
  if (model) document.title = `${words.STATES[state] ?? state}: ${find("model").textContent} – Traypoint`;
  else document.title = `${words.STATES[state] ?? state} – Traypoint`;
}

function listFacts(health, traits) {
  const facts = [health.provider];
  if (health.n_ctx) facts.push(`${words.count(health.n_ctx)} tokens of context`);
  if (traits?.memory) facts.push(words.KINDS[traits.memory] ?? traits.memory);
  if (health.status === "loading") facts.push(words.share(health.progress ?? 0));
  if (health.unloaded) facts.push("the next request loads the model");
  facts.push(`up ${words.duration(Math.floor(health.uptime_s))}`);
  return facts;
}

function showProgress(progress) {
  const bar = find("loading");
  bar.setAttribute("aria-valuenow", String(Math.round(progress * 100)));
  bar.firstElementChild.style.width = `${progress * 100}%`;
}

function showFigures(health) {
  showRates(health.rates);
  const cache = health.prompt_cache;
  put("reuse", cache.hit_rate === null ? "–" : words.share(cache.hit_rate));
  put("reuse-under", tellSaved(cache));
  const waiting = health.queued ? `, ${words.count(health.queued)} waiting` : "";
  const failed = health.requests.failed ? `, ${words.count(health.requests.failed)} failed` : "";
  put("counts", `${words.several(health.requests.total, "request")} done${failed}; ${health.active} running${waiting}.`);
  const error = health.last_error;
  put("last-error", error ? `Last failure, at ${words.clock(error.at_s)}: ${error.message}` : "");
}

function tellSaved(cache) {
  if (!cache.prompt_tokens) return "no prompt yet";
  const of = `${words.count(cache.cached_tokens)} of ${words.count(cache.prompt_tokens)}`;
  return cache.saved_s === null || !cache.cached_tokens ? of : `${of} · about ${words.duration(cache.saved_s)} saved`;
}

/** `rates` null: unknown, a gap in the charts. */
function showRates(rates) {
  for (const [name, line] of Object.entries(samples)) {
    const value = rates === null ? null : rates[name];
    line.add(value);
    line.draw(find(`${name}-chart`));
    put(name, value === null ? "–" : words.rate(value));
    const highest = words.rate(line.highest);
    put(`${name}-under`, `up to ${highest} in the last ${SPAN_S / 60} minutes`);
    find(`${name}-chart`).setAttribute("aria-label", `Now ${words.rate(value ?? 0)} tokens a second, at most ${highest}.`);
  }
}

function showMemory(memory) {
  const { weights_bytes: weights, kv_bytes: kv, prefix_bytes: prefixes, disk_bytes: disk } = memory;
  const whole = weights + kv + prefixes || 1;
  fill("weights-part", weights / whole);
  fill("kv-part", kv / whole);
  fill("prefix-part", prefixes / whole);
  put("weights", words.bytes(weights));
  put("kv", words.bytes(kv));
  put("prefixes", `${words.bytes(prefixes)} of ${words.bytes(memory.prefix_budget_bytes)}`);
  fill("prefix-meter", prefixes / (memory.prefix_budget_bytes || 1));
  put("disk", memory.disk_budget_bytes ? `${words.bytes(disk)} of ${words.bytes(memory.disk_budget_bytes)}` : "off");
  fill("disk-meter", disk / (memory.disk_budget_bytes || 1));
}

function fill(id, part) {
  find(id).style.width = `${Math.min(1, part) * 100}%`;
}
