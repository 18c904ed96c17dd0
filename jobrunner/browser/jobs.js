/**
 * The list of jobs, newest first, redrawn at most once a frame from the store.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { JobStore } from "./store.js"
 * @import { Job } from "./wire.js"
 */

import { JobCard } from "./card.js";
import { Rows } from "./element.js";

const SHOWN = 50;

export class JobList {
  #store;
  #rows;
  #frame = 0;

  /** @param {Client} client @param {JobStore} store @param {HTMLElement} parent @param {(words: string) => void} say */
  constructor(client, store, parent, say) {
    const learned = (/** @type {Job} */ job) => store.put(job);
    this.#store = store;
    this.#rows = new Rows(
      parent,
      (/** @type {Job} */ job) => job.job_id,
      () => new JobCard(client, learned, say),
    );
    for (const type of ["change", "load"]) store.addEventListener(type, () => this.#redrawSoon());
  }

  /** Bring a job into view. @param {string} jobId */
  reveal(jobId) {
    this.#redraw();
    this.#rows.find(jobId)?.scrollIntoView({ block: "nearest" });
  }

  #redrawSoon() {
    this.#frame ||= requestAnimationFrame(() => this.#redraw());
  }

  #redraw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#rows.update(this.#store.newest(SHOWN));
  }
}
