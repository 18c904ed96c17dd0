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
import type { Client } from "./jobrunner.js";
import type { Job } from "./wire.js";
export type ReactLike = {
    createElement: (type: any, props?: any, ...children: any[]) => any;
    useState: <State>(initial: State | (() => State)) => [State, (next: State | ((state: State) => State)) => void];
    useRef: <Value>(value: Value) => {
        current: Value;
    };
    useEffect: (effect: () => void | (() => void), inputs?: readonly unknown[]) => void;
    useMemo: <Value>(make: () => Value, inputs: readonly unknown[]) => Value;
    useCallback: <Call extends (...args: any[]) => any>(call: Call, inputs: readonly unknown[]) => Call;
    useSyncExternalStore: <State>(subscribe: (changed: () => void) => () => void, get: () => State, getOnServer?: () => State) => State;
    Component: any;
};
export type JobState = {
    job: Job | null;
    jobId: string | null;
    status: Job["status"] | null;
    /**
     * 0 to 100
     */
    progress: number | null;
    progressMessage: string | null;
    result: unknown;
    /**
     * of the job, or of asking for it
     */
    error: Error | null;
    isLoading: boolean;
    /**
     * it has ended, however
     */
    isComplete: boolean;
    canCancel: boolean;
    /**
     * seconds
     */
    estimatedDuration: number | null;
};
export type AsyncJobOptions = {
    /**
     * takes up a job, as after a reload
     */
    jobId?: string | null;
    onSuccess?: (result: unknown, job: Job) => void;
    onError?: (error: Error, job: Job | null) => void;
    onProgress?: (progress: number | null, message: string | null, job: Job) => void;
    /**
     * ms: ask for the job this often instead of following the stream
     */
    pollInterval?: number;
    /**
     * true unless said otherwise
     */
    autoStartPolling?: boolean;
};
import { JobFailed } from "./react-state.js";
export { JobFailed };
/**
 * Make the hooks and components of one client.
 *
 * @param {ReactLike} React
 * @param {Client} client
 */
export declare function createHooks(React: ReactLike, client: Client): {
    JobStatus: ({ jobId, job, onChange, onComplete, onError, onCancel, onAction, ...others }: {
        jobId?: string;
        job?: Job;
        onChange?: (job: Job) => void;
        onComplete?: (job: Job) => void;
        onError?: (job: Job) => void;
        onCancel?: (job: Job) => void;
        onAction?: (action: string, job: Job) => boolean | void;
    } & {
        [attribute: string]: any;
    }) => any;
    JobsBadge: (props: {
        [attribute: string]: any;
    }) => any;
    JobErrorBoundary: {
        new (props: {
            children?: any;
            fallback?: any;
            onError?: (error: Error, info: unknown) => void;
        }): {
            [x: string]: any;
            state: {
                error: null;
            };
            again: () => any;
            componentDidCatch(error: Error, info: unknown): void;
            render(): any;
        };
        [x: string]: any;
        getDerivedStateFromError(error: Error): {
            error: Error;
        };
    };
    useJobs: (query?: import("./wire.js").Query & import("./wire.js").Filter) => {
        jobs: Job[];
        isLoading: boolean;
        error: Error | null;
        refresh: () => Promise<void>;
    };
    useJobsCount: (filter?: import("./wire.js").Filter) => number;
    useJobStatus: (jobId: string | null | undefined) => JobState;
    useAsyncJob: (options?: AsyncJobOptions) => JobState & import("./react-async.js").AsyncJobActions & {
        isPolling: boolean;
    };
};
