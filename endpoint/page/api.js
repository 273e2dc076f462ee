// Requests to the endpoint that served this page, with the key where one is needed.

const KEY = "traypoint-api-key";
const PATIENCE_MS = 8000;

/** The endpoint answered that it can't, or won't: `status` is HTTP's. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The key for this tab, "" for none. */
export const getKey = () => sessionStorage.getItem(KEY) ?? "";

/** Keep a key as long as the tab is open. */
export const keepKey = (key) => sessionStorage.setItem(KEY, key);

function headers(more = {}) {
  const key = getKey();
  return key ? { ...more, authorization: `Bearer ${key}` } : more;
}

/** How the endpoint stands; an answer in every state. Throws where nobody answers. */
export async function readHealth() {
  return (await get("/health")).json();
}

/** A page's JSON. Throws Refused, or TypeError and others where nobody answers. */
export async function read(path) {
  const answer = await get(path);
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** POST a chat and give the answer's body as a stream. Throws as `send`. */
export async function openChat(body, signal) {
  return (await send("/v1/chat/completions", body, signal)).body;
}

/** POST JSON and give the answer. Throws Refused, and as fetch does. */
export async function send(path, body, signal = AbortSignal.timeout(PATIENCE_MS)) {
  const answer = await fetch(path, {
    method: "POST",
    headers: headers({ "content-type": "application/json" }),
    body: JSON.stringify(body),
    signal,
  });
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

function get(path) {
  return fetch(path, { headers: headers({ accept: "application/json" }), signal: AbortSignal.timeout(PATIENCE_MS) });
}

async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  const error = body.error?.message ?? body.error;
  return new Refused(answer.status, typeof error === "string" ? error : `The endpoint answered ${answer.status}.`);
}
