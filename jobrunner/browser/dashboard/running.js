/**
 * Running now: the jobs that have run longest, each patched in place; one that ends stays a moment, so that its end is seen.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 */

import { onTick } from "../clock.js";
import { element, Rows, setText } from "../element.js";
import { card, component, link } from "./controls.js";
import { notTooOften, oncePerFrame } from "./pace.js";
import { counted } from "./phrases.js";
import { href, searchHref } from "./places.js";

const SHOWN = 8;
const LINGER_MS = 4_000;

export class Running {
  #client;
  #list = element("ul", { class: "running" });
  #none = element("p", { class: "muted" }, "No job is running.");
  #more = link(searchHref("status:processing"), "", { hidden: true });
  #rows;
  #draw = oncePerFrame(() => this.#redraw());
  // Mutable: the jobs shown or about to be, by id, and when those that ended did.
  #jobs = /** @type {Map<string, Job>} */ (new Map());
  #ended = /** @type {Map<string, number>} */ (new Map());

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#rows = new Rows(
      this.#list,
      (/** @type {Job} */ job) => job.job_id,
      () => new RunningRow(),
    );
    this.element = card("Running now", this.#list, this.#none, this.#more);
    this.refresh = notTooOften(2_000, () => this.#refresh());
    client.jobs.addEventListener("change", (event) => this.#take(/** @type {any} */ (event).job));
    onTick(() => this.#forget());
  }

  async #refresh() {
    const { jobs } = await this.#client.list({ status: "processing", sort: "created_at", limit: 50 });
    const running = new Set(jobs.map((job) => job.job_id));
    for (const [id, job] of this.#jobs) if (job.status === "processing" && !running.has(id)) this.#jobs.delete(id); // it ended unseen
    for (const job of jobs) this.#jobs.set(job.job_id, this.#client.jobs.get(job.job_id) ?? job);
    this.#draw();
  }

  /** @param {Job} job */
  #take(job) {
    const known = this.#jobs.has(job.job_id);
    if (!known && job.status !== "processing") return;
    this.#jobs.set(job.job_id, job);
    if (job.status === "processing") this.#ended.delete(job.job_id);
    else if (!this.#ended.has(job.job_id)) this.#ended.set(job.job_id, Date.now());
    this.#draw();
  }

  #forget() {
    for (const [id, at] of this.#ended) {
      if (Date.now() - at < LINGER_MS || this.#rows.find(id)?.contains(document.activeElement)) continue;
      this.#ended.delete(id);
      this.#jobs.delete(id);
      this.#draw();
    }
  }

  #redraw() {
    const all = [...this.#jobs.values()].sort((a, b) => order(a).localeCompare(order(b)));
    const shown = all.filter((job) => job.status === "processing" || this.#rows.find(job.job_id)).slice(0, SHOWN);
    for (const job of all) if (job.status !== "processing" && !shown.includes(job)) this.#jobs.delete(job.job_id);
    this.#rows.update(shown);
    this.#none.hidden = shown.length > 0;
    const more =
      all.filter((job) => job.status === "processing").length -
      shown.filter((job) => job.status === "processing").length;
    setText(this.#more, more > 0 ? `${counted(more, "more job runs", "more jobs run")}` : "");
  }
}

/** @param {Job} job */
function order(job) {
  return (job.started_at ?? job.created_at) + job.job_id;
}

class RunningRow {
  #status = component("job-status", { href: `${href("jobs/")}{job_id}` });
  element = element("li", { "data-row": true }, this.#status);

  /** @param {Job} job */
  update(job) {
    this.#status.job = job;
  }
}
