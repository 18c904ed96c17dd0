/**
 * What a server, or the way to it, says instead of an answer (RFC 9457). Never shown here, only carried.
 *
 * @import { Fault, Job } from "./wire.js"
 */
import type { Fault, Job } from "./wire.js";
/** An answer that is none: `status` 0 means that no server was reached. */
export declare class JobrunnerError extends Error {
    status: number;
    code: string;
    faults: Fault[];
    retryAfterMs: number | null;
    /**
     * @param {number} status
     * @param {string} message  for people
     * @param {{ code?: string, faults?: Fault[], retryAfterMs?: number | null, cause?: unknown }} [more]
     */
    constructor(status: number, message: string, { code, faults, retryAfterMs, cause }?: {
        code?: string;
        faults?: Fault[];
        retryAfterMs?: number | null;
        cause?: unknown;
    });
    /** Whether the same request may succeed later. */
    get passing(): boolean;
}
/** The time to wait is over and the job is not: no failure. */
export declare class StillRunning extends Error {
    job: Job | null;
    /** @param {Job | null} job  as last heard of */
    constructor(job: Job | null);
}
/** Be the error for a server that did not answer. */
export declare function unreachable(): JobrunnerError;
/** Give back an answer that is one, else throw its problem. @param {Response} response */
export declare function accepted(response: Response): Promise<Response>;
