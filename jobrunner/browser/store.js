/**
 * The jobs this page knows, each in the newest state it has heard of. States only move forward, whatever brought them.
 * Never asks the server and never touches the page.
 *
 * @import { Job } from "./wire.js"
 */

const KEPT = 500; // the newest; more would be memory for nothing

/** A job is new or has changed. */
export class JobChanged extends Event {
  /** @param {Job} job @param {Job | undefined} before */
  constructor(job, before) {
    super("change");
    this.job = job;
    this.before = before;
  }
}

/** @param {string} cursor @returns {[epoch: string, number: number]} */
function parse(cursor) {
  const dash = cursor.lastIndexOf("-");
  return [cursor.slice(0, dash), Number(cursor.slice(dash + 1))];
}

/**
 * Say whether a state may follow the known one; at the same number only the stream knows more: progress.
 *
 * @param {Job} job
 * @param {Job} known
 * @param {boolean} live
 */
function follows(job, known, live) {
  const [epoch, number] = parse(job.cursor);
  const [knownEpoch, knownNumber] = parse(known.cursor);
  return epoch !== knownEpoch || number > knownNumber || (number === knownNumber && live);
}

/** @param {Job} a @param {Job} b */
function newestFirst(a, b) {
  return b.created_at.localeCompare(a.created_at) || b.job_id.localeCompare(a.job_id);
}

export class JobStore extends EventTarget {
  /** @type {Map<string, Job>} */
  #jobs = new Map();
  /** Not heard of since `doubt`. @type {Set<string>} */
  #doubted = new Set();

  /** Be the newest jobs, the newest first. @param {number} limit */
  newest(limit) {
    return [...this.#jobs.values()].sort(newestFirst).slice(0, limit);
  }

  /** Take a state, unless a newer one is known. @param {Job} job @param {{ live?: boolean }} [from] */
  put(job, { live = false } = {}) {
    const before = this.#jobs.get(job.job_id);
    this.#doubted.delete(job.job_id);
    if (before && !follows(job, before, live)) return;
    this.#jobs.set(job.job_id, job);
    if (this.#jobs.size > 2 * KEPT) this.#jobs = new Map(this.newest(KEPT).map((kept) => [kept.job_id, kept]));
    this.dispatchEvent(new JobChanged(job, before));
  }

  /** Begin a snapshot: what is not put from now until `forget` may be gone. */
  doubt() {
    this.#doubted = new Set(this.#jobs.keys());
  }

  /** End a snapshot: drop what it did not name. */
  forget() {
    for (const id of this.#doubted) this.#jobs.delete(id);
    this.#doubted.clear();
    this.dispatchEvent(new Event("load"));
  }
}
