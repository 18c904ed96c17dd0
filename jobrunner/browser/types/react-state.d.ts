/**
 * What the hooks make of a job, and how they follow it where no stream is wanted. Knows no React.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { JobState } from "./react.js"
 * @import { Known } from "./react-watch.js"
 * @import { Job } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { JobState } from "./react.js";
import type { Known } from "./react-watch.js";
import type { Job } from "./wire.js";
/** Why a job has not completed: its code and details, as an error. */
export declare class JobFailed extends Error {
    job: Job;
    code: string;
    details: object | null;
    retryable: boolean;
    /** @param {Job} job */
    constructor(job: Job);
}
/** @param {Client} client @param {string} jobId @param {(problem: Error) => void} failed @param {number} [pollMs] @returns {() => void} stop */
export declare function follow(client: Client, jobId: string, failed: (problem: Error) => void, pollMs?: number): () => void;
/** @param {string | null} jobId @param {Known} known @returns {JobState} */
export declare function stateOf(jobId: string | null, { job, error, result }: Known): JobState;
