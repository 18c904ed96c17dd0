/**
 * <job-stages job-id>: the declared stages of a job, each with a shape and a word.
 *
 * @import { Stage } from "./wire.js"
 */
import type { Stage } from "./wire.js";
import { JobElement } from "./job-element.js";
export declare const stagesSheet: () => CSSStyleSheet;
export declare class StageList {
    #private;
    element: HTMLOListElement;
    /** @param {Stage[]} stages */
    show(stages: Stage[]): void;
}
export declare class JobStages extends JobElement {
    #private;
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
