/** Why a job failed: the message first, what it says beside it, the traceback folded. @import { Job } from "../wire.js" */

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

  /** @param {Job} job */
  show(job) {
    const error = job.status === "failed" || job.waiting_for === "retry" ? job.error_data : null;
    this.element.hidden = error === null;
    if (error === null) return;
    const { traceback, ...details } = /** @type {{ [name: string]: unknown }} */ (error.details ?? {});
    setText(this.#code, error.code);
    setText(this.#message, error.message);
    setText(
      this.#hint,
      `${moment(error.occurred_at)} · ${error.retryable ? "The same again may work." : "The same again will most likely fail again."}`,
    );
    this.#traceFold.hidden = typeof traceback !== "string";
    setText(this.#trace, typeof traceback === "string" ? traceback : "");
    this.#detailsFold.hidden = Object.keys(details).length === 0;
    this.#details.show(details);
  }
}
