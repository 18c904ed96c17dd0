/**
 * The hooks that others are made of: one job as it is known, with its result and why it has not completed.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Job } from "./wire.js"
 *
 * @typedef {{ job: Job | null, result: unknown, isWhole: boolean, error: Error | null }} Known  `isWhole`: no result is
 *   on its way
 */
import type { Client } from "./jobrunner.js";
import type { ReactLike } from "./react.js";
import type { Job } from "./wire.js";
export type Known = {
    job: Job | null;
    result: unknown;
    isWhole: boolean;
    error: Error | null;
};
/** @param {ReactLike} React @param {Client} client */
export declare function watchHook({ useCallback, useEffect, useMemo, useState, useSyncExternalStore }: ReactLike, client: Client): (jobId: string | null, { on, pollMs, refused }?: {
    on?: boolean;
    pollMs?: number;
    refused?: Error | null;
}) => Known;
