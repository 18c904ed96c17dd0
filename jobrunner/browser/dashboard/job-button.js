/**
 * A button that cancels or retries one job; there only while that can be done. What the server says against it is spoken
 * and stands after the button.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { button } from "./controls.js";
import { titleOf } from "../words.js";

const WORDS = { cancel: "Cancel", retry: "Retry" };
const KEYS = { cancel: "c", retry: "r" };

export class JobButton {
  #client;
  #action;
  #fault = element("p", { class: "fault", hidden: true });
  // Mutable: the job, and whether it has been asked for.
  #job = /** @type {Job | null} */ (null);
  #busy = false;

  /** @param {Client} client @param {"cancel" | "retry"} action */
  constructor(client, action) {
    this.#client = client;
    this.#action = action;
    this.element = button(WORDS[action], () => this.#act(), { "data-key": KEYS[action] });
  }

  /** @param {Job} job */
  show(job) {
    if (job.status !== this.#job?.status) setText(this.#fault, "");
    this.#job = job;
    const can = this.#action === "cancel" ? job.can_cancel && job.cancel_requested_at === null : job.can_retry;
    if (!can && document.activeElement === this.element)
      this.element
        .closest("[data-row]")
        ?.querySelector(/** @type {"a"} */ ("[data-open]"))
        ?.focus();
    this.element.hidden = !can;
    this.element.setAttribute("aria-label", `${WORDS[this.#action]} ${titleOf(job)}`);
  }

  async #act() {
    if (this.#job === null || this.#busy) return;
    this.#busy = true;
    setText(this.#fault, "");
    try {
      const job = await this.#client[this.#action](this.#job.job_id);
      this.#client.jobs.put(job);
      this.show(job);
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
      this.element.after(this.#fault);
      announce(this.#fault.textContent ?? "");
    } finally {
      this.#busy = false;
    }
  }
}
