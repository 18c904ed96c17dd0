/** What is fixed about a job, and its times, as names and values. @import { Job } from "../wire.js" */

import { element } from "../element.js";
import { bytes, duration, moment } from "../words.js";
import { link } from "./controls.js";
import { between } from "./phrases.js";
import { href, searchHref } from "./places.js";
import { written } from "./search.js";

/** @param {string} name @param {string} value */
function found(name, value) {
  return link(searchHref(written([{ name, value }])), value);
}

/** @param {Job} job @returns {[name: string, ...values: (Node | string)[]][]} */
function rows(job) {
  const time = (/** @type {string | null} */ at) => (at === null ? "" : moment(at));
  const waited = job.attempt > 1 ? null : between(job.created_at, job.started_at); // else the timeline tells each wait
  const ran = between(job.started_at, job.completed_at);
  const files = job.uploads.map(
    ({ name, filename, size, received }) => `${filename ?? name}, ${bytes(size ?? received)}`,
  );
  return [
    ["Id", element("code", {}, job.job_id)],
    ["Type", found("type", job.type)],
    ["Queue", found("queue", job.queue), `priority ${job.priority}`],
    ["User", job.user_id === null ? "" : found("user", job.user_id)],
    ["Tags", ...job.tags.map((tag) => found("tag", tag))],
    ["Submitted", time(job.created_at)],
    ["Not before", time(job.run_at)],
    ["Started", time(job.started_at)],
    ["Ended", time(job.completed_at)],
    ["Waited", waited === null ? "" : duration(waited)],
    ["Ran for", ran === null ? "" : duration(ran)],
    ["Usually takes", job.estimated_duration == null ? "" : duration(job.estimated_duration)],
    ["Expected end", job.status === "processing" ? time(job.estimated_completion) : ""],
    ["Deadline", time(job.deadline)],
    ["Attempt", job.attempt > 0 ? `${job.attempt} of ${Math.max(job.max_attempts, job.attempt)}` : ""],
    ["Files given", files.join("; ")],
    ["Re-run of", job.retried_from === null ? "" : link(href(`jobs/${job.retried_from}`), "the job before")],
    ["Metadata", Object.keys(job.metadata ?? {}).length > 0 ? element("code", {}, JSON.stringify(job.metadata)) : ""],
  ];
}

export class JobDetails {
  #shown = "";
  element = element("dl", { class: "details" });

  /** @param {Job} job */
  show(job) {
    const all = rows(job).filter(([, first]) => first !== undefined && first !== "");
    const text = JSON.stringify(
      all.map(([name, ...values]) => [
        name,
        values.map((value) => (value instanceof Node ? value.textContent : value)),
      ]),
    );
    if (text === this.#shown) return; // it may have the focus
    this.#shown = text;
    this.element.replaceChildren(
      ...all.map(([name, ...values]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, ...values.flatMap((value) => [value, " "]))),
      ),
    );
  }
}
