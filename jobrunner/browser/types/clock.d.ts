/** The one clock of the page: it ticks each second while somebody listens. */
/** Call each second. @param {() => void} listener @returns {() => void} stop */
export declare function onTick(listener: () => void): () => void;
