/** How long to wait before the next try, and waiting for it. Decides nothing about whether to try. */

const JITTER = 0.2;

/**
 * Say how many milliseconds to wait after so many failures in a row: doubling, ±20 %; what the server asked for wins.
 *
 * @param {number} failures
 * @param {{ firstMs?: number, maxMs?: number, askedMs?: number | null }} [options]
 */
export function backoffMs(failures, { firstMs = 1_000, maxMs = 30_000, askedMs = null } = {}) {
  if (askedMs !== null) return askedMs;
  const plain = Math.min(firstMs * 2 ** Math.min(failures, 16), maxMs);
  return plain * (1 - JITTER + 2 * JITTER * Math.random());
}

/**
 * Wait; an aborted signal rejects with its reason.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
