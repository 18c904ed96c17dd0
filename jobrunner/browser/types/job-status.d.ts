/**
 * <job-status job-id variant="full | linear | ring | compact">: one job, live: where it stands, what it does, how long it
 * still takes, why it failed, what it made, and the buttons.
 */
import { JobElement } from "./job-element.js";
/** Read how jobs are to be shown. @param {HTMLElement} node @param {string} variant  unless it is named @returns {import("./job-view.js").Look} */
export declare function lookOf(node: HTMLElement, variant: string): import("./job-view.js").Look;
/** What is shown while nothing is known; not before 300 ms. */
export declare function skeleton(): HTMLDivElement;
export declare class JobStatus extends JobElement {
    #private;
    static observedAttributes: string[];
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
