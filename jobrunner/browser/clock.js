/** The one clock of the page: it ticks each second while somebody listens. */

/** @type {Set<() => void>} */
const listeners = new Set();
let timer = /** @type {ReturnType<typeof setInterval> | undefined} */ (undefined);

/** Call each second. @param {() => void} listener @returns {() => void} stop */
export function onTick(listener) {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
