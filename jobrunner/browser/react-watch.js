/**
 * The hooks that others are made of: one job as it is known, with its result and why it has not completed.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Job } from "./wire.js"
 *
 * @typedef {{ job: Job | null, result: unknown, isWhole: boolean, error: Error | null }} Known  `isWhole`: no result is
 *   on its way
 */

import { follow, JobFailed } from "./react-state.js";

/** @param {ReactLike} React @param {Client} client */
export function watchHook({ useCallback, useEffect, useMemo, useState, useSyncExternalStore }, client) {
  /**
   * The job as it is known; watched while `on`, by the stream or every `pollMs`.
   *
   * @param {string | null} jobId @param {boolean} on @param {number} [pollMs]
   */
  function useWatched(jobId, on, pollMs) {
    const [problem, setProblem] = useState(/** @type {Error | null} */ (null));
    const subscribe = useCallback(
      (/** @type {() => void} */ changed) => {
        setProblem(null);
        if (!jobId) return () => {};
        const heard = (/** @type {Event} */ event) => /** @type {any} */ (event).job?.job_id === jobId && changed();
        client.jobs.addEventListener("change", heard);
        const stop = on ? follow(client, jobId, setProblem, pollMs) : () => {};
        return () => {
          client.jobs.removeEventListener("change", heard);
          stop();
        };
      },
      [jobId, on, pollMs],
    );
    const get = useCallback(() => (jobId ? (client.jobs.get(jobId) ?? null) : null), [jobId]);
    return { job: useSyncExternalStore(subscribe, get, () => null), problem };
  }

  /** Lists and streams leave out large results: they are asked for once the job has completed. @param {Job | null} job */
  function useResult(job) {
    const [whole, setWhole] = useState(/** @type {Job | null} */ (null));
    const asks = job?.status === "completed" && job.result_data === undefined ? job : null;
    useEffect(() => {
      if (!asks) return;
      let wanted = true;
      client.get(asks.job_id).then(
        (got) => wanted && setWhole(got),
        () => wanted && setWhole({ ...asks, result_data: null }),
      );
      return () => void (wanted = false);
    }, [asks?.job_id, asks?.cursor]);
    if (!asks) return { result: job?.result_data ?? null, isWhole: true };
    const isWhole = whole?.job_id === asks.job_id && whole.cursor === asks.cursor;
    return { result: isWhole ? (whole.result_data ?? null) : null, isWhole };
  }

  /** @param {Job | null} job @param {Error | null} problem */
  function useFailure(job, problem) {
    const failed = job && (job.status === "failed" || job.status === "cancelled") ? job : null;
    return useMemo(() => (failed ? new JobFailed(failed) : problem), [failed?.job_id, failed?.cursor, problem]);
  }

  /**
   * All of it; `refused` is what went wrong elsewhere.
   *
   * @param {string | null} jobId @param {{ on?: boolean, pollMs?: number, refused?: Error | null }} [how]
   * @returns {Known}
   */
  return function useKnown(jobId, { on = true, pollMs, refused = null } = {}) {
    const { job, problem } = useWatched(jobId, on, pollMs);
    return { job, ...useResult(job), error: useFailure(job, refused ?? problem) };
  };
}
