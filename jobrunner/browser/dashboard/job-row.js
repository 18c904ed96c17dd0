/**
 * One job in the table of the history: made once, patched with each state.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 */

import { element, setAttribute, setText } from "../element.js";
import { icon, reshape } from "../icons.js";
import { duration, elapsed, moment, percentWords, statusWord, stepWords, timeLeft, titleOf } from "../words.js";
import { button } from "./controls.js";
import { JobButton } from "./job-button.js";
import { between, brief, kind } from "./phrases.js";
import { jobHref } from "./places.js";

export class JobRow {
  #check = element("input", { type: "checkbox" });
  #title = element("a", { class: "title", "data-open": true });
  #type = element("span", { class: "muted" });
  #icon = icon("queued");
  #word = element("span");
  #now = element("span");
  #fill = element("i");
  #bar = element("span", { class: "thin", "aria-hidden": "true" }, this.#fill);
  #left = element("span", { class: "muted left" });
  #why;
  #created = element("time", {});
  #took = element("span");
  #cancel;
  #retry;
  #job = /** @type {Job | null} */ (null);

  /**
   * @param {Client} client
   * @param {(job: Job, on: boolean, range: boolean) => void} choose
   * @param {(job: Job) => void} unfold  why it failed
   */
  constructor(client, choose, unfold) {
    const why = () => this.#job && unfold(this.#job);
    this.#why = button("Why", why, { class: "quiet", "data-key": "e", "aria-expanded": "false" });
    this.#cancel = new JobButton(client, "cancel");
    this.#retry = new JobButton(client, "retry");
    this.#check.addEventListener(
      "click",
      (event) => this.#job && choose(this.#job, this.#check.checked, event.shiftKey),
    );
    const badge = element("span", { class: "badge" }, this.#icon, this.#word);
    const cell = (/** @type {string} */ name, /** @type {(Node | string)[]} */ ...children) =>
      element("td", { role: "cell", class: `cell-${name}` }, ...children);
    this.element = element(
      "tr",
      { role: "row", "data-row": true },
      cell("check", element("label", { class: "check" }, this.#check)),
      cell("job", this.#title, this.#type),
      cell("status", badge),
      cell("progress", element("div", { class: "doing" }, this.#now, this.#left, this.#why, this.#bar)),
      cell("created", this.#created),
      cell("took", this.#took),
      cell("actions", this.#cancel.element, this.#retry.element),
    );
  }

  /** @param {boolean} on */
  choose(on) {
    this.#check.checked = on;
    setAttribute(this.element, "aria-selected", on ? "true" : null);
  }

  /** @param {boolean} open */
  unfold(open) {
    setAttribute(this.#why, "aria-expanded", open ? "true" : "false");
  }

  /** What goes on by itself. */
  tick() {
    if (this.#job?.status === "processing") this.#showTimes(this.#job);
  }

  /** @param {Job} job */
  update(job) {
    if (job === this.#job) return;
    this.#job = job;
    setAttribute(this.element, "data-status", job.status);
    reshape(this.#icon, job.status);
    setText(this.#title, titleOf(job));
    setAttribute(this.#title, "href", jobHref(job));
    setAttribute(this.#check, "aria-label", `Select ${titleOf(job)}`);
    setText(this.#type, kind(job));
    setText(this.#word, statusWord(job));
    setText(this.#created, moment(job.created_at));
    setAttribute(this.#created, "datetime", job.created_at);
    this.#why.hidden = job.status !== "failed";
    setAttribute(this.#why, "aria-label", `Why ${titleOf(job)} failed`);
    this.#showTimes(job);
    this.#showProgress(job);
    this.#cancel.show(job);
    this.#retry.show(job);
  }

  /** @param {Job} job */
  #showProgress(job) {
    const { percentage } = job.progress_data;
    const parts = job.parts_total > 0 ? `${job.parts_completed} of ${job.parts_total} parts` : "";
    const failed = job.status === "failed" && job.error_data ? `${job.error_data.code}: ${job.error_data.message}` : "";
    setText(this.#now, failed || [percentWords(job), stepWords(job) || parts].filter(Boolean).join(" · "));
    setAttribute(this.#now, "title", failed || null);
    this.#bar.hidden = job.status !== "processing" || percentage === null;
    this.#fill.style.inlineSize = `${Math.min(Math.max(percentage ?? 0, 0), 100)}%`;
  }

  /** @param {Job} job */
  #showTimes(job) {
    const runs = job.status === "processing";
    const ran = runs ? duration(Math.max(Math.floor(elapsed(job)), 1)) : brief(between(job.started_at, job.completed_at));
    setText(this.#took, ran);
    setText(this.#left, job.waiting_for === "time" ? "" : timeLeft(job)); // the time is said already
  }
}
