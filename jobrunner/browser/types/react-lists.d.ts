/**
 * The hooks of many jobs.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Filter, Job, Query } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { ReactLike } from "./react.js";
import type { Filter, Job, Query } from "./wire.js";
/** @param {ReactLike} React @param {Client} client */
export declare function listHooks({ useCallback, useEffect, useState }: ReactLike, client: Client): {
    useJobs: (query?: Query & Filter) => {
        jobs: Job[];
        isLoading: boolean;
        error: Error | null;
        refresh: () => Promise<void>;
    };
    useJobsCount: (filter?: Filter) => number;
};
