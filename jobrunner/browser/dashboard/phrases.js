/** Sentences and numbers of the pages. Pure; what is not known is never made up. @import { Counts, Job } from "../wire.js" */

import { duration } from "../words.js";

const NUMBER = new Intl.NumberFormat("en");

/** @param {number} value */
export function count(value) {
  return NUMBER.format(value);
}

/** @param {number} value @param {string} one @param {string} [many] */
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** The state of everything in one sentence. @param {Pick<Counts, "processing" | "queued" | "total">} counts */
export function sentence({ processing, queued, total }) {
  if (total === 0) return "No jobs yet";
  if (processing === 0 && queued === 0) return "Nothing is running";
  const waiting = queued > 0 ? `${processing > 0 ? count(queued) : counted(queued, "job")} waiting` : "";
  return [processing > 0 ? `${counted(processing, "job")} running` : "", waiting].filter(Boolean).join(", ");
}

/** Seconds from one time to another; null while one is not known. @param {string | null} from @param {string | null} to */
export function between(from, to) {
  return from === null || to === null ? null : Math.max((Date.parse(to) - Date.parse(from)) / 1_000, 0);
}

/** "in about 40 s", "now"; "" while nothing is known. @param {string | null} at @param {number} now */
export function soon(at, now) {
  if (at === null) return "";
  const left = Math.round((Date.parse(at) - now) / 1_000);
  return left < 2 ? "any moment" : `in about ${duration(left)}`;
}

/** A duration where there is little room. @param {number | null | undefined} value  seconds */
export function brief(value) {
  if (value == null) return "–";
  return value < 0.1 ? "< 0.1 s" : duration(value);
}

/** @param {number} part @param {number} whole */
export function share(part, whole) {
  return whole === 0 ? "–" : `${NUMBER.format(Math.round((1_000 * part) / whole) / 10)} %`;
}

/** What kind of job it is, when its title does not say so already. @param {Job} job */
export function kind(job) {
  return job.title && job.title !== job.type ? job.type : "";
}
