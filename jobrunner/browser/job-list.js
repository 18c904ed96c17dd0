/**
 * <job-list status type queue tag user-id q …>: jobs, live. Rows are patched in place; new ones wait behind a button, so
 * that nothing jumps, unless the list is `live`.
 *
 * @import { Beginning } from "./watcher.js"
 * @import { Job } from "./wire.js"
 */

import { announceJob } from "./announcer.js";
import { onTick } from "./clock.js";
import { element, Rows, setAttribute, setText } from "./element.js";
import { tellOf } from "./job-element.js";
import { FILTER_ATTRIBUTES, isWanted, listQuery, streamFilter } from "./job-filter.js";
import { skeleton } from "./job-status.js";
import { JobRow } from "./job-row.js";
import { viewSheets } from "./job-view.js";
import { define, JobsElement, reflect } from "./jobs-element.js";
import { say } from "./messages.js";
import { sheet } from "./style.js";

const LIMIT = 20;

const listSheet = sheet(`
.list { display: grid; }
.list > li { container-type: inline-size; padding-block: 12px; border-block-end: 1px solid var(--line); }
.list > li:last-child { border-block-end: 0; }
.list > li:has(> [data-variant="compact"]) { padding-block: 0; }
[data-cards] .list { gap: 12px; }
[data-cards] .list > li { padding: 16px; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); }
.wide { display: block; inline-size: 100%; margin-block: 8px; }
.fresh { color: var(--accent); font-weight: 600; }
.empty { padding-block: 16px; color: var(--muted); }
`);

export class JobList extends JobsElement {
  static observedAttributes = [
    ...FILTER_ATTRIBUTES,
    "limit",
    "variant",
    "href",
    "actions",
    "heading-level",
    "live",
    "cards",
  ];
  static sheets = [...viewSheets, listSheet];

  #list = element("ol", { class: "list", part: "list" });
  #rows = new Rows(
    this.#list,
    (/** @type {Job} */ job) => job.job_id,
    () => new JobRow(this),
  );
  #fresh = element("button", { type: "button", class: "wide fresh", part: "new", hidden: true });
  #more = element("button", { type: "button", class: "wide", part: "more", hidden: true });
  #skeleton = skeleton();
  #empty = element("slot", { name: "empty" });
  #nothing = element("div", { class: "empty", part: "empty", hidden: true }, this.#empty);
  #fault = element("p", { class: "fault", part: "fault", hidden: true });
  #base = element(
    "div",
    { part: "base" },
    this.#fresh,
    this.#list,
    this.#nothing,
    this.#skeleton,
    this.#fault,
    this.#more,
  );
  // Mutable: what is shown by id, when each was heard, which ids wait behind the button, where the next page begins,
  // and which answer is the newest asked for.
  #shown = /** @type {Map<string, Job>} */ (new Map());
  #heard = /** @type {WeakMap<Job, number>} */ (new WeakMap());
  #waiting = /** @type {Map<string, Job>} */ (new Map());
  #next = /** @type {string | null} */ (null);
  #asked = 0;
  #loaded = false;
  #beginning = /** @type {Beginning | null} */ (null); // of the stream, until the list has agreed with it

  constructor() {
    super();
    this.root.append(this.#base);
    this.#fresh.addEventListener("click", () => this.#showWaiting());
    this.#more.addEventListener("click", () => void this.#load(this.#next));
  }

  /** Those shown now, in their order. */
  get jobs() {
    return [...this.#shown.values()];
  }

  /** Ask for the first page again. */
  refresh() {
    return this.#load(null);
  }

  start() {
    this.#shown.clear();
    this.#waiting.clear();
    this.#loaded = false;
    this.keep(onTick(() => this.redraw()));
    this.listen(this.client.connection, "change", () => {
      if (!this.#fault.hidden && this.client.connection.state === "live") void this.refresh();
      this.redraw();
    });
    this.#beginning = null;
    const snapshot = (/** @type {Beginning} */ beginning) => {
      this.#beginning = beginning;
      if (beginning.reset) void this.refresh();
      else this.#agree();
    };
    this.keep(this.client.watch(streamFilter(this), { job: (job) => this.take(job), snapshot }));
    void this.refresh();
  }

  draw() {
    const jobs = this.jobs;
    const focused = /** @type {Element | null} */ (this.root.activeElement)?.closest("li");
    const place = focused ? [...this.#list.children].indexOf(focused) : -1;
    this.#rows.update(jobs);
    if (focused && !focused.isConnected) this.#focusNear(place);
    setAttribute(this.#base, "data-cards", this.hasAttribute("cards"));
    setAttribute(this.#list, "aria-label", this.getAttribute("label") ?? say("jobs"));
    setText(this.#fresh, this.#waiting.size > 0 ? say("new_jobs", { n: this.#waiting.size }) : "");
    setText(this.#more, this.#next === null ? "" : say("more"));
    this.#skeleton.hidden = this.#loaded || !this.#fault.hidden;
    this.#nothing.hidden = !this.#loaded || jobs.length > 0 || this.#waiting.size > 0;
    const { status, ...others } = /** @type {{ [name: string]: unknown }} */ (listQuery(this));
    if (!this.#empty.assignedNodes().length)
      setText(this.#empty, say(status || Object.keys(others).length > 0 ? "no_match" : "no_jobs"));
  }

  /** When a job was heard of, in ms: what it said of its end counts from then. @param {Job} job */
  heardAt(job) {
    const at = this.#heard.get(job) ?? Date.now();
    this.#heard.set(job, at);
    return at;
  }

  /** @param {number} place */
  #focusNear(place) {
    const rows = this.#list.children;
    const near = /** @type {HTMLElement | undefined} */ (
      rows[Math.min(place, rows.length - 1)]?.querySelector("a, [tabindex]")
    );
    near?.focus();
  }

  /** Take a newer state, of the stream or of an answer. @param {Job} job */
  take(job) {
    const before = this.#shown.get(job.job_id) ?? this.#waiting.get(job.job_id);
    if (before === job || !this.#loaded || (!before && this.hasAttribute("q"))) return; // q is the server's to judge
    if (!isWanted(this, job)) {
      this.#shown.delete(job.job_id);
      this.#waiting.delete(job.job_id);
    } else if (this.#shown.has(job.job_id)) this.#shown.set(job.job_id, job);
    else if (this.#waiting.has(job.job_id) || !this.#mayEnter(job)) this.#waiting.set(job.job_id, job);
    else this.#enter([job]);
    if (before) {
      tellOf(this, job, before);
      if (!this.hasAttribute("quiet")) announceJob(job, before, { brief: true });
    }
    this.redraw();
  }

  /** Only a list that nobody reads yet, or that is meant to move, takes new rows at once. @param {Job} job */
  #mayEnter(job) {
    const [first] = this.#shown.values();
    return (
      !this.hasAttribute("sort") &&
      (this.hasAttribute("live") || first === undefined || job.created_at <= first.created_at)
    );
  }

  /** @param {Job[]} jobs */
  #enter(jobs) {
    const last = this.jobs.at(-1);
    const inRange = jobs.filter((job) => this.#next === null || !last || job.created_at >= last.created_at);
    const all = [...this.#shown.values(), ...inRange];
    if (!this.hasAttribute("sort")) all.sort(newestFirst);
    this.#shown = new Map(all.map((job) => [job.job_id, job]));
  }

  #showWaiting() {
    const jobs = [...this.#waiting.values()];
    this.#waiting.clear();
    if (this.hasAttribute("sort")) void this.refresh();
    else this.#enter(jobs);
    this.draw();
    this.#focusNear(0);
  }

  /** @param {string | null} cursor  null: from the beginning */
  async #load(cursor) {
    const asked = (this.#asked += 1);
    const query = {
      ...listQuery(this),
      limit: this.getAttribute("limit") ?? LIMIT,
      ...(cursor !== null && { cursor }),
    };
    try {
      const { jobs, next_cursor } = await this.client.list(query);
      if (asked !== this.#asked) return;
      this.#take(jobs, cursor === null);
      this.#next = next_cursor;
      setText(this.#fault, "");
      this.tell("jobs-loaded", { jobs: this.jobs, more: next_cursor !== null });
    } catch (error) {
      if (asked === this.#asked) setText(this.#fault, /** @type {Error} */ (error).message);
    }
    this.redraw();
  }

  /** @param {Job[]} jobs @param {boolean} anew */
  #take(jobs, anew) {
    if (anew) this.#shown = new Map();
    if (anew) this.#waiting.clear();
    for (const job of jobs) {
      const newest = this.#newest(job);
      if (isWanted(this, newest)) this.#shown.set(job.job_id, newest);
    }
    this.#loaded = true;
    this.#agree();
  }

  /** The stream may know more than an answer. @param {Job} job */
  #newest(job) {
    this.client.jobs.put(job);
    return this.client.jobs.get(job.job_id) ?? job;
  }

  /** What happened between the list and the beginning of the stream is told by neither. */
  #agree() {
    if (!this.#loaded || this.#beginning === null) return;
    const { jobs, more } = this.#beginning;
    this.#beginning = null;
    for (const job of jobs) this.take(this.#newest(job));
    const open = new Set(jobs.map((job) => job.job_id));
    for (const { job_id, completed_at } of more ? [] : this.jobs)
      if (completed_at === null && !open.has(job_id))
        this.client.get(job_id).then(
          (job) => this.take(this.#newest(job)),
          () => undefined,
        ); // the next change tells
  }
}

/** @param {Job} a @param {Job} b */
function newestFirst(a, b) {
  return b.created_at.localeCompare(a.created_at) || b.job_id.localeCompare(a.job_id);
}

reflect(JobList, [...FILTER_ATTRIBUTES, "limit", "variant", "href", "actions", "live", "cards", "quiet", "label"]);
define("job-list", JobList);
