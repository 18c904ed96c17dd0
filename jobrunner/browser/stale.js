/**
 * Whether what a page shows may be out of date.
 *
 * @import { Connection } from "./link.js"
 */

const SILENCE_MS = 40_000; // the server speaks every 15 s
const LIVE = ["live", "polling"];

/** Say whether what is shown may be out of date. @param {Connection} connection @param {number} [now] */
export function isStale(connection, now = Date.now()) {
  const { state, heardAt, problem } = connection;
  if (state === "stopped") return problem !== null;
  if (state === "stalled") return true;
  return heardAt !== null && !LIVE.includes(state) && now - heardAt.getTime() >= SILENCE_MS;
}
