/**
 * All who watch on a page, served by one feed: knows what they want, fetches what each begins with, and lets the
 * connection go while nobody looks. Shows nothing. Loaded when the first one watches.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter, Job, Place, Snapshot } from "./wire.js"
 * @import { Observer } from "./watcher.js"
 * @import { Connection } from "./link.js"
 * @import { JobChanged, JobStore } from "./store.js"
 */
import type { Caller } from "./caller.js";
import type { Filter, Job, Place } from "./wire.js";
import type { Observer } from "./watcher.js";
import type { Connection } from "./link.js";
import type { JobStore } from "./store.js";
export declare class Watching {
    #private;
    store: JobStore;
    connection: Connection;
    /** @param {Caller} caller @param {JobStore} store @param {Connection} connection */
    constructor(caller: Caller, store: JobStore, connection: Connection);
    /** @param {string[] | Filter} target @param {Observer} observer @returns {() => void} stop */
    watch(target: string[] | Filter, observer: Observer): () => void;
    pause(): void;
    resume(): void;
    /** What something may still come of: ids, and filters as text. */
    wanted(): string[];
    /** Take a state, if somebody here watches it. @param {Job} job @param {{ live?: boolean }} [from] */
    take(job: Job, from?: {
        live?: boolean;
    }): void;
    /** Put a job in its place in the queue. @param {Place} place */
    put({ job_id: id, ...place }: Place): void;
    /**
     * Fetch what those begin with who have not, or all; be the cursor that all of it was had at.
     *
     * @param {AbortSignal} signal
     * @param {boolean} [all]
     */
    fill(signal: AbortSignal, all?: boolean): Promise<string>;
    /** All begins anew. */
    reset(): void;
    /** @param {Error} problem */
    refused(problem: Error): void;
}
