/**
 * <job-parts job-id>: the equal pieces of a job, such as languages: each with its bar, its word, its file as soon as it is
 * there, and a button to do it again where it has failed.
 *
 * @import { Owner } from "./file-links.js"
 * @import { Asker } from "./job-actions.js"
 * @import { Job, Part } from "./wire.js"
 */
import type { Owner } from "./file-links.js";
import type { Asker } from "./job-actions.js";
import type { Part } from "./wire.js";
import { JobElement } from "./job-element.js";
export declare const partsSheet: () => CSSStyleSheet;
export declare class PartList {
    #private;
    element: HTMLUListElement;
    /** @param {Owner & Asker} owner */
    constructor(owner: Owner & Asker);
    /** @param {Part[]} parts @param {boolean} [acts] */
    show(parts: Part[], acts?: boolean): void;
}
export declare class JobParts extends JobElement {
    #private;
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
