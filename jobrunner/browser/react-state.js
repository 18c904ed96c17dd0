/**
 * What the hooks make of a job, and how they follow it where no stream is wanted. Knows no React.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { JobState } from "./react.js"
 * @import { Known } from "./react-watch.js"
 * @import { Job } from "./wire.js"
 */

import { isFinished } from "./jobrunner.js";

const SLOWEST = 5; // times the interval, for a job that takes long

/** Why a job has not completed: its code and details, as an error. */
export class JobFailed extends Error {
  /** @param {Job} job */
  constructor(job) {
    super(job.error_data?.message ?? `The job is ${job.status}.`);
    this.name = "JobFailed";
    this.job = job;
    this.code = job.error_data?.code ?? job.status;
    this.details = job.error_data?.details ?? null;
    this.retryable = job.error_data?.retryable ?? false;
  }
}

/** @param {Client} client @param {string} jobId @param {(problem: Error) => void} failed @param {number} [pollMs] @returns {() => void} stop */
export function follow(client, jobId, failed, pollMs) {
  if (pollMs) return poll(client, jobId, failed, pollMs);
  return client.watch(jobId, {
    failed,
    snapshot: ({ missing }) => void (missing.includes(jobId) && failed(new Error("There is no such job."))),
  });
}

/** Ask again and again while the page is seen and the job has not ended; a long one less often. @type {typeof follow} */
function poll(client, jobId, failed, pollMs = 3_000) {
  const begun = Date.now();
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  let over = false;
  const ask = async () => {
    const hidden = globalThis.document?.visibilityState === "hidden";
    const job = hidden
      ? null
      : await client.call("GET", `jobs/${jobId}`).catch((error) => lasting(error) && failed(error));
    if (job) client.jobs.put(job, { live: true });
    const slower = Math.min(1 + (Date.now() - begun) / 60_000, SLOWEST);
    if (!over && !(job && isFinished(job))) timer = setTimeout(ask, pollMs * slower);
  };
  void ask();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

/** @param {{ passing?: boolean }} error */
function lasting(error) {
  return error.passing !== true;
}

/** @param {string | null} jobId @param {Known} known @returns {JobState} */
export function stateOf(jobId, { job, error, result }) {
  return {
    job,
    jobId,
    status: job?.status ?? null,
    progress: job === null ? null : job.status === "completed" ? 100 : job.progress_data.percentage,
    progressMessage: job?.progress_data.current_step ?? null,
    result,
    error,
    isLoading: jobId !== null && job === null && error === null,
    isComplete: job !== null && isFinished(job),
    canCancel: job !== null && job.can_cancel && job.cancel_requested_at === null,
    estimatedDuration: job?.estimated_duration ?? null,
  };
}
