/**
 * How the page stands to the server, for people to read. Decides nothing.
 *
 * @typedef {"connecting" | "live" | "stalled" | "reconnecting" | "polling" | "paused" | "offline" |
 *   "stopped"} LinkState
 * @typedef {{ state: LinkState, heardAt?: Date | null, retryAt?: number | null, pollMs?: number | null,
 *   problem?: Error | null }} Standing
 */
export type LinkState = "connecting" | "live" | "stalled" | "reconnecting" | "polling" | "paused" | "offline" | *   "stopped";
export type Standing = {
    state: LinkState;
    heardAt?: Date | null;
    retryAt?: number | null;
    pollMs?: number | null;
    problem?: Error | null;
};
/** Tells of a `change`, of what is heard at most once a second. */
export declare class Connection extends EventTarget {
    #private;
    /** @type {LinkState} */
    state: LinkState;
    /** When the server was last heard. @type {Date | null} */
    heardAt: Date | null;
    /** When the next try is. @type {number | null} */
    retryAt: number | null;
    /** @type {number | null} */
    pollMs: number | null;
    /** Why it is not live; `stopped` without one: there is nothing to watch. @type {Error | null} */
    problem: Error | null;
    /** @param {Standing} now  what it does not name is over, but for `heardAt` */
    tell({ state, heardAt, retryAt, pollMs, problem }: Standing): void;
}
