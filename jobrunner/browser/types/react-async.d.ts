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
import type { Client } from "./jobrunner.js";
import type { AsyncJobOptions, JobState, ReactLike } from "./react.js";
import type { watchHook } from "./react-watch.js";
import type { Job, Submission } from "./wire.js";
export type Newest = {
    current: AsyncJobOptions;
};
export type Asking = {
    jobId: string | null;
    isPolling: boolean;
    isCreating: boolean;
    refused: Error | null;
};
export type Change = (part: Partial<Asking>) => void;
export type AsyncJobActions = {
    createJob: (submission: Submission) => Promise<Job>;
    /**
     * of another job than so far, if one is named
     */
    startPolling: (jobId?: string) => void;
    stopPolling: () => void;
    cancelCurrentJob: () => Promise<Job | null>;
    reset: () => void;
};
/** @param {ReactLike} React @param {Client} client @param {ReturnType<typeof watchHook>} useKnown */
export declare function asyncHook(React: ReactLike, client: Client, useKnown: ReturnType<typeof watchHook>): (options?: AsyncJobOptions) => JobState & AsyncJobActions & {
    isPolling: boolean;
};
