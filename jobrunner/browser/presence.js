/** Whether somebody looks at the page, and when that may have changed. Touches nothing else of it. */

/** Everywhere but in a hidden page. */
export function isVisible() {
  return globalThis.document?.visibilityState !== "hidden";
}

/**
 * Tell when the page is shown or hidden, or when the network may have come or gone; also on the way into and out of the
 * back/forward cache.
 *
 * @param {(how: "shown" | "hidden" | "check") => void} tell
 * @returns {() => void} stop
 */
export function onPresence(tell) {
  const page = globalThis.document;
  const over = new AbortController();
  /** @type {(target: EventTarget | undefined, type: string, act: () => void) => void} */
  const on = (target, type, act) => target?.addEventListener(type, act, over);
  on(page, "visibilitychange", () => tell(isVisible() ? "shown" : "hidden"));
  if (page) {
    on(globalThis, "pagehide", () => tell("hidden"));
    on(globalThis, "pageshow", () => isVisible() && tell("shown"));
    on(globalThis, "online", () => isVisible() && tell("shown"));
    on(globalThis, "offline", () => isVisible() && tell("check"));
  }
  return () => over.abort();
}
