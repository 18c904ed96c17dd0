/**
 * <jobs-badge type queue tag user-id href>: how many jobs run or wait, as a small number beside a word of the page. It is
 * not there while there are none.
 *
 * @import { Job } from "./wire.js"
 * @import { Beginning } from "./watcher.js"
 */

import { element, setAttribute, setText } from "./element.js";
import { STREAM_ATTRIBUTES, streamFilter } from "./job-filter.js";
import { define, JobsElement, reflect } from "./jobs-element.js";
import { number, say } from "./messages.js";
import { sheet } from "./style.js";

const TOGETHER_MS = 300;

export class JobsBadge extends JobsElement {
  static observedAttributes = [...STREAM_ATTRIBUTES, "href"];
  static sheets = [
    sheet(`
:host { display: inline-block; vertical-align: middle; }
.badge { justify-content: center; min-inline-size: 20px; padding-inline: 6px; text-decoration: none; }
a.badge { min-block-size: var(--link); border-radius: 12px; min-inline-size: var(--link); }
`),
  ];

  #plain = element("span", { class: "badge", part: "badge", "data-status": "processing", role: "img", hidden: true });
  #link = element("a", { class: "badge", part: "badge", "data-status": "processing", hidden: true });
  // Mutable: the ids of those that have not ended, or the server's count where there are too many to name.
  #active = /** @type {Set<string>} */ (new Set());
  #counted = /** @type {number | null} */ (null);
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

  constructor() {
    super();
    this.root.append(this.#plain, this.#link);
  }

  get count() {
    return this.#counted ?? this.#active.size;
  }

  start() {
    this.#active.clear();
    this.#counted = null;
    this.keep(() => clearTimeout(this.#timer));
    this.keep(
      this.client.watch(streamFilter(this), {
        job: (job) => this.#hear(job),
        snapshot: (beginning) => this.#begin(beginning),
      }),
    );
  }

  draw() {
    const href = this.getAttribute("href");
    const shown = href === null ? this.#plain : this.#link;
    for (const node of [this.#plain, this.#link]) node.hidden = node !== shown || this.count === 0;
    setAttribute(this.#link, "href", href);
    if (this.count === 0) return;
    setText(shown, number(this.count));
    setAttribute(shown, "aria-label", say("active", { n: this.count }));
    setAttribute(shown, "title", say("active", { n: this.count }));
  }

  /** @param {Beginning} beginning */
  #begin({ jobs, counts, more }) {
    this.#active = new Set(jobs.filter((job) => job.completed_at === null).map((job) => job.job_id));
    this.#counted = more && counts ? counts.active : null;
    this.redraw();
  }

  /** @param {Job} job */
  #hear(job) {
    if (job.completed_at === null) this.#active.add(job.job_id);
    else this.#active.delete(job.job_id);
    if (this.#counted !== null) this.#timer ??= setTimeout(() => void this.#count(), TOGETHER_MS);
    this.redraw();
  }

  async #count() {
    this.#timer = undefined;
    const counts = await this.client.counts(streamFilter(this)).catch(() => null); // the next change asks again
    if (counts !== null && this.#counted !== null) this.#counted = counts.active;
    this.redraw();
  }
}

reflect(JobsBadge, [...STREAM_ATTRIBUTES, "href"]);
define("jobs-badge", JobsBadge);
