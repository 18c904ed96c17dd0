/**
 * Which jobs a component shows, as its attributes say: as a query, as what a stream is asked for, and as a question about
 * one job. A stream asks for what never changes in a job only.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
export declare const STREAM_ATTRIBUTES: string[];
export declare const FILTER_ATTRIBUTES: string[];
/** @param {Element} node */
export declare function streamFilter(node: Element): {
    [name: string]: string | string[];
};
/** @param {Element} node */
export declare function listQuery(node: Element): {
    status?: string[] | undefined;
};
/** Say whether a job that came by the stream is one of those shown. @param {Element} node @param {Job} job */
export declare function isWanted(node: Element, job: Job): boolean;
