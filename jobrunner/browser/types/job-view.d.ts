/**
 * One job as it is shown, alone or in a list: made once, patched with each state. What is shown of it is said by its
 * variant: all, or a row with a bar, or a ring, or one line. Watches nothing.
 *
 * @import { Asker } from "./job-actions.js"
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */
import type { Asker } from "./job-actions.js";
import type { Client } from "./jobrunner.js";
import type { Job } from "./wire.js";
export type Look = {
    /**
     * full, linear, ring or compact
     */
    variant: string;
    /**
     * "jobs/{job_id}": what the title leads to
     */
    href: string | null;
    /**
     * whether there are buttons
     */
    acts: boolean;
    /**
     * of the title, as a heading
     */
    level: string;
};
/**
 * @typedef {object} Look
 * @property {string} variant  full, linear, ring or compact
 * @property {string | null} href  "jobs/{job_id}": what the title leads to
 * @property {boolean} acts  whether there are buttons
 * @property {string} level  of the title, as a heading
 */
export declare const viewSheets: (() => CSSStyleSheet)[];
export declare class JobView {
    #private;
    element: HTMLDivElement;
    /** @param {Asker & { client: Client, job: Job | null }} owner */
    constructor(owner: Asker & {
        client: Client;
        job: Job | null;
    });
    /** @param {Job} job @param {Look} look @param {number} heardAt */
    show(job: Job, look: Look, heardAt: number): void;
    /** Give the title the focus. */
    focus(): void;
}
