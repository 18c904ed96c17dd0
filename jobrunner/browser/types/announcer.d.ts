/**
 * The one polite live region of the page: speaks starts, stages, quarters and ends of jobs, and answers to what a person
 * did. Many at once become one sentence; progress is spoken at most every 10 s.
 *
 * @import { Job } from "./wire.js"
 */
import type { Job } from "./wire.js";
/** Say something to those who do not see it. @param {string} sentence */
export declare function announce(sentence: string): void;
/**
 * Speak of what has changed in a job; of one seen for the first time nothing.
 *
 * @param {Job} job
 * @param {Job | null | undefined} before
 * @param {{ brief?: boolean }} [how]  brief: starts and ends only
 */
export declare function announceJob(job: Job, before: Job | null | undefined, { brief }?: {
    brief?: boolean;
}): void;
