// The chat: a conversation with the model, streamed.

import { openChat } from "./api.js";
import { announce, find, make } from "./dom.js";
import { readEvents } from "./events.js";
import { renderProse } from "./prose.js";
import * as words from "./words.js";

const NEAR = 32; // pixels from the end within which the log follows the answer

/** One chat on the page. `model`: a function that gives the name to ask for. */
export class Chat {
  #model;
  #turns = []; // {role, content}
  #running = null; // the AbortController of the answer that is being written
  #log = find("log");
  #question = find("question");

  constructor(model) {
    this.#model = model;
    find("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#question.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#stop();
    });
    find("stop").addEventListener("click", () => this.#stop());
    find("regenerate").addEventListener("click", () => this.#regenerate());
    find("clear").addEventListener("click", () => this.#clear());
  }

  /** Let people ask, or not where the model only embeds. */
  allow(isAllowed) {
    if (this.#question.disabled === !isAllowed) return;
    this.#question.disabled = find("send").disabled = !isAllowed;
    this.#question.placeholder = isAllowed ? "Ask something" : "This model only makes embeddings: it can't write text";
  }

  #send() {
    const content = this.#question.value.trim();
    if (!content || this.#running) return;
    this.#question.value = "";
    this.#turns.push({ role: "user", content });
    if (this.#turns.length === 1) this.#log.replaceChildren();
    this.#log.append(make("article", { class: "user", "aria-label": "You" }, make("p", {}, content)));
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#answer();
  }

  #regenerate() {
    if (this.#running) return;
    if (this.#turns.at(-1)?.role === "assistant") this.#turns.pop();
    if (this.#log.lastElementChild?.className === "assistant") this.#log.lastElementChild.remove();
    this.#answer();
  }

  #clear() {
    this.#stop();
    this.#turns = [];
    this.#log.replaceChildren(make("p", { class: "empty" }, "Cleared."));
    this.#showButtons();
    this.#question.focus();
  }

  #stop() {
    this.#running?.abort();
  }

  async #answer() {
    const running = new AbortController();
    const turns = this.#turns;
    const answer = new Answer(this.#log);
    this.#running = running;
    this.#showButtons();
    try {
      const body = { model: this.#model(), messages: turns, stream: true, stream_options: { include_usage: true } };
      for await (const event of readEvents(await openChat(body, running.signal))) answer.take(event);
      answer.end(answer.isWhole ? null : "The answer broke off: the endpoint went away.");
    } catch (error) {
      if (running.signal.aborted) answer.end("Stopped.");
      else answer.end(error instanceof TypeError ? "The endpoint can't be reached." : error.message, true);
    }
    if (answer.content) turns.push({ role: "assistant", content: answer.content });
    this.#running = null;
    this.#showButtons();
  }

  #showButtons() {
    const isRunning = this.#running !== null;
    const hadFocus = document.activeElement === find(isRunning ? "send" : "stop");
    find("send").hidden = isRunning;
    find("stop").hidden = !isRunning;
    if (hadFocus) find(isRunning ? "stop" : "send").focus();
    this.#log.setAttribute("aria-busy", String(isRunning));
    find("regenerate").disabled = isRunning || this.#turns.length === 0;
    find("clear").disabled = this.#turns.length === 0;
  }
}

/** An answer that grows on the page; drawn once a frame, however many events come. */
class Answer {
  content = "";
  isWhole = false;
  #reasoning = "";
  #reason = null;
  #usage = null;
  #firstAt = 0;
  #lastAt = 0;
  #isDue = false;
  #log;
  #thoughts = make("details", { class: "reasoning", hidden: "" }, make("summary", {}, "Reasoning"), make("p", {}));
  #text = make("div", {}, make("p", { class: "waiting" }, "…"));
  #foot = make("p", { class: "foot" }, "\u00a0");

  constructor(log) {
    this.#log = log;
    log.append(make("article", { class: "assistant", "aria-label": "Answer" }, this.#thoughts, this.#text, this.#foot));
    log.scrollTop = log.scrollHeight;
  }

  /** A chunk of the stream. Throws Error with what went wrong, in the endpoint's words. */
  take(event) {
    if (event.error) throw new Error(event.error.message);
    if (event.usage) this.#usage = event.usage;
    const choice = event.choices[0];
    if (!choice) return;
    const { content = "", reasoning_content: reasoning = "" } = choice.delta;
    if (content || reasoning) {
      this.#lastAt = performance.now();
      this.#firstAt ||= this.#lastAt;
    }
    this.content += content ?? "";
    this.#reasoning += reasoning ?? "";
    this.#reason = choice.finish_reason ?? this.#reason;
    this.isWhole = this.#reason !== null;
    if (!this.#isDue) requestAnimationFrame(() => this.#draw());
    this.#isDue = true;
  }

  /** No more comes. `note`: what is to be said of that; `isError`: aloud. */
  end(note, isError = false) {
    this.#draw();
    const facts = [note, ...this.#tellFigures()].filter(Boolean);
    this.#foot.textContent = facts.join(" · ") || "\u00a0";
    this.#foot.classList.toggle("error", isError);
    if (!this.content && !this.#reasoning) this.#text.replaceChildren();
    announce(isError ? note : `${note ?? "The answer is complete."} ${this.content}`.slice(0, 500));
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #tellFigures() {
    const facts = [];
    if (this.#reason === "length") facts.push("cut off: there was no room for more");
    if (!this.#usage) return facts;
    const { completion_tokens: tokens, prompt_tokens: prompt, prompt_tokens_details: details } = this.#usage;
    const seconds = (this.#lastAt - this.#firstAt) / 1000;
    facts.push(words.several(tokens, "token"));
    if (tokens > 1 && seconds > 0) facts.push(`${words.rate((tokens - 1) / seconds)} tokens/s`);
    facts.push(`${words.count(details.cached_tokens)} of ${words.count(prompt)} prompt tokens reused`);
    return facts;
  }

  #draw() {
    this.#isDue = false;
    const log = this.#log;
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    this.#thoughts.hidden = !this.#reasoning;
    this.#thoughts.lastElementChild.textContent = this.#reasoning;
    if (this.content) this.#text.replaceChildren(...renderProse(this.content));
    if (follows) log.scrollTop = log.scrollHeight;
  }
}
