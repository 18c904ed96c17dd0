/**
 * What has happened to a job, in order, with how long it waited and ran: attempts, and what people did.
 *
 * @import { Act, Attempt, Job } from "../wire.js"
 *
 * @typedef {{ at: string | null, status: string, words: string, detail: string }} Entry
 */

import { element, Rows, setAttribute, setText } from "../element.js";
import { icon, reshape } from "../icons.js";
import { duration, moment } from "../words.js";
import { between } from "./phrases.js";

const ACTS = /** @type {{ [action: string]: [status: string, words: string] }} */ ({
  submitted: ["queued", "Submitted"],
  cancelled: ["cancelled", "Cancel asked for"],
  retried: ["queued", "Retried by hand"],
});

/** @param {Job} job @param {Attempt[]} attempts @param {Act[]} acts @returns {Entry[]} */
export function entries(job, attempts, acts) {
  const done = acts.map(({ at, action, by }) => {
    const [status, words] = ACTS[action] ?? ["queued", action];
    return { at, status, words, detail: by === null ? "" : by === "local" ? "without signing in" : `by ${by}` };
  });
  if (done.length === 0) done.push({ at: job.created_at, status: "queued", words: "Submitted", detail: "" });
  const all = [
    ...done,
    ...attempts.flatMap((attempt, n) => attemptEntries(attempt, attempts[n - 1]?.ended_at ?? job.created_at)),
  ];
  if (
    job.completed_at !== null &&
    !attempts.some(({ ended_at: at }) => at === job.completed_at || (between(at, job.completed_at) ?? 9) < 0.01)
  )
    all.push({ at: job.completed_at, status: job.status, words: `Ended: ${job.status}`, detail: "" });
  return all.sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
}

/** @param {Attempt} attempt @param {string} readyAt @returns {Entry[]} */
function attemptEntries({ attempt, started_at: started, ended_at: ended, outcome, error_data: error }, readyAt) {
  const waited = between(readyAt, started);
  const begun = {
    at: started,
    status: "processing",
    words: `Attempt ${attempt} started`,
    detail: waited === null ? "" : `after waiting ${duration(waited)}`,
  };
  if (ended === null) return [begun];
  const ran = between(started, ended) ?? 0;
  const status = outcome === "completed" || outcome === "cancelled" ? outcome : "failed";
  const detail = [`after ${duration(ran)}`, error ? `${error.code}: ${error.message}` : ""].filter(Boolean).join(" · ");
  return [begun, { at: ended, status, words: `Attempt ${attempt} ${outcome ?? "ended"}`, detail }];
}

export class Timeline {
  element = element("ol", { class: "timeline" });
  #rows = new Rows(
    this.element,
    (/** @type {Entry} */ entry) => `${entry.at} ${entry.words}`,
    () => new TimelineRow(),
  );

  /** @param {Entry[]} all */
  show(all) {
    this.#rows.update(all);
  }
}

class TimelineRow {
  #icon = icon("queued");
  #words = element("strong");
  #detail = element("span", { class: "muted" });
  #time = element("time", { class: "muted" });
  element = element("li", {}, this.#icon, element("div", {}, this.#words, this.#detail), this.#time);

  /** @param {Entry} entry */
  update({ at, status, words, detail }) {
    setAttribute(this.element, "data-status", status);
    reshape(this.#icon, status);
    setText(this.#words, words);
    setText(this.#detail, detail);
    setText(this.#time, at === null ? "" : moment(at));
    setAttribute(this.#time, "datetime", at);
  }
}
