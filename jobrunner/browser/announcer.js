/**
 * The one polite live region of the page: speaks starts and ends of jobs, and answers to what a person did.
 * Many at once become one sentence.
 *
 * @import { JobStore } from "./store.js"
 */

import { JobChanged } from "./store.js";

const TOGETHER_MS = 500;
const MOST = 3;
/** @type {{ [status: string]: string }} */
const SPOKEN = { processing: "started", completed: "completed", failed: "failed", cancelled: "cancelled" };

export class Announcer {
  #region;
  /** @type {string[]} */
  #sentences = [];

  /** @param {HTMLElement} region */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} sentence */
  say(sentence) {
    if (this.#sentences.push(sentence) > 1) return;
    this.#region.textContent = ""; // the same words again are spoken again
    setTimeout(() => this.#speak(), TOGETHER_MS);
  }

  /**
   * Speak of jobs that start or end from now on; a job first seen when it had ended is history.
   *
   * @param {JobStore} store
   */
  follow(store) {
    store.addEventListener("change", (event) => {
      const { job, before } = /** @type {JobChanged} */ (event);
      const word = before && before.status !== job.status ? SPOKEN[job.status] : undefined;
      if (word) this.say(`${job.title || job.type}: ${word}.`);
    });
  }

  #speak() {
    const many = this.#sentences.length > MOST;
    this.#region.textContent = many ? `${this.#sentences.length} starts and ends of jobs.` : this.#sentences.join(" ");
    this.#sentences = [];
  }
}
