/**
 * The jobs this page knows, each in the newest state it has heard of. States only move forward, whatever brought them.
 * Never asks the server and never touches the page.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
/** A job is new or has changed. */
export declare class JobChanged extends Event {
    job: Job;
    before: Job | undefined;
    /** @param {Job} job @param {Job | undefined} before */
    constructor(job: Job, before: Job | undefined);
}
export declare class JobStore extends EventTarget {
    #private;
    /** @param {string} id */
    get(id: string): Job | undefined;
    /** Be the newest jobs, the newest first. @param {number} [limit] */
    newest(limit?: number): Job[];
    /** Take a state, unless a newer one is known. @param {Job} job @param {{ live?: boolean }} [from] */
    put(job: Job, { live }?: {
        live?: boolean;
    }): void;
}
