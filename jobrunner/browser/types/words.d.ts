/**
 * Jobs and values as words for people. Pure; what is not known is never made up.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
/** @param {Job} job */
export declare function titleOf(job: Job): string;
/** @param {Job} job */
export declare function isCancelling(job: Job): boolean;
/** @param {Job} job */
export declare function statusWord(job: Job): string;
/** What a job does or waits for just now. @param {Job} job */
export declare function stepWords(job: Job): string;
/** @param {Job} job */
export declare function percentWords(job: Job): string;
/** @param {number} value  0 to 100 */
export declare function percent(value: number): string;
/**
 * How long it still takes, or until it starts, where somebody said so.
 *
 * @param {Job} job
 * @param {{ now?: number, heardAt?: number }} [when]  in ms; `heardAt` is when the job said so
 */
export declare function timeLeft(job: Job, { now, heardAt }?: {
    now?: number;
    heardAt?: number;
}): string;
/** Seconds that it has run. @param {Job} job @param {number} [now] */
export declare function elapsed(job: Job, now?: number): number;
/** Type, times and attempts in one line. @param {Job} job @param {number} [now] */
export declare function factWords(job: Job, now?: number): string;
/** All that the bar says: 62 percent, about 1 min left, stage 3 of 4. @param {Job} job @param {string} left */
export declare function valueWords(job: Job, left: string): string;
/** @param {number} seconds */
export declare function duration(seconds: number): string;
/** @param {number} size */
export declare function bytes(size: number): string;
/** How long ago, within the hour; else the time. @param {string} iso @param {number} [now] */
export declare function ago(iso: string, now?: number): string;
/** A time of today without its day. @param {string} iso */
export declare function moment(iso: string): string;
/** 12:04:31 @param {Date} when */
export declare function clock(when: Date): string;
