/**
 * <job-stages job-id>: the declared stages of a job, each with a shape and a word.
 *
 * @import { Job, Stage } from "./wire.js"
 */
import type { Job } from "./wire.js";
import { JobElement } from "./job-element.js";
export declare const stagesSheet: () => CSSStyleSheet;
export declare class StageList {
    #private;
    element: HTMLOListElement;
    /** Show those of a job; before it is tried again, all are still to come but the files. @param {Job | null} job */
    show(job: Job | null): void;
}
export declare class JobStages extends JobElement {
    #private;
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
