/**
 * Notifications of the browser when a job ends while nobody looks. Asks for leave only when somebody presses the button.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 */

import { statusWord, titleOf } from "../words.js";
import { choice, choose } from "./choices.js";
import { jobHref } from "./places.js";

const MOST = 3; // at once: more would be noise

export class Notifications {
  #go;
  #open = /** @type {Set<Notification>} */ (new Set());

  /** @param {Client} client @param {(address: string) => void} go */
  constructor(client, go) {
    this.#go = go;
    client.jobs.addEventListener("change", (event) => this.#heard(/** @type {any} */ (event)));
  }

  /** Whether this browser can, here: not on plain http under a name. */
  get possible() {
    return "Notification" in globalThis && isSecureContext && Notification.permission !== "denied";
  }

  get on() {
    return this.possible && Notification.permission === "granted" && choice("notify", "off") === "on";
  }

  get words() {
    if (!("Notification" in globalThis) || !isSecureContext) return "Notifications need https or localhost.";
    if (Notification.permission === "denied") return "This browser forbids notifications of this site.";
    return this.on
      ? "You are told when a job ends while this page is hidden."
      : "Be told when a job ends while this page is hidden.";
  }

  async toggle() {
    if (this.on) return choose("notify", "off");
    const granted = (await Notification.requestPermission()) === "granted";
    choose("notify", granted ? "on" : "off");
  }

  /** @param {{ job: Job, before?: Job }} change */
  #heard({ job, before }) {
    const ended = before && before.status !== job.status && job.completed_at !== null;
    if (!ended || !this.on || document.visibilityState === "visible" || this.#open.size >= MOST) return;
    const note = new Notification(`${titleOf(job)}: ${statusWord(job)}`, {
      body: job.error_data?.message ?? job.type,
      tag: job.job_id,
    });
    this.#open.add(note);
    note.onclose = () => this.#open.delete(note);
    note.onclick = () => {
      window.focus();
      this.#go(jobHref(job));
      note.close();
    };
  }
}
