/**
 * React on jobrunner: hooks and components of one client, for any React from 18 on. React is given, never imported, so
 * that a page has one of it.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job, Submission } from "./wire.js"
 *
 * @typedef {object} ReactLike  what is used of React
 * @property {(type: any, props?: any, ...children: any[]) => any} createElement
 * @property {<State>(initial: State | (() => State)) => [State, (next: State | ((state: State) => State)) => void]} useState
 * @property {<Value>(value: Value) => { current: Value }} useRef
 * @property {(effect: () => void | (() => void), inputs?: readonly unknown[]) => void} useEffect
 * @property {<Value>(make: () => Value, inputs: readonly unknown[]) => Value} useMemo
 * @property {<Call extends (...args: any[]) => any>(call: Call, inputs: readonly unknown[]) => Call} useCallback
 * @property {<State>(subscribe: (changed: () => void) => () => void, get: () => State, getOnServer?: () => State) => State} useSyncExternalStore
 * @property {any} Component
 *
 * @typedef {object} JobState  one job as a page needs it; what is not known is null
 * @property {Job | null} job
 * @property {string | null} jobId
 * @property {Job["status"] | null} status
 * @property {number | null} progress  0 to 100
 * @property {string | null} progressMessage
 * @property {unknown} result
 * @property {Error | null} error  of the job, or of asking for it
 * @property {boolean} isLoading
 * @property {boolean} isComplete  it has ended, however
 * @property {boolean} canCancel
 * @property {number | null} estimatedDuration  seconds
 *
 * @typedef {object} AsyncJobOptions
 * @property {string | null} [jobId]  takes up a job, as after a reload
 * @property {(result: unknown, job: Job) => void} [onSuccess]
 * @property {(error: Error, job: Job | null) => void} [onError]
 * @property {(progress: number | null, message: string | null, job: Job) => void} [onProgress]
 * @property {number} [pollInterval]  ms: ask for the job this often instead of following the stream
 * @property {boolean} [autoStartPolling]  true unless said otherwise
 */

import { isFinished } from "./jobrunner.js";
import { elementComponents, newestHook } from "./react-elements.js";
import { listHooks } from "./react-lists.js";
import { follow, JobFailed, stateOf } from "./react-state.js";

export { JobFailed };

/**
 * Make the hooks and components of one client.
 *
 * @param {ReactLike} React
 * @param {Client} client
 */
export function createHooks(React, client) {
  const { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } = React;
  const useNewest = newestHook(React);

  /** The job as it is known; watched while `on`, by the stream or every `pollMs`. @param {string | null} jobId @param {boolean} on @param {number} [pollMs] */
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
   * Watch one job.
   *
   * @param {string | null | undefined} jobId
   * @returns {JobState}
   */
  function useJobStatus(jobId) {
    const { job, problem } = useWatched(jobId ?? null, true);
    const { result } = useResult(job);
    return stateOf(jobId ?? null, job, useFailure(job, problem), result);
  }

  /**
   * Submit a job, or take one up, and follow it to its end.
   *
   * @param {AsyncJobOptions} [options]
   */
  function useAsyncJob(options = {}) {
    const { jobId: taken = null, pollInterval, autoStartPolling = true } = options;
    const newest = useNewest(options);
    const [own, setOwn] = useState({ jobId: taken, taken });
    const [isPolling, setPolling] = useState(autoStartPolling);
    const [creating, setCreating] = useState(false);
    const [refused, setRefused] = useState(/** @type {Error | null} */ (null));
    if (own.taken !== taken) setOwn({ jobId: taken, taken });
    const { jobId } = own;
    const { job, problem } = useWatched(jobId, isPolling, pollInterval);
    const { result, isWhole } = useResult(job);
    const error = useFailure(job, refused ?? problem);
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

    const actions = useMemo(() => {
      /** @param {Promise<Job>} asked */
      const take = async (asked) => {
        setRefused(null);
        try {
          return await asked;
        } catch (thrown) {
          const fault = /** @type {Error} */ (thrown);
          setRefused(fault);
          newest.current.onError?.(fault, null);
          throw fault;
        }
      };
      return {
        /** @param {Submission} submission @returns {Promise<Job>} */
        async createJob(submission) {
          setCreating(true);
          try {
            const job = await take(client.submit(submission));
            setOwn((state) => ({ ...state, jobId: job.job_id }));
            setPolling(newest.current.autoStartPolling ?? true);
            return job;
          } finally {
            setCreating(false);
          }
        },
        /** @param {string} [id]  another job than so far */
        startPolling(id) {
          if (typeof id === "string") setOwn((state) => ({ ...state, jobId: id }));
          setPolling(true);
        },
        stopPolling: () => setPolling(false),
        reset() {
          setRefused(null);
          setOwn((state) => ({ ...state, jobId: null }));
          setPolling(newest.current.autoStartPolling ?? true);
        },
        /** @param {string} id */
        cancel: (id) => take(client.cancel(id)),
      };
    }, []);
    const { cancel, ...others } = actions;
    const cancelCurrentJob = useCallback(async () => (jobId ? cancel(jobId) : null), [jobId]);
    const state = stateOf(jobId, job, error, result);
    return {
      ...state,
      ...others,
      cancelCurrentJob,
      isLoading: creating || (isPolling && state.isLoading),
      isPolling: isPolling && jobId !== null && !state.isComplete,
    };
  }

  return { useJobStatus, useAsyncJob, ...listHooks(React, client), ...elementComponents(React, client) };
}
