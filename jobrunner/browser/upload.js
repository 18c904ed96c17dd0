/**
 * Brings one file to its job, however often the connection breaks. Loaded when the first file is to be sent.
 *
 * @import { Caller } from "./caller.js"
 * @import { Uploading } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { isFinished } from "./job.js";
import { accepted, JobrunnerError } from "./problem.js";
import { putFile } from "./transfer.js";

/**
 * @param {Caller} caller @param {string} jobId @param {string} name @param {File} file @param {Uploading} [uploading]
 */
export async function upload(caller, jobId, name, file, { onProgress, onWait, signal } = {}) {
  const url = caller.url(`jobs/${jobId}/uploads/${encodeURIComponent(name)}`, { filename: file.name });
  for (let failures = 0; ; failures += 1) {
    try {
      const from = failures === 0 ? 0 : await received(caller, jobId, name);
      if (from === null) return;
      const sending = { from, onProgress, signal };
      await accepted(await caller.send("PUT", (signed) => putFile(url, file, { ...sending, signed })));
      return;
    } catch (error) {
      if (!(error instanceof JobrunnerError && error.passing)) throw error;
      await file.slice(0, 1).arrayBuffer(); // a file that is gone fails like a connection: this tells them apart
      const ms = backoffMs(failures, { maxMs: 10_000, askedMs: error.retryAfterMs });
      onWait?.(ms);
      await sleep(ms, signal);
    }
  }
}

/**
 * Bytes of a file that the server has; null when it has all.
 *
 * @param {Caller} caller @param {string} jobId @param {string} name
 */
async function received(caller, jobId, name) {
  const job = /** @type {Job} */ (await caller.call("GET", `jobs/${jobId}`));
  if (isFinished(job)) throw new JobrunnerError(409, job.error_data?.message ?? `The job is ${job.status}.`);
  const upload = job.uploads.find((one) => one.name === name);
  return upload?.size != null ? null : (upload?.received ?? 0);
}
