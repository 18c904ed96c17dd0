/**
 * What changes, as one resource: a page of it, or a stream. Keeps nothing.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter, Snapshot } from "./wire.js"
 */

import { accepted, JobrunnerError } from "./problem.js";

const STREAM = "text/event-stream";
const ANSWER_MS = 10_000;
const MOST_IDS = 1_000; // that a filter can name
const MOST_IN_ADDRESS = 20;

export class Changes {
  #caller;

  /** @param {Caller} caller */
  constructor(caller) {
    this.#caller = caller;
  }

  /** @param {Filter[]} any @param {AbortSignal} signal @param {string} [after] @returns {Promise<Snapshot>} */
  page(any, signal, after) {
    return patient(signal, async (signal) => (await this.#ask(any, "application/json", signal, after)).json());
  }

  /** @param {Filter[]} any @param {AbortSignal} signal @param {string} [after] */
  async stream(any, signal, after) {
    const { body } = await this.#ask(any, STREAM, signal, after);
    return /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  }

  /** @param {Filter[]} any @param {string} accept @param {AbortSignal} signal @param {string} [after] */
  async #ask(any, accept, signal, after) {
    const plain = any.length === 1 && Object.values(any[0]).flat().length <= MOST_IN_ADDRESS;
    const headers = { Accept: `${accept}, application/problem+json`, ...(after && { "Last-Event-ID": after }) };
    const id = accept === STREAM && only(any);
    const url = id ? this.#caller.url(`jobs/${id}/events`) : this.#caller.url("events", plain ? any[0] : {});
    const typed = { ...headers, "Content-Type": "application/json" };
    const sent = plain ? { headers } : { method: "POST", headers: typed, body: JSON.stringify({ any }) };
    return accepted(await this.#caller.fetch(url, { ...sent, signal, cache: "no-store" }));
  }
}

/** The one job that is named: its own stream tells its place in the queue, too. @param {Filter[]} any */
function only([first, ...others]) {
  const ids = [first.job_id ?? []].flat();
  return others.length === 0 && ids.length === 1 && Object.keys(first).length === 1 ? ids[0] : null;
}

/**
 * Wait for an answer, but not for ever.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<T>} ask
 */
export async function patient(signal, ask) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new JobrunnerError(0, "The server does not answer.")), ANSWER_MS);
  try {
    return await ask(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** Order cursors by age. @param {string} a @param {string} b */
export function byNumber(a, b) {
  const number = (/** @type {string} */ cursor) => Number(cursor.slice(cursor.lastIndexOf("-") + 1));
  return number(a) - number(b);
}

/** Be a union of ids, and of filters as text. @param {Iterable<string>} names @returns {Filter[]} */
export function filtersOf(names) {
  const all = [...names];
  const ids = all.filter((name) => !name.startsWith("{"));
  const filters = all.filter((name) => name.startsWith("{")).map((name) => JSON.parse(name));
  for (let at = 0; at < ids.length; at += MOST_IDS) filters.push({ job_id: ids.slice(at, at + MOST_IDS) });
  return filters;
}
