/** Where the pages are: addresses below the root that this module came from. @import { Job } from "../wire.js" */

export const ROOT = new URL("../../", import.meta.url);

/** @param {string} path */
export function href(path) {
  const url = new URL(path, ROOT);
  return url.pathname + url.search;
}

/** @param {Pick<Job, "job_id">} job */
export function jobHref(job) {
  return href(`jobs/${job.job_id}`);
}

/** Be the history of what a search finds. @param {string} words */
export function searchHref(words) {
  return href(words === "" ? "jobs" : `jobs?${new URLSearchParams({ q: words })}`);
}
