/** How long to wait before the next try, and waiting for it. Decides nothing about whether to try. */
/**
 * Say how many milliseconds to wait after so many failures in a row: doubling, ±20 %; what the server asked for wins.
 *
 * @param {number} failures
 * @param {{ firstMs?: number, maxMs?: number, askedMs?: number | null }} [options]
 */
export declare function backoffMs(failures: number, { firstMs, maxMs, askedMs }?: {
    firstMs?: number;
    maxMs?: number;
    askedMs?: number | null;
}): number;
/**
 * Wait; an aborted signal rejects with its reason.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export declare function sleep(ms: number, signal?: AbortSignal): Promise<void>;
