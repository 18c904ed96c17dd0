/**
 * One who watches some jobs: knows what was told. Asks nobody.
 *
 * @import { Counts, Filter, Job, Snapshot } from "./wire.js"
 * @import { JobStore } from "./store.js"
 *
 * @typedef {{ jobs: Job[], counts: Counts | null, missing: string[], more: boolean, reset: boolean }} Beginning  what
 *   is named, or has not ended; after a `reset` nothing that was told before counts
 *
 * @typedef {object} Observer
 * @property {(job: Job, before?: Job) => void} [job]  each state, and the one before: what is known at once, for a filter
 *   with `snapshot` only after that
 * @property {(beginning: Beginning) => void} [snapshot]
 * @property {(job: Job) => void} [ended]
 * @property {(problem: Error) => void} [failed]  this may not, or cannot, be watched
 */
import type { Counts, Filter, Job, Snapshot } from "./wire.js";
import type { JobStore } from "./store.js";
export type Beginning = {
    jobs: Job[];
    counts: Counts | null;
    missing: string[];
    more: boolean;
    reset: boolean;
};
export type Observer = {
    /**
     * each state, and the one before: what is known at once, for a filter
     * with `snapshot` only after that
     */
    job?: (job: Job, before?: Job) => void;
    snapshot?: (beginning: Beginning) => void;
    ended?: (job: Job) => void;
    /**
     * this may not, or cannot, be watched
     */
    failed?: (problem: Error) => void;
};
export declare class Watcher {
    #private;
    ids: string[] | null;
    filter: {
        [name: string]: string[];
    };
    name: string;
    observer: Observer;
    asked: boolean;
    filled: boolean;
    /** @param {string[] | Filter} target  ids or a filter @param {Observer} observer */
    constructor(target: string[] | Filter, observer: Observer);
    /** What something may still come of: ids, or the filter as text. */
    get open(): string[];
    /** Tell what is known. @param {JobStore} store */
    greet(store: JobStore): void;
    /** @param {Job} job @param {Job | undefined} before */
    hear(job: Job, before: Job | undefined): void;
    /**
     * Tell what there is to begin with; its jobs are in the store.
     *
     * @param {Omit<Snapshot, "cursor">} page @param {JobStore} store
     */
    begin({ jobs, counts, missing, more }: Omit<Snapshot, "cursor">, store: JobStore): void;
    /** @param {Job} job */
    matches(job: Job): boolean;
}
