/**
 * Sends what a form holds: the job, which is kept once however often it is sent, and then its files.
 *
 * @import { JobSubmit } from "./job-submit.js"
 * @import { Read } from "./submit-fields.js"
 * @import { Job, Submission } from "./wire.js"
 */

import { Upload } from "./job-upload.js";
import { newKey } from "./jobrunner.js";

export class Sender {
  #host;
  #upload = new Upload();
  element = this.#upload.element;
  // Mutable: a submission that nobody knows the fate of, and its key.
  #unknown = { body: "", key: "" };

  /** @param {JobSubmit} host  the element */
  constructor(host) {
    this.#host = host;
  }

  /** @param {string} type @param {Read} read @returns {Promise<Job>} */
  submit(type, { payload, title, files }) {
    const retried = this.#host.getAttribute("retry-of");
    if (retried) return this.#host.client.retry(retried, { payload });
    const uploads = files.length > 0 ? files.map(([name]) => name) : undefined;
    const submission = { type, payload, title, uploads };
    return this.#host.client.submit(submission, { key: this.#keyFor(submission) });
  }

  /** A job whose files cannot come is of no use: it is cancelled. @param {Job} job @param {Read["files"]} files */
  async sendFiles(job, files) {
    if (files.length === 0) return;
    try {
      await this.#upload.send(this.#host.client, job, files);
      this.#host.tell("job-uploaded", { job });
    } catch (error) {
      await this.#host.client.cancel(job.job_id).catch(() => undefined);
      throw error;
    }
  }

  /** The fate of the last submission is known: the next one is another, also if it says the same. */
  forget() {
    this.#unknown = { body: "", key: "" };
  }

  /** The same submission sent again, when nobody knows whether it was kept, has the same key. @param {Submission} submission */
  #keyFor(submission) {
    const body = JSON.stringify(submission);
    if (body !== this.#unknown.body) this.#unknown = { body, key: newKey() };
    return this.#unknown.key;
  }
}
