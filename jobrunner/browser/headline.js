/**
 * The page in one sentence, from the server's counts. Counts nothing itself.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { JobStore } from "./store.js"
 * @import { Counts } from "./wire.js"
 */

import { byId, setText } from "./element.js";
import { JobChanged } from "./store.js";

const TOGETHER_MS = 300;
const NUMBER = new Intl.NumberFormat("en");

/** @param {Counts} counts */
function sentence({ processing, queued, total }) {
  if (total === 0) return "No jobs yet";
  const parts = processing > 0 ? [`${jobs(processing)} running`] : [];
  if (queued > 0) parts.push(`${processing > 0 ? NUMBER.format(queued) : jobs(queued)} waiting`);
  return parts.join(", ") || "Nothing is running";
}

/** @param {number} count */
function jobs(count) {
  return `${NUMBER.format(count)} ${count === 1 ? "job" : "jobs"}`;
}

/** @param {Counts} counts */
function history({ completed, failed, cancelled }) {
  const ended = { completed, failed, cancelled };
  return Object.entries(ended)
    .flatMap(([word, count]) => (count > 0 ? [`${NUMBER.format(count)} ${word}`] : []))
    .join(" · ");
}

export class Headline {
  #client;
  #timer = 0;

  /** @param {Client} client @param {JobStore} store */
  constructor(client, store) {
    this.#client = client;
    store.addEventListener("load", () => this.#countSoon());
    store.addEventListener("change", (event) => {
      const { job, before } = /** @type {JobChanged} */ (event);
      byId("empty").hidden = true;
      if (job.status !== before?.status) this.#countSoon();
    });
  }

  /** @param {Counts} counts */
  show(counts) {
    setText(byId("sentence"), sentence(counts));
    setText(byId("history"), history(counts));
    byId("empty").hidden = counts.total > 0;
  }

  #countSoon() {
    this.#timer ||= window.setTimeout(() => void this.#count(), TOGETHER_MS);
  }

  async #count() {
    this.#timer = 0;
    const counts = await this.#client.counts().catch(() => null); // the next change asks again
    if (counts === null) return;
    this.show(counts);
    const shown = byId("jobs").childElementCount;
    setText(byId("older"), shown < counts.total ? `The newest ${shown} of ${NUMBER.format(counts.total)} jobs.` : "");
  }
}
