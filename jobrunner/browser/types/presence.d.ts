/** Whether somebody looks at the page, and when that may have changed. Touches nothing else of it. */
/** Everywhere but in a hidden page. */
export declare function isVisible(): boolean;
/**
 * Tell when the page is shown or hidden, or when the network may have come or gone; also on the way into and out of the
 * back/forward cache.
 *
 * @param {(how: "shown" | "hidden" | "check") => void} tell
 * @returns {() => void} stop
 */
export declare function onPresence(tell: (how: "shown" | "hidden" | "check") => void): () => void;
