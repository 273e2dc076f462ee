// When to ask: each second while somebody looks, never while nobody does, less and less often while nobody answers.

const USUAL_MS = 1000;
const LONGEST_MS = 8000;

/** Calls `ask` again and again. It throws when nobody answered; then `onGone` is told. */
export class Poller {
  #ask;
  #onGone;
  #timer = 0;
  #wait = USUAL_MS;
  #isAsking = false;
  #isWanted = false;

  constructor(ask, onGone) {
    this.#ask = ask;
    this.#onGone = onGone;
  }

  /** Begin, and follow the page's visibility from now on. */
  start() {
    document.addEventListener("visibilitychange", () => this.now());
    addEventListener("online", () => this.now());
    this.now();
  }

  /** Ask at once, if the page is to be seen. */
  now() {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    if (this.#isAsking) this.#isWanted = true;
    else this.#run();
  }

  async #run() {
    this.#isAsking = true;
    try {
      await this.#ask();
      this.#wait = USUAL_MS;
    } catch (error) {
      this.#onGone(error);
      this.#wait = Math.min(2 * this.#wait, LONGEST_MS);
    }
    this.#isAsking = false;
    clearTimeout(this.#timer);
    if (document.hidden) return;
    this.#timer = setTimeout(() => this.#run(), this.#isWanted ? 0 : this.#wait);
    this.#isWanted = false;
  }
}
