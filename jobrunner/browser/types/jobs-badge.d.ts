/**
 * <jobs-badge type queue tag user-id href>: how many jobs run or wait, as a small number beside a word of the page. It is
 * not there while there are none.
 *
 * @import { Job } from "./wire.js"
 * @import { Beginning } from "./watcher.js"
 */
import { JobsElement } from "./jobs-element.js";
export declare class JobsBadge extends JobsElement {
    #private;
    static observedAttributes: string[];
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    get count(): number;
    start(): void;
    draw(): void;
}
