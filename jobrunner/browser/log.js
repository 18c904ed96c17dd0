/**
 * Follows the log of a job by its changes and a look at times, so that it needs no stream of its own. Loaded when the
 * first log is looked at.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { LogLine } from "./wire.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { isFinished } from "./job.js";

const [SOON_MS, LATE_MS] = [500, 5_000];
const PAGE = 1_000; // lines that come at once

/** @param {Client} client @param {string} jobId @param {(line: LogLine) => void} onLine @param {AbortSignal} signal */
export async function followLogs(client, jobId, onLine, signal) {
  let ended = false;
  let nap = new AbortController();
  const stop = client.watch(jobId, (job) => {
    ended = isFinished(job);
    nap.abort();
  });
  for (let after = 0, quiet = 0; !signal.aborted; ) {
    const last = ended; // known before the lines: there are no more
    const page = await client.logs(jobId, { after }).catch(() => null);
    if (signal.aborted) break;
    for (const line of page?.lines ?? []) onLine(line);
    if (page && page.next !== after) quiet = 0;
    else if (last && page) break;
    after = page?.next ?? after;
    nap = new AbortController();
    if (last || page?.lines.length === PAGE) continue;
    await sleep(SOON_MS, signal).catch(() => undefined); // a job may change ten times a second
    const ms = backoffMs(quiet++, { firstMs: SOON_MS, maxMs: LATE_MS });
    await sleep(ms, AbortSignal.any([signal, nap.signal])).catch(() => undefined);
  }
  stop();
}
