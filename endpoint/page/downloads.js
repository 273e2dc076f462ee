// The app's downloads and offers, and what a person wants of them. Shown on the app's own machine alone.

import { read, Refused, send } from "./api.js";
import { announce, find, make, put, show, write } from "./dom.js";
import { copy } from "./setups.js";

const PATH = "/app/downloads";
const CALM_MS = 5000;
const EAGER_MS = 5000; // after a wish: so long its effect is looked for at every poll
const STOPS = [["pause", "Pause"], ["cancel", "Cancel"]];
const DEEDS = {
  queued: STOPS,
  running: STOPS,
  verifying: STOPS,
  paused: [["start", "Go on"], ["cancel", "Cancel"]],
  failed: [["start", "Try again"], ["forget", "Hide"]],
  done: [["forget", "Hide"]],
};

const rows = new Map(); // wanted → its elements, and what is shown of it
let pollNow = () => {};
let askAt = 0;
let eagerUntil = 0;
let offered = "";
let isFirst = true; // what was there before the page was opened is no news

/** Take wishes from now on; `poll` asks for everything at once. */
export function startDownloads(poll) {
  pollNow = poll;
  find("fetch").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = find("wanted");
    if (await wish("start", field.value.trim().replace(/^https:\/\/huggingface\.co\//, ""))) field.value = "";
  });
}

/** Ask how they stand, when it is time to. Throws as `read`. */
export async function refreshDownloads() {
  const now = performance.now();
  if (now < askAt) return;
  const told = await read(PATH);
  const shown = told.downloads.filter((one) => one.state in DEEDS);
  const moves = shown.some((one) => DEEDS[one.state] === STOPS);
  askAt = moves || now < eagerUntil ? 0 : now + CALM_MS;
  showRows(shown);
  showOffers(told.offers);
  show("downloads", told.available);
}

/** They can't be asked for: not from here, or not now. Asked again after `askAgain`. */
export function showNoDownloads() {
  show("downloads", false);
  askAt = Infinity;
}

/** Another endpoint, or another key. */
export function askAgain() {
  askAt = 0;
}

async function wish(deed, wanted) {
  try {
    await send(PATH, { deed, wanted });
  } catch (error) {
    put("fetch-hint", error instanceof Refused ? error.message : "The endpoint doesn't answer.");
    return false;
  }
  put("fetch-hint", "");
  eagerUntil = performance.now() + EAGER_MS;
  askAt = 0;
  pollNow();
  return true;
}

function showRows(downloads) {
  const known = new Set(downloads.map((one) => one.wanted));
  for (const [wanted, row] of rows) {
    if (known.has(wanted)) continue;
    remove(row.item);
    rows.delete(wanted);
  }
  downloads.forEach((one, index) => {
    const row = rows.get(one.wanted) ?? makeRow(one.wanted);
    const list = find("download-list");
    if (list.children[index] !== row.item) list.insertBefore(row.item, list.children[index] ?? null);
    fill(row, one);
  });
  isFirst = false;
}

function makeRow(wanted) {
  const row = {
    title: make("strong"),
    summary: make("span"),
    bar: make("progress", { max: "100" }),
    more: make("p"),
    command: make("code"),
    copy: make("button", { type: "button", class: "small" }, "Copy"),
    buttons: [0, 1].map(() => make("button", { type: "button", class: "small" })),
    state: "",
  };
  row.serve = make("p", { class: "serve" }, "Choose it in the menu under Model, or: ", row.command, " ", row.copy);
  const deeds = make("div", { class: "deeds" }, ...row.buttons);
  row.item = make("li", {}, make("p", {}, row.title, " ", row.summary), deeds, row.bar, row.more, row.serve);
  row.buttons.forEach((button, index) => button.addEventListener("click", () => wish(DEEDS[row.state][index][0], wanted)));
  row.copy.addEventListener("click", () => copy(row.copy, row.command.textContent));
  rows.set(wanted, row);
  return row;
}

function fill(row, one) {
  if (row.state !== one.state && !isFirst) announce(`${one.title}: ${one.state}.`);
  row.state = one.state;
  write(row.title, one.title);
  write(row.summary, one.summary);
  write(row.more, one.problem || one.note);
  row.item.className = one.state;
  row.bar.setAttribute("aria-label", one.title);
  if (one.total_bytes || one.state === "queued") row.bar.value = (100 * one.done_bytes) / (one.total_bytes || 1);
  else row.bar.removeAttribute("value");
  row.bar.hidden = one.state === "done" || one.state === "failed";
  write(row.command, one.command);
  row.copy.setAttribute("aria-label", `Copy: command that serves ${one.title}`);
  row.serve.hidden = !one.command;
  row.buttons.forEach((button, index) => {
    const name = DEEDS[one.state][index]?.[1] ?? "";
    button.hidden = !name;
    write(button, name);
    button.setAttribute("aria-label", `${name}: ${one.title}`);
  });
}

function showOffers(offers) {
  const now = JSON.stringify(offers);
  if (now === offered) return;
  offered = now;
  const list = find("offers");
  for (const item of [...list.children]) remove(item);
  for (const { wanted, label } of offers) {
    const button = make("button", { type: "button", title: wanted, "aria-label": `Download ${label}` }, label);
    button.addEventListener("click", () => wish("start", wanted));
    list.append(make("li", {}, button));
  }
  show("offered", offers.length > 0);
}

/** Who stood on it goes on at the section's title. */
function remove(item) {
  if (item.contains(document.activeElement)) find("downloads-title").focus();
  item.remove();
}
