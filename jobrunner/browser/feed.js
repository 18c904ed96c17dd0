/**
 * One event stream kept open: connects, resumes where it was, waits and tries again. It hands on what it hears and says
 * how it stands; it keeps no job and never gives up, except where the server says that one may not look (401, 403).
 *
 * @import { Job, Snapshot } from "./wire.js"
 * @import { StreamEvent } from "./sse.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { accepted, JobrunnerError } from "./problem.js";
import { EventParser } from "./sse.js";

/** The server speaks every 15 s: after this long a silent connection is no connection. */
export const SILENCE_MS = 40_000;
const FIRST_BYTE_MS = 10_000;

/**
 * @typedef {object} FeedState
 * @property {"connecting" | "live" | "waiting" | "paused" | "stopped"} state
 * @property {Date | null} heardAt  when the server was last heard
 * @property {number | null} retryAt  when the next try is, in `Date.now()` time
 * @property {Error | null} problem  why it is not live
 *
 * @typedef {object} Observer
 * @property {(snapshot: Snapshot) => void} snapshot  what is known from here on; nothing before it counts
 * @property {(job: Job) => void} job  one job as it is now
 * @property {(state: FeedState) => void} state
 */

export class Feed {
  #url;
  #fetch;
  #observer;
  // Mutable: the life between two pauses, the nap between two tries, the place to resume at, and what was last said.
  #life = new AbortController();
  #nap = new AbortController();
  #cursor = /** @type {string | null} */ (null);
  #heardAt = /** @type {Date | null} */ (null);
  #retryMs = /** @type {number | null} */ (null);

  /** @param {URL} url @param {Observer} observer @param {typeof globalThis.fetch} fetch */
  constructor(url, observer, fetch) {
    this.#url = url;
    this.#observer = observer;
    this.#fetch = fetch;
    this.#life.abort();
  }

  /** Start, or go on after `pause`, from the last cursor. */
  open() {
    if (!this.#life.signal.aborted) return;
    this.#life = new AbortController();
    void this.#live(this.#life.signal);
  }

  /** Let the connection go, keep the place. */
  pause() {
    this.#life.abort();
    this.#tell("paused");
  }

  /** Try at once if it is waiting to try again. */
  wake() {
    this.#nap.abort();
  }

  /** @param {AbortSignal} life */
  async #live(life) {
    for (let failures = 0; !life.aborted; failures += 1) {
      const heardBefore = this.#heardAt;
      const problem = await this.#follow(life).catch((error) => /** @type {Error} */ (error));
      if (life.aborted) return;
      if (problem instanceof JobrunnerError && [401, 403].includes(problem.status)) return this.#stop(problem);
      if (this.#heardAt !== heardBefore) failures = 0;
      await this.#rest(failures, problem ?? null, life);
    }
  }

  /** @param {Error} problem */
  #stop(problem) {
    this.#life.abort();
    this.#tell("stopped", { problem });
  }

  /** @param {number} failures @param {Error | null} problem @param {AbortSignal} life */
  async #rest(failures, problem, life) {
    const asked = problem instanceof JobrunnerError ? problem.retryAfterMs : null;
    const ms = backoffMs(failures, { firstMs: this.#retryMs ?? undefined, askedMs: asked });
    this.#nap = new AbortController();
    this.#tell("waiting", { problem, retryAt: Date.now() + ms });
    await sleep(ms, AbortSignal.any([life, this.#nap.signal])).catch(() => undefined);
  }

  /** Hold one connection to its end; a silent one is ended. @param {AbortSignal} life */
  async #follow(life) {
    const silence = new AbortController();
    const listenFor = (/** @type {number} */ ms) => setTimeout(() => silence.abort(new Error("silent")), ms);
    let timer = listenFor(FIRST_BYTE_MS);
    try {
      this.#tell("connecting");
      const reader = await this.#connect(AbortSignal.any([life, silence.signal]));
      const parser = new EventParser();
      for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
        clearTimeout(timer);
        timer = listenFor(SILENCE_MS);
        this.#hear(parser, value);
      }
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  /** @param {AbortSignal} signal */
  async #connect(signal) {
    const headers = { Accept: "text/event-stream", ...(this.#cursor !== null && { "Last-Event-ID": this.#cursor }) };
    const response = await accepted(await this.#fetch(this.#url, { headers, signal, cache: "no-store" }));
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream");
    if (!isStream || response.body === null) throw new Error("The answer is no event stream.");
    return response.body.getReader();
  }

  /** @param {EventParser} parser @param {Uint8Array} bytes */
  #hear(parser, bytes) {
    this.#heardAt = new Date();
    this.#tell("live");
    for (const event of parser.push(bytes)) this.#take(event);
    this.#retryMs = parser.retryMs ?? this.#retryMs;
  }

  /** The place moves on only when what stands before it has been handed on. @param {StreamEvent} event */
  #take({ type, data, id }) {
    const begins = type === "snapshot" || type === "reset";
    const said = begins || type === "job" ? JSON.parse(data) : null;
    if (begins) this.#observer.snapshot(said);
    else if (said !== null) this.#observer.job(said);
    this.#cursor = (begins ? said.cursor : id) ?? this.#cursor;
  }

  /** @param {FeedState["state"]} state @param {{ problem?: Error | null, retryAt?: number | null }} [why] */
  #tell(state, { problem = null, retryAt = null } = {}) {
    this.#observer.state({ state, heardAt: this.#heardAt, retryAt, problem });
  }
}
