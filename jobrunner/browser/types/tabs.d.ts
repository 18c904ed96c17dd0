/**
 * Makes one stream serve all tabs of an origin that ask the same server as the same subject: one tab leads (a Web
 * Lock), hears for all (a BroadcastChannel), and the others follow until it closes, hides, crashes or falls silent.
 * Tabs of another subject hear nothing. Loaded where there are locks.
 *
 * @import { Caller } from "./caller.js"
 * @import { Feed } from "./feed.js"
 * @import { Standing } from "./link.js"
 * @import { Job, Place } from "./wire.js"
 *
 * @typedef {{ jobs?: Job[], live?: boolean, cursor?: string, standing?: Standing, reset?: boolean,
 *   place?: Place }} News
 * @typedef {{ names: string[], after: string | undefined, version: number, at: number }} Want
 */
import type { Caller } from "./caller.js";
import type { Feed } from "./feed.js";
import type { Standing } from "./link.js";
import type { Job, Place } from "./wire.js";
export type News = {
    jobs?: Job[];
    live?: boolean;
    cursor?: string;
    standing?: Standing;
    reset?: boolean;
    place?: Place;
};
export type Want = {
    names: string[];
    after: string | undefined;
    version: number;
    at: number;
};
/**
 * Sit down with the other tabs; null where they cannot be told apart.
 *
 * @param {Caller} caller @param {Feed} feed @param {AbortSignal} signal
 */
export declare function join(caller: Caller, feed: Feed, signal: AbortSignal): Promise<Tabs | null>;
export declare class Tabs {
    #private;
    leads: boolean;
    /** @param {Caller} caller @param {string} subject @param {Feed} feed */
    constructor(caller: Caller, subject: string, feed: Feed);
    /** Take the lead if nobody has it, else wait for it. */
    sit(): Promise<void>;
    /** Stand up: the next one leads, or nobody serves us. */
    leave(): void;
    /** What the other tabs want. */
    get others(): Want[];
    /** Where to begin for those whom we do not serve yet. */
    get places(): (string | undefined)[];
    /** The stream brings from now on what all want. */
    serve(): void;
    /** Tell the others. @param {News} news */
    tell(news: News): void;
    /**
     * Say what we want, and live by what is told, until the signal.
     *
     * @param {string[]} names @param {string | undefined} after @param {AbortSignal} signal
     */
    follow(names: string[], after: string | undefined, signal: AbortSignal): Promise<void>;
}
