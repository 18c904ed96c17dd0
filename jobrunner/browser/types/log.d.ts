/**
 * Follows the log of a job by its changes and a look at times, so that it needs no stream of its own. Loaded when the
 * first log is looked at.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { LogLine } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { LogLine } from "./wire.js";
/** @param {Client} client @param {string} jobId @param {(line: LogLine) => void} onLine @param {AbortSignal} signal */
export declare function followLogs(client: Client, jobId: string, onLine: (line: LogLine) => void, signal: AbortSignal): Promise<void>;
