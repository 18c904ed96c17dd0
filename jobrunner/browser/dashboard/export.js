/**
 * What a search finds as a file, JSON or CSV, page by page. Holds all of it in memory: it ends at a number that fits.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 * @import { Filter } from "./search.js"
 */

const PAGE = 500;
const MOST = 50_000;
const IDS_AT_ONCE = 100; // an address has an end
const COLUMNS = /** @type {{ [name: string]: (job: Job) => unknown }} */ ({
  job_id: (job) => job.job_id,
  type: (job) => job.type,
  title: (job) => job.title,
  status: (job) => job.status,
  user_id: (job) => job.user_id,
  queue: (job) => job.queue,
  priority: (job) => job.priority,
  tags: (job) => job.tags.join(" "),
  created_at: (job) => job.created_at,
  started_at: (job) => job.started_at,
  completed_at: (job) => job.completed_at,
  attempt: (job) => job.attempt,
  error_code: (job) => job.error_data?.code,
  error_message: (job) => job.error_data?.message,
});

/**
 * @param {Client} client
 * @param {Filter} filter
 * @param {"json" | "csv"} kind
 * @param {(done: number) => void} onProgress
 * @returns {Promise<number>} how many jobs were written
 */
export async function exportJobs(client, filter, kind, onProgress) {
  const jobs = /** @type {Job[]} */ ([]);
  for (const part of split(filter)) {
    for (let cursor = /** @type {string | null} */ (""); cursor !== null && jobs.length < MOST;) {
      const page = await client.list({ ...part, limit: PAGE, ...(cursor && { cursor }) });
      jobs.push(...page.jobs);
      cursor = page.next_cursor ?? null;
      onProgress(jobs.length);
    }
  }
  save(kind === "json" ? JSON.stringify({ jobs }, null, 2) : csv(jobs), kind);
  return jobs.length;
}

/** @param {Filter} filter @returns {Filter[]} */
function split(filter) {
  const ids = /** @type {string[]} */ ([filter.job_id ?? []].flat());
  if (ids.length <= IDS_AT_ONCE) return [filter];
  return Array.from({ length: Math.ceil(ids.length / IDS_AT_ONCE) }, (_, n) => ({
    ...filter,
    job_id: ids.slice(n * IDS_AT_ONCE, (n + 1) * IDS_AT_ONCE),
  }));
}

/** RFC 4180; a cell that a spreadsheet would compute is marked as text. @param {Job[]} jobs */
export function csv(jobs) {
  const cell = (/** @type {unknown} */ value) => {
    const text = String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = jobs.map((job) => Object.values(COLUMNS).map((read) => cell(read(job))));
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/** @param {string} text @param {"json" | "csv"} kind */
function save(text, kind) {
  const link = document.createElement("a");
  const type = kind === "json" ? "application/json" : "text/csv";
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `jobs-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
