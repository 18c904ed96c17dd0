/**
 * The jobs this page knows, each in the newest state it has heard of. States only move forward, whatever brought them.
 * Never asks the server and never touches the page.
 *
 * @import { Job } from "./wire.js"
 */

const KEPT = 1_000; // of which nothing was heard for longest go first

/** A job is new or has changed. */
export class JobChanged extends Event {
  /** @param {Job} job @param {Job | undefined} before */
  constructor(job, before) {
    super("change");
    this.job = job;
    this.before = before;
  }
}

/** @param {Job} job @returns {[epoch: string, number: number]} */
function place({ cursor }) {
  const dash = cursor.lastIndexOf("-");
  return [cursor.slice(0, dash), Number(cursor.slice(dash + 1))];
}

/**
 * Say whether a state may follow the known one; at the same number only what is `live` knows more: progress.
 *
 * @param {Job} job @param {Job} known @param {boolean} live
 */
function follows(job, known, live) {
  const [epoch, number] = place(job);
  const [knownEpoch, knownNumber] = place(known);
  return epoch !== knownEpoch || number > knownNumber || (number === knownNumber && live);
}

export class JobStore extends EventTarget {
  /** @type {Map<string, Job>} */
  #jobs = new Map(); // by when they were last heard of

  /** @param {string} id */
  get(id) {
    return this.#jobs.get(id);
  }

  /** Be the newest jobs, the newest first. @param {number} [limit] */
  newest(limit) {
    const later = (/** @type {Job} */ a, /** @type {Job} */ b) =>
      b.created_at.localeCompare(a.created_at) || b.job_id.localeCompare(a.job_id);
    return [...this.#jobs.values()].sort(later).slice(0, limit);
  }

  /** Take a state, unless a newer one is known. @param {Job} job @param {{ live?: boolean }} [from] */
  put(job, { live = false } = {}) {
    const id = job.job_id;
    const before = this.#jobs.get(id);
    if (before && !follows(job, before, live)) return;
    this.#jobs.delete(id);
    this.#jobs.set(id, job);
    if (this.#jobs.size > KEPT) this.#jobs.delete(/** @type {string} */ (this.#jobs.keys().next().value));
    this.dispatchEvent(new JobChanged(job, before));
  }
}
