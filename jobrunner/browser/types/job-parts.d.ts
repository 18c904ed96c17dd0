/**
 * <job-parts job-id>: the equal pieces of a job, such as languages: each with its bar, its word and its file.
 *
 * @import { Owner } from "./file-links.js"
 * @import { Part } from "./wire.js"
 */
import type { Owner } from "./file-links.js";
import type { Part } from "./wire.js";
import { JobElement } from "./job-element.js";
export declare const partsSheet: () => CSSStyleSheet;
export declare class PartList {
    #private;
    element: HTMLUListElement;
    /** @param {Owner} owner */
    constructor(owner: Owner);
    /** @param {Part[]} parts */
    show(parts: Part[]): void;
}
export declare class JobParts extends JobElement {
    #private;
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
