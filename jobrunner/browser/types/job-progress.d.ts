/**
 * <job-progress job-id variant="bar | ring">: how far a job is, as a bar or a ring with a value in words. It is no live
 * region: the announcer speaks.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
import { JobElement } from "./job-element.js";
export declare const progressSheet: () => CSSStyleSheet;
export declare class ProgressBar {
    #private;
    element: HTMLDivElement;
    /** @param {{ [name: string]: string }} [name]  aria-label or aria-labelledby */
    constructor(name?: {
        [name: string]: string;
    });
    /** Show how far it is; null moves without a number. @param {number | null} percentage @param {string} words */
    show(percentage: number | null, words: string): void;
}
/** A ring with its number, or the shape of its status where there is none, in the middle. */
export declare class ProgressRing {
    #private;
    element: HTMLDivElement;
    /** @param {{ [name: string]: string }} [name] */
    constructor(name?: {
        [name: string]: string;
    });
    /** @param {number | null} percentage @param {string} words @param {Job} job */
    show(percentage: number | null, words: string, job: Job): void;
}
/** What a bar shows: null where it moves and nobody knows how far it is; of an attempt before, nothing. @param {Job} job */
export declare function barValue(job: Job): number | null;
export declare class JobProgress extends JobElement {
    #private;
    static observedAttributes: string[];
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
