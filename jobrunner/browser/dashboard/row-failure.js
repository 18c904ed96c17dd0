/**
 * Why a job of the table failed, unfolded below its row: the error with its traceback, and the end of its log. Asked
 * for once. Loaded when the first one is looked at.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job, LogLine } from "../wire.js"
 */

import { element, setText } from "../element.js";
import { titleOf } from "../words.js";
import { COLUMNS } from "./columns.js";
import { JobFailure } from "./job-failure.js";
import { logRow } from "./log-view.js";

const LINES = 5;
const PAGE = 1_000; // lines that come at once
const MOST_PAGES = 20;

export class RowFailure {
  #failure = new JobFailure();
  #head = element("p", { class: "muted", hidden: true });
  #lines = element("div", { class: "log", tabindex: 0, role: "group", hidden: true });
  #fault = element("p", { class: "fault", hidden: true });
  element;

  /** @param {Client} client @param {Job} job */
  constructor(client, job) {
    const body = element("td", { role: "cell", colspan: COLUMNS.length + 2 });
    body.append(element("div", { class: "stack" }, this.#failure.element, this.#head, this.#lines, this.#fault));
    this.element = element("tr", { role: "row", class: "more" }, body);
    this.#failure.element.setAttribute("aria-label", `Error of ${titleOf(job)}`);
    this.#failure.show(job, []);
    void this.#fill(client, job).catch((error) => setText(this.#fault, error.message));
  }

  /** @param {Client} client @param {Job} job */
  async #fill(client, job) {
    const [attempts, lines] = await Promise.all([client.attempts(job.job_id), lastLines(client, job.job_id)]);
    this.#failure.show(job, attempts);
    this.#failure.unfold();
    setText(this.#head, lines.length > 0 ? "The end of its log" : "Nothing has been logged.");
    this.#lines.setAttribute("aria-label", "Last lines of the log");
    this.#lines.hidden = lines.length === 0;
    this.#lines.replaceChildren(...lines.map(logRow));
  }
}

/** @param {Client} client @param {string} id */
async function lastLines(client, id) {
  let last = /** @type {LogLine[]} */ ([]);
  for (let [after, pages] = [0, 0]; pages < MOST_PAGES; pages += 1) {
    const { lines, next } = await client.logs(id, { after });
    last = [...last, ...lines].slice(-LINES);
    if (lines.length < PAGE) break;
    after = next;
  }
  return last;
}
