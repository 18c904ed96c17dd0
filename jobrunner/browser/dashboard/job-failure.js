/**
 * Why a job failed: the message first, what it says beside it, folded the traceback, which only an operator is sent.
 *
 * @import { Attempt, Job } from "../wire.js"
 */

import { element, setText } from "../element.js";
import { moment } from "../words.js";
import { Tree } from "./tree.js";

export class JobFailure {
  #code = element("strong");
  #message = element("p");
  #hint = element("small");
  #trace = element("pre", { tabindex: 0, role: "group", "aria-label": "Traceback" });
  #traceFold = element("details", { hidden: true }, element("summary", {}, "Traceback"), this.#trace);
  #details = new Tree();
  #detailsFold = element("details", { hidden: true }, element("summary", {}, "Details"), this.#details.element);
  element = element(
    "section",
    { class: "failure", hidden: true, "aria-label": "Error" },
    this.#code,
    this.#message,
    this.#hint,
    this.#traceFold,
    this.#detailsFold,
  );

  /** Show the traceback at once. */
  unfold() {
    this.#traceFold.open = true;
  }

  /** @param {Job} job @param {Attempt[]} attempts  as far as they are known */
  show(job, attempts) {
    const error = job.status === "failed" || job.waiting_for === "retry" ? job.error_data : null;
    this.element.hidden = error === null;
    if (error === null) return;
    const traceback = attempts.find(({ attempt }) => attempt === job.attempt)?.traceback ?? "";
    setText(this.#code, error.code);
    setText(this.#message, error.message);
    setText(
      this.#hint,
      `${moment(error.occurred_at)} · ${error.retryable ? "The same again may work." : "The same again will most likely fail again."}`,
    );
    this.#traceFold.hidden = traceback === "";
    setText(this.#trace, traceback);
    this.#detailsFold.hidden = Object.keys(error.details ?? {}).length === 0;
    this.#details.show(error.details);
  }
}
