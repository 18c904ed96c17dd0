/**
 * How the page stands to the server, for people to read. Decides nothing.
 *
 * @typedef {"connecting" | "live" | "stalled" | "reconnecting" | "polling" | "paused" | "offline" |
 *   "stopped"} LinkState
 * @typedef {{ state: LinkState, heardAt?: Date | null, retryAt?: number | null, pollMs?: number | null,
 *   problem?: Error | null }} Standing
 */

/** Tells of a `change`, of what is heard at most once a second. */
export class Connection extends EventTarget {
  /** @type {LinkState} */
  state = "connecting";
  /** When the server was last heard. @type {Date | null} */
  heardAt = null;
  /** When the next try is. @type {number | null} */
  retryAt = null;
  /** @type {number | null} */
  pollMs = null;
  /** Why it is not live; `stopped` without one: there is nothing to watch. @type {Error | null} */
  problem = null;
  #toldAt = 0;

  /** @param {Standing} now  what it does not name is over, but for `heardAt` */
  tell({ state, heardAt = this.heardAt, retryAt = null, pollMs = null, problem = null }) {
    const same = state === this.state && retryAt === this.retryAt && pollMs === this.pollMs && problem === this.problem;
    Object.assign(this, { state, heardAt, retryAt, pollMs, problem });
    if (same && Date.now() - this.#toldAt < 1_000) return;
    this.#toldAt = Date.now();
    this.dispatchEvent(new Event("change"));
  }
}
