/**
 * Jobs as lines of a tree: one line, and the children of one job, live, each with its own folded below it.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 *
 * @typedef {object} Tree  whose lines these are
 * @property {Client} client
 * @property {Map<string, Set<string>>} below  the children of each job, as far as they are known
 * @property {(name: string) => string | null} getAttribute
 * @property {() => void} redraw
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { icon, reshape } from "./icons.js";
import { addMessages, say } from "./messages.js";
import { isStale } from "./stale.js";
import { percentWords, statusWord, stepWords, titleOf } from "./words.js";

const MOST = 100; // children that are shown of one job
const MOST_BELOW = 500; // of theirs, that are counted

addMessages({
  children: "Children",
  children_done: "Children, {n} of {total} completed",
  children_of: { one: "{n} child", other: "{n} children" },
  more_children: "{n} more",
});

/** One of the jobs; what it has below it is asked for when it is unfolded. */
export class Line {
  #tree;
  #folds;
  #icon = icon("queued");
  #link = element("a", { class: "title", part: "link" });
  #plain = element("span", { class: "title" });
  #state = element("span", { class: "state" });
  #fill = element("i", { class: "fill", part: "fill" });
  #bar = element("span", { class: "bar", part: "bar", "aria-hidden": "true" }, this.#fill);
  #much = element("span", { class: "much" });
  #below = element("summary");
  #fold = element("details", { hidden: true }, this.#below);
  // Mutable: whose line it is, and its children while they are unfolded.
  #id = "";
  #branch = /** @type {Branch | null} */ (null);

  /** @param {Tree} tree @param {boolean} [folds]  whether its children can be unfolded */
  constructor(tree, folds = false) {
    this.#tree = tree;
    this.#folds = folds;
    const name = element("div", { class: "name" }, this.#icon, this.#link, this.#plain, this.#state);
    this.element = element("li", { part: "item" }, name, this.#bar, this.#much, this.#fold);
    this.#fold.addEventListener("toggle", () => this.#unfold());
  }

  /** @param {Job} job */
  update(job) {
    const stale = isStale(this.#tree.client.connection);
    const href = this.#tree.getAttribute("href")?.replaceAll("{job_id}", encodeURIComponent(job.job_id)) ?? null;
    this.#id = job.job_id;
    setAttribute(this.element, "data-job", job.job_id);
    setAttribute(this.element, "data-status", job.status);
    reshape(this.#icon, job.status);
    setText(this.#link, href === null ? "" : titleOf(job));
    setText(this.#plain, href === null ? titleOf(job) : "");
    setAttribute(this.#link, "href", href);
    setText(this.#state, stepWords(job) || statusWord(job));
    setText(this.#much, percentWords(job));
    this.#bar.hidden = this.#much.hidden;
    this.#fill.style.inlineSize = `${job.progress_data.percentage ?? 0}%`;
    setAttribute(this.element, "data-stale", stale);
    const count = this.#folds ? (this.#tree.below.get(job.job_id)?.size ?? 0) : 0;
    setText(this.#below, count > 0 ? say("children_of", { n: count }) : "");
    this.#fold.hidden = count === 0;
    this.#branch?.draw();
  }

  /** End with the line. */
  stop() {
    this.#branch?.stop();
  }

  #unfold() {
    this.#branch?.stop();
    this.#branch = this.#fold.open ? new Branch(this.#tree, this.#id) : null;
    this.#fold.replaceChildren(this.#below, ...(this.#branch ? [this.#branch.element] : []));
  }
}

/** The children of one job, the first first. */
export class Branch {
  #tree;
  #parent;
  #list = element("ul", { part: "list" });
  #more = element("p", { class: "muted", hidden: true });
  #fault = element("p", { class: "fault", part: "fault", hidden: true });
  element = element("div", {}, this.#list, this.#more, this.#fault);
  #lines = /** @type {Line[]} */ ([]);
  #rows = new Rows(
    this.#list,
    (/** @type {Job} */ job) => job.job_id,
    () => this.#line(),
  );
  // Mutable: those that are known, how many there are, how to stop watching them.
  jobs = /** @type {Map<string, Job>} */ (new Map());
  #total = 0;
  #stops;

  /** @param {Tree} tree @param {string} parent */
  constructor(tree, parent) {
    this.#tree = tree;
    this.#parent = parent;
    const { client } = tree;
    const again = () => client.connection.state === "live" && !this.#fault.hidden && void this.#load();
    const stop = client.watch(
      { parent_id: parent },
      { job: (job) => this.#take(job), snapshot: ({ jobs }) => this.#agree(jobs) },
    );
    const below = (/** @type {any} */ { job }) => this.jobs.has(job.parent_id) && this.#count(job);
    client.connection.addEventListener("change", again);
    client.jobs.addEventListener("change", below);
    this.#stops = [
      stop,
      () => client.connection.removeEventListener("change", again),
      () => client.jobs.removeEventListener("change", below),
    ];
    void this.#load();
  }

  stop() {
    for (const stop of this.#stops.splice(0)) stop();
    for (const line of this.#lines) line.stop();
  }

  draw() {
    const all = [...this.jobs.values()].sort((a, b) => order(a).localeCompare(order(b)));
    setAttribute(this.#list, "aria-label", say("children"));
    this.#rows.update(all.slice(0, MOST));
    const more = Math.max(this.#total, all.length) - Math.min(all.length, MOST);
    setText(this.#more, more > 0 ? say("more_children", { n: more }) : "");
  }

  /** Whether it could not be had. */
  get failed() {
    return !this.#fault.hidden;
  }

  /** What stands above them. */
  get words() {
    const done = [...this.jobs.values()].filter((job) => job.status === "completed").length;
    const total = Math.max(this.#total, this.jobs.size);
    return total > this.jobs.size ? say("children") : say("children_done", { n: done, total });
  }

  #line() {
    const line = new Line(this.#tree, true);
    this.#lines.push(line);
    return line;
  }

  /** @param {Job} job */
  #take(job) {
    this.jobs.set(job.job_id, job);
    this.#tree.redraw();
  }

  /** One that was open and is so no more has ended before the stream began. @param {Job[]} open */
  #agree(open) {
    const ids = new Set(open.map((job) => job.job_id));
    const { client } = this.#tree;
    for (const job of open) this.#take(job);
    for (const { job_id: id, completed_at: at } of [...this.jobs.values()])
      if (at === null && !ids.has(id)) void client.get(id).then((job) => this.#take(job), this.#fail);
  }

  async #load() {
    const { client } = this.#tree;
    try {
      const query = { parent_id: this.#parent, sort: "created_at", page: 1, page_size: MOST };
      const { jobs, total } = await client.list(query);
      for (const job of jobs) this.jobs.set(job.job_id, client.jobs.get(job.job_id) ?? job);
      this.#total = total ?? jobs.length;
      setText(this.#fault, "");
      const below = jobs.length > 0 && (await client.list({ parent_id: [...this.jobs.keys()], limit: MOST_BELOW }));
      for (const job of below ? below.jobs : []) this.#count(job);
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
    }
    this.#tree.redraw();
  }

  /** Note whose child a job is. @param {Job} job */
  #count({ job_id: id, parent_id: parent }) {
    if (parent === null || this.#tree.below.get(parent)?.has(id)) return;
    this.#tree.below.set(parent, (this.#tree.below.get(parent) ?? new Set()).add(id));
    this.#tree.redraw();
  }

  #fail = (/** @type {Error} */ error) => setText(this.#fault, error.message);
}

/** @param {Job} job */
function order(job) {
  return job.created_at + job.job_id;
}
