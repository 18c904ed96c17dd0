/** What a job's state says. Asks nobody. @import { Artifact, Job, Part, Session } from "./wire.js" */
import type { Artifact, Job, Part, Session } from "./wire.js";
/** @param {Job} job */
export declare function isFinished(job: Job): boolean;
/** @param {Job} job */
export declare function isCompleted(job: Job): boolean;
/** @param {Job} job @param {Session | null} [session]  who asks */
export declare function canCancel(job: Job, session?: Session | null): boolean;
/** @param {Job} job @param {Session | null} [session] */
export declare function canRetry(job: Job, session?: Session | null): boolean;
/** Say it in one line: "45 % · Generating scene 3 of 7". @param {Job} job */
export declare function formatProgress(job: Job): string;
/** Be the seconds up to its end; null: nobody knows. @param {Job} job @param {number} [now] @returns {number | null} */
export declare function timeRemaining(job: Job, now?: number): number | null;
/**
 * Name a file after its job: "Intro to SQL, German.mp3".
 *
 * @param {Job} job @param {Artifact} file @param {Part} [part]
 */
export declare function downloadName(job: Job, file: Artifact, part?: Part): string;
