/**
 * What changes, as one resource: a page of it, or a stream. Keeps nothing.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter, Snapshot } from "./wire.js"
 */
import type { Caller } from "./caller.js";
import type { Filter, Snapshot } from "./wire.js";
export declare class Changes {
    #private;
    /** @param {Caller} caller */
    constructor(caller: Caller);
    /** @param {Filter[]} any @param {AbortSignal} signal @param {string} [after] @returns {Promise<Snapshot>} */
    page(any: Filter[], signal: AbortSignal, after?: string): Promise<Snapshot>;
    /** @param {Filter[]} any @param {AbortSignal} signal @param {string} [after] */
    stream(any: Filter[], signal: AbortSignal, after?: string): Promise<ReadableStreamDefaultReader<Uint8Array<ArrayBufferLike>>>;
}
/**
 * Wait for an answer, but not for ever.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<T>} ask
 */
export declare function patient<T>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T>;
/** Order cursors by age. @param {string} a @param {string} b */
export declare function byNumber(a: string, b: string): number;
/** Be a union of ids, and of filters as text. @param {Iterable<string>} names @returns {Filter[]} */
export declare function filtersOf(names: Iterable<string>): Filter[];
