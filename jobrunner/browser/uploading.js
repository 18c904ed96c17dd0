/**
 * The files of one submission on their way: one bar for all of them, and a way to stop.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */

import { element, setText } from "./element.js";
import { ProgressBar } from "./progress.js";
import { bytes } from "./words.js";

export class Uploading {
  #bar = new ProgressBar({ "aria-label": "Upload" });
  #words = element("p", { class: "muted" });
  #stop = element("button", { type: "button" }, "Cancel upload");
  element = element("div", { class: "uploading", hidden: true }, this.#bar.element, this.#words, this.#stop);

  /**
   * Send all files, one after the other; rejects with an AbortError when a person stops it.
   *
   * @param {Client} client
   * @param {Job} job
   * @param {[name: string, file: File][]} files
   */
  async send(client, job, files) {
    const stopped = new AbortController();
    const hold = (/** @type {Event} */ event) => event.preventDefault(); // a reload would lose what is not sent
    this.#stop.onclick = () => stopped.abort();
    window.addEventListener("beforeunload", hold);
    this.element.hidden = false;
    try {
      for (const [name, file] of files) await this.#sendOne(client, job, name, file, stopped.signal);
    } finally {
      this.element.hidden = true;
      window.removeEventListener("beforeunload", hold);
    }
  }

  /** @param {Client} client @param {Job} job @param {string} name @param {File} file @param {AbortSignal} signal */
  async #sendOne(client, job, name, file, signal) {
    const onProgress = (/** @type {number} */ sent) => this.#show(file, Math.min(sent, file.size));
    const onWait = (/** @type {number} */ ms) =>
      setText(this.#words, `The connection was lost. Going on in ${Math.ceil(ms / 1_000)} s.`);
    onProgress(0);
    await client.upload(job.job_id, name, file, { onProgress, onWait, signal });
  }

  /** @param {File} file @param {number} sent */
  #show(file, sent) {
    const percentage = file.size === 0 ? 100 : Math.floor((100 * sent) / file.size);
    const words = `${percentage}%, ${bytes(sent)} of ${bytes(file.size)}`;
    this.#bar.show(percentage, words);
    setText(
      this.#words,
      sent < file.size ? `Uploading ${file.name}: ${words}` : `${file.name} is sent, not yet confirmed.`,
    );
  }
}
