/**
 * The elements as React components, and a boundary for what throws.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Job } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { ReactLike } from "./react.js";
import type { Job } from "./wire.js";
import "./job-status.js";
import "./jobs-badge.js";
/** @param {ReactLike} React @param {Client} client */
export declare function elementComponents(React: ReactLike, client: Client): {
    JobStatus: ({ jobId, job, onChange, onComplete, onError, onCancel, onAction, ...others }: {
        jobId?: string;
        job?: Job;
        onChange?: (job: Job) => void;
        onComplete?: (job: Job) => void;
        onError?: (job: Job) => void;
        onCancel?: (job: Job) => void;
        onAction?: (action: string, job: Job) => boolean | void;
    } & {
        [attribute: string]: any;
    }) => any;
    JobsBadge: (props: {
        [attribute: string]: any;
    }) => any;
    JobErrorBoundary: {
        new (props: {
            children?: any;
            fallback?: any;
            onError?: (error: Error, info: unknown) => void;
        }): {
            [x: string]: any;
            state: {
                error: null;
            };
            again: () => any;
            /** @param {Error} error @param {unknown} info */
            componentDidCatch(error: Error, info: unknown): void;
            render(): any;
        };
        [x: string]: any;
        /** @param {Error} error */
        getDerivedStateFromError(error: Error): {
            error: Error;
        };
    };
};
/** Hand on the newest of something to what was made of an older one. @param {ReactLike} React */
export declare function newestHook({ useEffect, useRef }: ReactLike): <Value>(value: Value) => {
    current: Value;
};
