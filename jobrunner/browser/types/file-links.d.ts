/**
 * The files a job made, as links. They open under the server's sandbox in a tab of their own, never inside the page.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Artifact, Job, Part } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { Artifact, Job, Part } from "./wire.js";
export declare const filesSheet: () => CSSStyleSheet;
export type Owner = {
    client: Client;
    job: Job | null;
};
/** @typedef {{ client: Client, job: Job | null }} Owner  who shows the files, as it is when one is asked for */
/** @param {Artifact} file */
export declare function mediaType(file: Artifact): string;
/** Say whether a file is what the job was for: a page made to be read. @param {Artifact} file */
export declare function isPage(file: Artifact): boolean;
/** All files of a job, the pages first. */
export declare class FileList {
    #private;
    element: HTMLUListElement;
    /** @param {Owner} owner */
    constructor(owner: Owner);
    /** @param {Artifact[]} files */
    show(files: Artifact[]): void;
}
export declare class FileLinks {
    #private;
    element: HTMLSpanElement;
    /** @param {Owner} owner */
    constructor(owner: Owner);
    /** @param {Artifact | null} file @param {Part} [part]  whose file it is */
    show(file: Artifact | null, part?: Part): void;
}
