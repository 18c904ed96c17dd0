/**
 * Whether what a page shows may be out of date.
 *
 * @import { Connection } from "./link.js"
 */
import type { Connection } from "./link.js";
/** Say whether what is shown may be out of date. @param {Connection} connection @param {number} [now] */
export declare function isStale(connection: Connection, now?: number): boolean;
