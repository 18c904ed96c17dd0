/**
 * The files of one submission on their way: one bar for all of them, and a way to stop.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */

import { element, setAttribute, setText } from "./element.js";
import { ProgressBar } from "./job-progress.js";
import { say } from "./messages.js";
import { bytes, duration, percent } from "./words.js";

export class Upload {
  #bar = new ProgressBar();
  #words = element("p", { class: "muted" });
  #stop = element("button", { type: "button", part: "button" });
  element = element("div", { class: "upload", part: "upload", "data-status": "processing", hidden: true });

  constructor() {
    this.element.append(this.#bar.element, this.#words, this.#stop);
  }

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
    setText(this.#stop, say("stop_upload"));
    setAttribute(this.#bar.element, "aria-label", say("upload"));
    this.#stop.onclick = () => stopped.abort();
    window.addEventListener("beforeunload", hold);
    this.element.hidden = files.length === 0;
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
      setText(this.#words, say("lost", { duration: duration(Math.ceil(ms / 1_000)) }));
    onProgress(0);
    await client.upload(job.job_id, name, file, { onProgress, onWait, signal });
  }

  /** @param {File} file @param {number} sent */
  #show(file, sent) {
    const share = file.size === 0 ? 100 : (100 * sent) / file.size;
    const words = say("sent_of", { percent: percent(share), sent: bytes(sent), size: bytes(file.size) });
    this.#bar.show(share, words);
    setText(this.#words, say(sent < file.size ? "uploading" : "unconfirmed", { name: file.name, words }));
  }
}
