/**
 * One page of the history as a table, below 760 px as cards. Rows are patched in place; none comes or goes by itself.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 * @import { Selection } from "./selection.js"
 */

import { announce } from "../announcer.js";
import { onTick } from "../clock.js";
import { element, Rows, setAttribute } from "../element.js";
import { COLUMNS } from "./columns.js";
import { button } from "./controls.js";
import { JobRow } from "./job-row.js";
import { oncePerFrame } from "./pace.js";

export class JobTable {
  #client;
  #selection;
  #body = element("tbody", { role: "rowgroup" });
  #all = element("input", { type: "checkbox", "aria-label": "Select all jobs of this page" });
  #sorted = element("th", { role: "columnheader", scope: "col" });
  #rows;
  #drawn = /** @type {Map<string, JobRow>} */ (new Map());
  // Mutable: what is unfolded, by job; the jobs shown, and those of them that have changed since they were drawn.
  #unfolded = /** @type {Map<string, HTMLElement>} */ (new Map());
  #jobs = /** @type {Map<string, Job>} */ (new Map());
  #changed = /** @type {Set<string>} */ (new Set());
  #draw = oncePerFrame(() => this.#redraw());

  /** @param {Client} client @param {Selection} selection @param {() => void} sort */
  constructor(client, selection, sort) {
    this.#client = client;
    this.#selection = selection;
    const heads = COLUMNS.map((word) =>
      word === "Submitted" ? this.#sorted : element("th", { role: "columnheader", scope: "col" }, word),
    );
    this.#sorted.append(button("Submitted", sort, { class: "sort" }));
    const check = element(
      "th",
      { role: "columnheader", scope: "col" },
      element("label", { class: "check" }, this.#all),
    );
    const head = element(
      "thead",
      { role: "rowgroup" },
      element("tr", { role: "row" }, check, ...heads, element("td", { role: "cell" })),
    );
    this.element = element("table", { class: "jobs", role: "table", "aria-label": "Jobs" }, head, this.#body);
    this.#rows = new Rows(
      this.#body,
      (/** @type {Job} */ job) => job.job_id,
      () => this.#make(),
    );
    this.#all.addEventListener("change", () => selection.setMany(this.ids, this.#all.checked));
    selection.addEventListener("change", () => this.#showChosen());
    client.jobs.addEventListener("change", (event) => this.#heard(/** @type {any} */ (event).job));
    onTick(() => this.#tick());
  }

  get ids() {
    return [...this.#jobs.keys()];
  }

  /** @param {Job[]} jobs @param {boolean} ascending */
  show(jobs, ascending) {
    const newest = jobs.map((job) => this.#client.jobs.get(job.job_id) ?? job);
    this.#jobs = new Map(newest.map((job) => [job.job_id, job]));
    this.#changed.clear();
    for (const row of this.#unfolded.values()) row.remove(); // the rows know of no others
    this.#rows.update(newest);
    for (const id of [...this.#unfolded.keys()]) this.#place(id);
    for (const id of this.#drawn.keys()) if (!this.#jobs.has(id)) this.#drawn.delete(id);
    setAttribute(this.#sorted, "aria-sort", ascending ? "ascending" : "descending");
    this.#showChosen();
  }

  /** @param {Job} job */
  #heard(job) {
    if (!this.#jobs.has(job.job_id)) return;
    this.#jobs.set(job.job_id, job);
    this.#changed.add(job.job_id);
    this.#draw();
  }

  #redraw() {
    for (const id of this.#changed) {
      this.#drawn.get(id)?.update(/** @type {Job} */ (this.#jobs.get(id)));
      if (this.#unfolded.has(id)) this.#place(id);
    }
    this.#changed.clear();
  }

  #tick() {
    if (!this.element.isConnected || document.documentElement.dataset.live === "no") return;
    for (const row of this.#drawn.values()) row.tick();
  }

  /** Unfold why a job failed, or fold it. @param {Job} job */
  async #unfold(job) {
    const id = job.job_id;
    if (this.#unfolded.has(id)) return this.#fold(id);
    const { RowFailure } = await import("./row-failure.js");
    if (this.#unfolded.has(id)) return;
    this.#unfolded.set(id, new RowFailure(this.#client, job).element);
    this.#place(id);
  }

  /** Put what is unfolded below its row; it goes with its failure. @param {string} id */
  #place(id) {
    const [row, below] = [this.#rows.find(id), this.#unfolded.get(id)];
    if (!row || !below || this.#jobs.get(id)?.status !== "failed") return this.#fold(id);
    if (row.nextElementSibling !== below) row.after(below);
    this.#drawn.get(id)?.unfold(true);
  }

  /** @param {string} id */
  #fold(id) {
    const below = this.#unfolded.get(id);
    if (below?.contains(document.activeElement)) openerOf(this.#rows.find(id))?.focus();
    below?.remove();
    this.#unfolded.delete(id);
    this.#drawn.get(id)?.unfold(false);
  }

  #make() {
    const choose = (/** @type {Job} */ job, /** @type {boolean} */ on, /** @type {boolean} */ range) =>
      this.#selection.set(job.job_id, on, this.ids, range);
    const row = new JobRow(this.#client, choose, (job) =>
      this.#unfold(job).catch((error) => announce(/** @type {Error} */ (error).message)),
    );
    const update = (/** @type {Job} */ job) => {
      this.#drawn.set(job.job_id, row);
      row.update(job);
    };
    return { element: row.element, update };
  }

  #showChosen() {
    for (const [id, row] of this.#drawn) row.choose(this.#selection.has(id));
    const chosen = this.ids.filter((id) => this.#selection.has(id)).length;
    this.#all.checked = chosen > 0 && chosen === this.#jobs.size;
    this.#all.indeterminate = chosen > 0 && chosen < this.#jobs.size;
  }
}

/** @param {HTMLElement | undefined} row @returns {HTMLElement | null | undefined} */
function openerOf(row) {
  return row?.querySelector(/** @type {"a"} */ ("[data-open]"));
}
