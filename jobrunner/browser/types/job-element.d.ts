/**
 * What the components of one job share: it comes by `job-id`, and is then watched, or by `.job`, and is then only shown.
 * Tells the page what changes, and speaks of it.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
import { JobsElement } from "./jobs-element.js";
export declare class JobElement extends JobsElement {
    #private;
    static observedAttributes: string[];
    heardAt: number;
    missing: string;
    get job(): Job | null;
    /** Show this state and watch nothing; null: watch `job-id` again. @param {Job | null} job */
    set job(job: Job | null);
    get jobId(): string | null;
    set jobId(id: string | null);
    start(): void;
    /** Take a newer state, as from an answer to what a person asked for. @param {Job} job */
    take(job: Job): void;
}
/**
 * Tell the page of a change: always that there is one, and once that the job has ended; `before` is null if it had ended
 * when it was first seen.
 *
 * @param {JobsElement} node
 * @param {Job} job
 * @param {Job | null | undefined} before
 */
export declare function tellOf(node: JobsElement, job: Job, before: Job | null | undefined): void;
