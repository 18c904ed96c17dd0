/**
 * One who watches some jobs: knows what was told. Asks nobody.
 *
 * @import { Counts, Filter, Job, Snapshot } from "./wire.js"
 * @import { JobStore } from "./store.js"
 *
 * @typedef {{ jobs: Job[], counts: Counts | null, missing: string[], more: boolean, reset: boolean }} Beginning  what
 *   is named, or has not ended; after a `reset` nothing that was told before counts
 *
 * @typedef {object} Observer
 * @property {(job: Job, before?: Job) => void} [job]  each state, and the one before: what is known at once, for a filter
 *   with `snapshot` only after that
 * @property {(beginning: Beginning) => void} [snapshot]
 * @property {(job: Job) => void} [ended]
 * @property {(problem: Error) => void} [failed]  this may not, or cannot, be watched
 */

import { isFinished } from "./job.js";

export class Watcher {
  // Mutable: whether its beginning is asked for, whether it has come, and which of its ids have ended or are missing.
  asked = false;
  filled = false;
  #begun = false;
  #done = new Set();

  /** @param {string[] | Filter} target  ids or a filter @param {Observer} observer */
  constructor(target, observer) {
    this.ids = Array.isArray(target) ? target : null;
    this.filter = plain(Array.isArray(target) ? {} : target);
    this.name = JSON.stringify(this.filter);
    this.observer = observer;
  }

  /** What something may still come of: ids, or the filter as text. */
  get open() {
    return this.ids?.filter((id) => !this.#done.has(id)) ?? [this.name];
  }

  /** Tell what is known. @param {JobStore} store */
  greet(store) {
    const known = this.ids?.map((id) => store.get(id)) ?? store.newest().reverse();
    for (const job of known) if (job) this.hear(job, job);
  }

  /** @param {Job} job @param {Job | undefined} before */
  hear(job, before) {
    if (!this.matches(job)) return;
    const id = job.job_id;
    const ends = isFinished(job) && !(this.ids ? this.#done.has(id) : before && isFinished(before));
    if (ends && this.ids) this.#done.add(id);
    else if (!isFinished(job)) this.#done.delete(id);
    if (!this.ids && !this.#begun && this.observer.snapshot) return;
    this.observer.job?.(job, before);
    if (ends) this.observer.ended?.(job);
  }

  /**
   * Tell what there is to begin with; its jobs are in the store.
   *
   * @param {Omit<Snapshot, "cursor">} page @param {JobStore} store
   */
  begin({ jobs, counts, missing = [], more }, store) {
    const own = jobs.map((job) => store.get(job.job_id) ?? job).filter((job) => this.matches(job));
    const gone = this.ids?.filter((id) => missing.includes(id)) ?? [];
    for (const id of gone) this.#done.add(id);
    const reset = this.#begun;
    this.filled = this.#begun = true;
    this.observer.snapshot?.({ jobs: own, counts: counts ?? null, missing: gone, more, reset });
  }

  /** @param {Job} job */
  matches(job) {
    if (this.ids) return this.ids.includes(job.job_id);
    const all = /** @type {{ [name: string]: any }} */ ({ ...job, tag: job.tags });
    const has = (/** @type {string} */ name) => [all[name]].flat();
    return Object.entries(this.filter).every(([name, wanted]) => has(name).some((value) => wanted.includes(value)));
  }
}

/**
 * Be the same for the same filter: all in order, nothing empty.
 *
 * @param {Filter} filter
 * @returns {{ [name: string]: string[] }}
 */
function plain(filter) {
  const members = Object.entries(filter).map(([name, value]) => [name, [value ?? []].flat().sort()]);
  return Object.fromEntries(members.filter(([, values]) => values.length > 0).sort());
}
