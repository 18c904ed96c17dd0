/**
 * Keeps up with the server: fetches what has changed since its cursor, then listens to one event stream, or where that
 * cannot be had, polls. Hands on what it hears, knows no watcher, and gives up only where it may not look (401, 403).
 *
 * @import { Caller } from "./caller.js"
 * @import { Connection, Standing } from "./link.js"
 * @import { Watching } from "./watching.js"
 * @import { News, Tabs } from "./tabs.js"
 * @import { Job, Place } from "./wire.js"
 * @import { StreamEvent } from "./sse.js"
 */
import type { Caller } from "./caller.js";
import type { Connection, Standing } from "./link.js";
import type { Watching } from "./watching.js";
import type { News } from "./tabs.js";
import { Changes } from "./changes.js";
export declare class Feed {
    #private;
    changes: Changes;
    /** @param {Caller} caller @param {Watching} watching @param {Connection} connection */
    constructor(caller: Caller, watching: Watching, connection: Connection);
    get runs(): boolean;
    open(): void;
    /** Let the connection go, keep the place. @param {Standing} why */
    close(why: Standing): void;
    /** Try at once, and the stream first. */
    wake(): void;
    /** Look again at what is wanted. */
    turn(): void;
    /** Whether what is wanted comes already, and no stream of much more. @param {string[]} wanted */
    covers(wanted: string[]): boolean;
    /** Something has changed, also by our own doing: poll soon. */
    stir(): void;
    /** Another tab wants something else. */
    heed(): void;
    /** Take what the leading tab tells. @param {News} news @param {boolean} whole  it is all that we want */
    hear({ jobs, live, cursor, standing, reset, place }: News, whole: boolean): void;
    /** Leave the other tabs: they are somebody else's. */
    unseat(): void;
}
