/**
 * What the components of one job share: it comes by `job-id`, and is then watched, or by `.job`, and is then only shown.
 * Tells the page what changes, and speaks of it.
 *
 * @import { Job } from "./wire.js"
 */

import { announceJob } from "./announcer.js";
import { onTick } from "./clock.js";
import { JobsElement, reflect } from "./jobs-element.js";
import { say } from "./messages.js";

export class JobElement extends JobsElement {
  static observedAttributes = ["job-id"];

  // Mutable: the job as last heard, when that was, whether the page gave it, and why there is none.
  #job = /** @type {Job | null} */ (null);
  #given = false;
  heardAt = 0;
  missing = "";

  get job() {
    return this.#job;
  }

  /** Show this state and watch nothing; null: watch `job-id` again. @param {Job | null} job */
  set job(job) {
    const same = job === this.#job;
    const begin = this.#given !== (job !== null);
    this.#given = job !== null;
    this.#job = job;
    if (!same) this.heardAt = Date.now();
    if (begin) this.restart();
    if (!same) this.redraw();
  }

  get jobId() {
    return this.#given ? (this.#job?.job_id ?? null) : this.getAttribute("job-id");
  }

  set jobId(id) {
    if (id === null) this.removeAttribute("job-id");
    else this.setAttribute("job-id", id);
  }

  start() {
    const id = this.jobId;
    this.keep(onTick(() => this.#job?.completed_at === null && this.redraw()));
    this.listen(this.client.connection, "change", () => this.redraw());
    if (this.#given) return;
    if (this.#job?.job_id !== id) this.#job = null;
    this.missing = "";
    if (!id) return;
    const snapshot = (/** @type {{ missing?: string[] }} */ { missing }) =>
      missing?.includes(id) && this.#miss(say("missing"));
    const failed = (/** @type {Error} */ problem) => this.#miss(problem.message);
    this.keep(this.client.watch(id, { job: (job) => this.take(job), snapshot, failed }));
  }

  /** Take a newer state, as from an answer to what a person asked for. @param {Job} job */
  take(job) {
    const before = this.#job;
    if (job === before) return;
    this.#job = job;
    this.missing = "";
    this.heardAt = Date.now();
    this.redraw();
    if (this.#given) return;
    tellOf(this, job, before);
    if (!this.hasAttribute("quiet")) announceJob(job, before);
  }

  /** What was shown stays. @param {string} why */
  #miss(why) {
    this.missing = why;
    this.redraw();
  }
}

/**
 * Tell the page of a change: always that there is one, and once that the job has ended; `before` is null if it had ended
 * when it was first seen.
 *
 * @param {JobsElement} node
 * @param {Job} job
 * @param {Job | null | undefined} before
 */
export function tellOf(node, job, before) {
  node.tell("job-changed", { job, before: before ?? null });
  if (before?.status !== job.status && job.completed_at !== null) node.tell(`job-${job.status}`, { job, before });
}

reflect(JobElement, ["job-id", "quiet", "variant", "href", "actions", "label", "heading-level", "name"]);
