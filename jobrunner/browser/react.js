/**
 * React on jobrunner: hooks and components of one client, for any React from 18 on. React is given, never imported, so
 * that a page has one of it.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
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

import { asyncHook } from "./react-async.js";
import { elementComponents } from "./react-elements.js";
import { listHooks } from "./react-lists.js";
import { JobFailed, stateOf } from "./react-state.js";
import { watchHook } from "./react-watch.js";

export { JobFailed };

/**
 * Make the hooks and components of one client.
 *
 * @param {ReactLike} React
 * @param {Client} client
 */
export function createHooks(React, client) {
  const useKnown = watchHook(React, client);

  /**
   * Watch one job.
   *
   * @param {string | null | undefined} jobId
   * @returns {JobState}
   */
  function useJobStatus(jobId) {
    return stateOf(jobId ?? null, useKnown(jobId ?? null));
  }

  return {
    useJobStatus,
    useAsyncJob: asyncHook(React, client, useKnown),
    ...listHooks(React, client),
    ...elementComponents(React, client),
  };
}
