/**
 * What all clients of one server and one subject on a page share: the jobs, the connection, and one stream, whose
 * modules are loaded when the first one watches.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter } from "./wire.js"
 * @import { Observer } from "./watcher.js"
 * @import { Watching } from "./watching.js"
 */
import type { Caller } from "./caller.js";
import type { Filter } from "./wire.js";
import type { Observer } from "./watcher.js";
import { Connection } from "./link.js";
import { JobStore } from "./store.js";
export declare class Hub {
    #private;
    store: JobStore;
    connection: Connection;
    /** @param {Caller} caller */
    constructor(caller: Caller);
    pause(): void;
    resume(): void;
    /** @param {string[] | Filter} target @param {Observer} observer */
    watch(target: string[] | Filter, observer: Observer): () => void;
}
