/**
 * The hook that submits a job, or takes one up, and follows it to its end.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { AsyncJobOptions, JobState, ReactLike } from "./react.js"
 * @import { Known, watchHook } from "./react-watch.js"
 * @import { Job, Submission } from "./wire.js"
 *
 * @typedef {{ current: AsyncJobOptions }} Newest  the options of the newest render
 * @typedef {{ jobId: string | null, isPolling: boolean, isCreating: boolean, refused: Error | null }} Asking
 * @typedef {(part: Partial<Asking>) => void} Change
 *
 * @typedef {object} AsyncJobActions
 * @property {(submission: Submission) => Promise<Job>} createJob
 * @property {(jobId?: string) => void} startPolling  of another job than so far, if one is named
 * @property {() => void} stopPolling
 * @property {() => Promise<Job | null>} cancelCurrentJob
 * @property {() => void} reset
 */

import { isFinished } from "./jobrunner.js";
import { newestHook } from "./react-elements.js";
import { stateOf } from "./react-state.js";

/** @param {ReactLike} React @param {Client} client @param {ReturnType<typeof watchHook>} useKnown */
export function asyncHook(React, client, useKnown) {
  const { useCallback, useEffect, useMemo, useRef, useState } = React;
  const useNewest = newestHook(React);

  /** What is asked for; another `jobId` of the page takes the place of the one so far. @param {AsyncJobOptions} options */
  function useAsking({ jobId = null, autoStartPolling = true }) {
    const [taken, setTaken] = useState(jobId);
    const [asking, setAsking] = useState(
      /** @type {Asking} */ ({ jobId, isPolling: autoStartPolling, isCreating: false, refused: null }),
    );
    const change = useCallback(
      (/** @type {Partial<Asking>} */ part) => setAsking((before) => ({ ...before, ...part })),
      [],
    );
    if (taken !== jobId) {
      setTaken(jobId);
      change({ jobId });
    }
    return { asking, change };
  }

  /** Call back once for each progress, and once for the end when its result is there. @param {Newest} newest @param {Known} known */
  function useTelling(newest, { job, result, isWhole, error }) {
    const told = useRef({ end: "", progress: "" });
    useEffect(() => {
      if (!job) return;
      const { percentage, current_step } = job.progress_data;
      const progress = [job.job_id, percentage, current_step].join();
      if (job.status === "processing" && progress !== told.current.progress)
        newest.current.onProgress?.(percentage, current_step, job);
      told.current.progress = progress;
      const end = isFinished(job) ? `${job.job_id} ${job.attempt} ${job.status}` : "";
      if (end === told.current.end || (end && !isWhole)) return;
      told.current.end = end;
      if (job.status === "completed") newest.current.onSuccess?.(result, job);
      else if (end && error) newest.current.onError?.(error, job);
    }, [job, isWhole, result, error]);
  }

  /** @param {AsyncJobOptions} [options] @returns {JobState & AsyncJobActions & { isPolling: boolean }} */
  return function useAsyncJob(options = {}) {
    const newest = useNewest(options);
    const { asking, change } = useAsking(options);
    const { jobId, isPolling, isCreating, refused } = asking;
    const known = useKnown(jobId, { on: isPolling, pollMs: options.pollInterval, refused });
    useTelling(newest, known);
    const { cancel, ...actions } = useMemo(() => actionsOf(client, newest, change), []);
    const cancelCurrentJob = useCallback(async () => (jobId ? cancel(jobId) : null), [jobId]);
    const state = stateOf(jobId, known);
    return {
      ...state,
      ...actions,
      cancelCurrentJob,
      isLoading: isCreating || (isPolling && state.isLoading),
      isPolling: isPolling && jobId !== null && !state.isComplete,
    };
  };
}

/** @param {Client} client @param {Newest} newest @param {Change} change */
function actionsOf(client, newest, change) {
  const starts = () => newest.current.autoStartPolling ?? true;
  /** What is refused is the state's error, too. @param {Promise<Job>} asked */
  const take = async (asked) => {
    change({ refused: null });
    try {
      return await asked;
    } catch (error) {
      const refused = /** @type {Error} */ (error);
      change({ refused });
      newest.current.onError?.(refused, null);
      throw refused;
    }
  };
  return {
    /** @param {Submission} submission */
    async createJob(submission) {
      change({ isCreating: true });
      try {
        const job = await take(client.submit(submission));
        change({ jobId: job.job_id, isPolling: starts() });
        return job;
      } finally {
        change({ isCreating: false });
      }
    },
    /** @param {string} [id] */
    startPolling: (id) => change({ isPolling: true, ...(typeof id === "string" && { jobId: id }) }),
    stopPolling: () => change({ isPolling: false }),
    reset: () => change({ jobId: null, refused: null, isPolling: starts() }),
    /** @param {string} id */
    cancel: (id) => take(client.cancel(id)),
  };
}
