/** Values as words for people. Pure; what is not known is never made up. @import { Job } from "./wire.js" */

/** @type {{ [status: string]: string }} */
const STATUSES = {
  queued: "Queued",
  processing: "Processing",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** @type {{ [reason: string]: string }} */
const WAITS = {
  worker: "Waiting for a free worker",
  upload: "Waiting for its file",
  time: "Waiting for its time",
  retry: "Waiting to be tried again",
  dependency: "Waiting for another job",
  limit: "Waiting: a limit is reached",
  paused_queue: "Waiting: its queue is paused",
};

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** @param {Job} job */
export function statusWord(job) {
  return job.cancel_requested_at !== null && job.status === "processing" ? "Cancelling…" : STATUSES[job.status];
}

/** What a job does or waits for just now. @param {Job} job */
export function stepWords(job) {
  if (job.status === "queued") return waitWords(job);
  if (job.status !== "processing") return "";
  const stage = job.stages.find((one) => one.name === job.progress_data.stage);
  return job.progress_data.current_step ?? stage?.description ?? stage?.label ?? "";
}

/** @param {Job} job */
function waitWords(job) {
  const wait = WAITS[job.waiting_for ?? "worker"] ?? "Waiting";
  const received = job.uploads.reduce((sum, upload) => sum + (upload.received ?? 0), 0);
  if (job.waiting_for === "upload" && received > 0) return `${wait}: ${bytes(received)} received`;
  return job.run_at !== null && job.waiting_for === "time" ? `Waiting until ${moment(job.run_at)}` : wait;
}

/** @param {Job} job */
export function percentWords(job) {
  const { percentage } = job.progress_data;
  return percentage === null || job.status !== "processing" ? "" : `${Math.floor(percentage)}%`;
}

/** @param {Job} job */
export function timeLeft(job) {
  const left = job.progress_data.estimated_time_remaining;
  return job.status !== "processing" || left === null ? "" : `about ${duration(Math.max(Math.ceil(left), 1))} left`;
}

/** Type, times and attempts in one line. @param {Job} job */
export function factWords(job) {
  const took =
    job.started_at !== null && job.completed_at !== null
      ? (Date.parse(job.completed_at) - Date.parse(job.started_at)) / 1_000
      : null;
  return [
    job.title && job.title !== job.type ? job.type : "",
    job.started_at === null ? `submitted ${moment(job.created_at)}` : `started ${moment(job.started_at)}`,
    took === null ? "" : `took ${duration(took)}`,
    job.attempt > 1 ? `attempt ${job.attempt}` : "",
    job.parts_total > 0 ? `${job.parts_completed} of ${job.parts_total} parts done` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.1) return "less than 0.1 s";
  if (seconds < 10) return `${NUMBER.format(seconds)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`.replace(" 0 s", "");
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** @param {number} size */
export function bytes(size) {
  if (size < 1_000) return `${size} B`;
  const power = Math.min(Math.floor(Math.log10(size) / 3), 4);
  return `${NUMBER.format(size / 1_000 ** power)} ${["B", "kB", "MB", "GB", "TB"][power]}`;
}

/** A time of today without its day. @param {string} iso */
export function moment(iso) {
  const when = new Date(iso);
  return when.toDateString() === new Date().toDateString() ? TIME.format(when) : DAY_AND_TIME.format(when);
}

/** 12:04:31 @param {Date} when */
export function clock(when) {
  return TIME.format(when);
}
