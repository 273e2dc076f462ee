// The status page: asks the endpoint how it stands, and hands the answers to those who show them.

import { getKey, keepKey, read, readHealth, Refused } from "./api.js";
import { Chat } from "./chat.js";
import { announce, find, put, show } from "./dom.js";
import { askAgain, refreshDownloads, showNoDownloads, startDownloads } from "./downloads.js";
import { nameState, showGone, showHealth } from "./figures.js";
import { showKeys, showNoKeys } from "./keys.js";
import { Poller } from "./poll.js";
import { refreshRequests, showNoRequests } from "./requests.js";
import { showSetups, startCopying } from "./setups.js";

const STATS_MS = 5000;

let model = "";
let traits = null; // what /v1/models says of the model; null until it has been asked
let seen = ""; // requests that had ended and run when the table was made
let keysAt = -STATS_MS;

const chat = new Chat(() => model);
const poller = new Poller(refresh, forget);

async function refresh() {
  const health = await readHealth();
  if (health.model !== model) forgetModel();
  model = health.model;
  const isHealthy = health.status === "healthy";
  const isLocked = isHealthy && !health.requests;
  askForKey(isLocked);
  showSetups(model, isLocked || getKey() !== "");
  if (!isLocked) await attempt(refreshDownloads, showNoDownloads);
  if (isHealthy && !isLocked) await refreshDetails(health);
  showHealth(health, traits?.meta);
}

async function refreshDetails(health) {
  const state = nameState(health);
  const now = `${health.requests.total} ${health.active}`;
  if (seen !== now && (await attempt(refreshRequests, showNoRequests))) seen = now;
  if (state === "unloaded") return; // what follows is asked of the model
  if (traits === null) await attempt(refreshTraits, () => {});
  if (performance.now() - keysAt < STATS_MS) return;
  keysAt = performance.now();
  await attempt(async () => showKeys((await read("/acore/prompt_cache/stats")).stats), showNoKeys);
}

/** Do it; what the endpoint refuses is told with its reason, and isn't asked again. False where it may come later. */
async function attempt(work, tell) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message);
    return error.status !== 503;
  }
}

async function refreshTraits() {
  traits = (await read("/v1/models")).data[0];
  chat.allow(traits.capabilities.completion);
}

function forget() {
  showGone();
  forgetModel();
}

function forgetModel() {
  traits = null;
  seen = "";
  keysAt = -STATS_MS;
  askAgain();
}

function askForKey(isLocked) {
  const wasLocked = !find("gate").hidden;
  if (isLocked && getKey()) put("gate-hint", "That is not this endpoint's key.");
  show("gate", isLocked);
  document.body.classList.toggle("locked", isLocked);
  if (isLocked === wasLocked) return;
  askAgain();
  announce(isLocked ? "This endpoint asks for its key." : "Unlocked.");
  find(isLocked ? "key" : "question").focus();
}

find("gate").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey(find("key").value.trim());
  find("key").value = "";
  poller.now();
});
startCopying();
startDownloads(() => poller.now());
showSetups("", false);
poller.start();
