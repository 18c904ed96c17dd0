/**
 * One job of a list: to its buttons and files it is the owner of the job. Watches nothing.
 *
 * @import { JobList } from "./job-list.js"
 * @import { Job } from "./wire.js"
 */

import { element, setAttribute } from "./element.js";
import { lookOf } from "./job-status.js";
import { JobView } from "./job-view.js";

export class JobRow {
  #list;
  #view = new JobView(this);
  element = element("li", { part: "item" }, this.#view.element);
  job = /** @type {Job | null} */ (null);

  /** @param {JobList} list */
  constructor(list) {
    this.#list = list;
  }

  get client() {
    return this.#list.client;
  }

  /** @param {string} type @param {object} detail @param {boolean} [cancelable] */
  tell(type, detail, cancelable) {
    return this.#list.tell(type, detail, cancelable);
  }

  /** @param {Job} job */
  take(job) {
    this.#list.take(job);
  }

  /** @param {Job} job */
  update(job) {
    this.job = job;
    setAttribute(this.element, "data-job", job.job_id);
    this.#view.show(job, lookOf(this.#list, "linear"), this.#list.heardAt(job));
  }
}
