/**
 * Brings one file to its job, however often the connection breaks. Loaded when the first file is to be sent.
 *
 * @import { Caller } from "./caller.js"
 * @import { Uploading } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */
import type { Caller } from "./caller.js";
import type { Uploading } from "./jobrunner.js";
/**
 * @param {Caller} caller @param {string} jobId @param {string} name @param {File} file @param {Uploading} [uploading]
 */
export declare function upload(caller: Caller, jobId: string, name: string, file: File, { onProgress, onWait, signal }?: Uploading): Promise<void>;
