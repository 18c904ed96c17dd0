/**
 * The tab: `(2) 62 % · Translate Intro` as its title, the shape of the status as its picture.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Counts, Job } from "../wire.js"
 */

import { icon } from "../icons.js";
import { titleOf } from "../words.js";
import { notTooOften } from "./pace.js";

const COLOURS = /** @type {{ [status: string]: string }} */ ({
  queued: "#a86600",
  processing: "#1a66d9",
  completed: "#138a50",
  failed: "#cf2229",
  cancelled: "#6c7787",
});

export class Tab {
  #client;
  #icon = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel=icon]"));
  #page = /** @type {{ title: string, job?: Job | null }} */ ({ title: "Overview" });
  #newest = /** @type {Job | null} */ (null); // of those that run
  #active = 0;
  #failed = false;
  #ask = notTooOften(2_000, async () => this.take(await this.#client.counts()));

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    client.jobs.addEventListener("change", (event) => this.#heard(/** @type {any} */ (event)));
    document.addEventListener("visibilitychange", () => (this.#failed = false));
  }

  /** @param {{ title: string, job?: Job | null }} page */
  show(page) {
    this.#page = page;
    this.#draw();
  }

  /** @param {Counts} counts */
  take(counts) {
    this.#active = counts.active;
    this.#draw();
  }

  /** @param {{ job: Job, before?: Job }} change */
  #heard({ job, before }) {
    if (job.status === "processing") this.#newest = job;
    else if (this.#newest?.job_id === job.job_id) this.#newest = null;
    if (job.status === before?.status) return this.#draw();
    if (before && job.status === "failed" && document.visibilityState === "hidden") this.#failed = true;
    this.#ask();
  }

  #draw() {
    const job = this.#page.job === undefined ? (this.#active > 0 ? this.#newest : null) : this.#page.job;
    const percentage = job?.status === "processing" ? job.progress_data.percentage : null;
    const name = job ? titleOf(job) : this.#page.title;
    const words = [percentage === null ? "" : `${Math.floor(percentage)} %`, name].filter(Boolean).join(" · ");
    const title = `${this.#active > 0 ? `(${this.#active}) ` : ""}${words}${job ? "" : " · jobrunner"}`;
    if (document.title !== title) document.title = title;
    this.#draws(this.#page.job?.status ?? (this.#failed ? "failed" : this.#active > 0 ? "processing" : "completed"));
  }

  /** @param {string} status */
  #draws(status) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="${icon(status).firstElementChild?.getAttribute("d")}" fill="none" stroke="${COLOURS[status]}" stroke-width="2.4" stroke-linecap="round"/></svg>`;
    const address = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    if (this.#icon.href !== address) this.#icon.href = address;
  }
}
