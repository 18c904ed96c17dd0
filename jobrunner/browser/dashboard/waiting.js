/**
 * Waiting: who is next, when that will be, and why not yet.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 */

import { onTick } from "../clock.js";
import { element, Rows, setAttribute, setText } from "../element.js";
import { stepWords, timeLeft, titleOf } from "../words.js";
import { JobButton } from "./job-button.js";
import { card, link } from "./controls.js";
import { notTooOften } from "./pace.js";
import { count, kind } from "./phrases.js";
import { jobHref, searchHref } from "./places.js";

const SHOWN = 6;

export class Waiting {
  #client;
  #list = element("ol", { class: "lines" });
  #none = element("p", { class: "muted" }, "No job is waiting.");
  #more = link(searchHref("status:queued"), "", { hidden: true });
  #rows;
  #jobs = /** @type {Job[]} */ ([]);

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#rows = new Rows(
      this.#list,
      (/** @type {Job} */ job) => job.job_id,
      () => new WaitingRow(client),
    );
    this.element = card("Waiting", this.#list, this.#none, this.#more);
    this.refresh = notTooOften(2_000, () => this.#refresh());
    onTick(() => this.#rows.update(this.#jobs));
  }

  /** When the first of them is expected to start; null while nobody can say. */
  get nextStart() {
    const free = this.#jobs.filter((job) => job.waiting_for !== "dependency"); // nobody knows when the other job ends
    const starts = free.map((job) => job.estimated_start);
    return starts.includes(null) ? null : (starts.sort()[0] ?? null);
  }

  async #refresh() {
    const { jobs, total } = await this.#client.list({ status: "queued", sort: "created_at", page: 1, page_size: 50 });
    const first = jobs.sort((a, b) => turn(a) - turn(b)).slice(0, SHOWN); // the sort is stable: the oldest of equals
    const placed = first.map((job) =>
      job.waiting_for === "worker" ? this.#client.get(job.job_id).catch(() => job) : job,
    );
    this.#jobs = (await Promise.all(placed)).filter((job) => job.status === "queued").sort((a, b) => turn(a) - turn(b));
    this.#rows.update(this.#jobs);
    this.#none.hidden = jobs.length > 0;
    const more = (total ?? jobs.length) - this.#jobs.length;
    setText(this.#more, more > 0 ? `${count(more)} more wait` : "");
  }
}

/** Who waits for a worker comes by its place, or by priority while that is not known; then who waits for a time. @param {Job} job */
function turn(job) {
  if (job.queue_position !== null) return job.queue_position - 1e6;
  return job.waiting_for === "worker" ? -job.priority : Date.parse(job.run_at ?? job.created_at);
}

class WaitingRow {
  #title = element("a", { class: "title", "data-open": true });
  #facts = element("p", { class: "muted" });
  #cancel;

  /** @param {Client} client */
  constructor(client) {
    this.#cancel = new JobButton(client, "cancel");
    this.element = element(
      "li",
      { "data-row": true, "data-status": "queued" },
      element("div", {}, this.#title, this.#facts),
      this.#cancel.element,
    );
  }

  /** @param {Job} job */
  update(job) {
    setText(this.#title, titleOf(job));
    setAttribute(this.#title, "href", jobHref(job));
    const start = document.documentElement.dataset.live === "no" ? "" : timeLeft(job);
    setText(this.#facts, [kind(job), stepWords(job), start].filter(Boolean).join(" · "));
    this.#cancel.show(job);
  }
}
