/**
 * Jobs and values as words for people. Pure; what is not known is never made up.
 *
 * @import { Job } from "./wire.js"
 */

import { format, number, say } from "./messages.js";

const TIME = { timeStyle: "medium", hourCycle: "h23" };
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const USUAL_PRIORITY = 5;

/** @param {Job} job */
export function titleOf(job) {
  return job.title || job.type;
}

/** @param {Job} job */
export function isCancelling(job) {
  return job.cancel_requested_at !== null && job.status === "processing";
}

/** @param {Job} job */
export function statusWord(job) {
  return say(isCancelling(job) ? "cancelling" : job.status);
}

/** What a job does or waits for just now. @param {Job} job */
export function stepWords(job) {
  if (job.status === "queued") return waitWords(job);
  if (job.status !== "processing") return "";
  const stage = job.stages.find((one) => one.name === job.progress_data.stage);
  return job.progress_data.current_step || stage?.description || stage?.label || "";
}

/** @param {Job} job */
function waitWords(job) {
  const received = job.uploads.reduce((sum, upload) => sum + (upload.received ?? 0), 0);
  if (job.waiting_for === "upload" && received > 0) return say("wait_upload_received", { size: bytes(received) });
  if (job.waiting_for === "time" && job.run_at !== null) return say("wait_until", { time: moment(job.run_at) });
  const why = say(`wait_${job.waiting_for ?? "worker"}`, { n: job.depends_on?.length ?? 1 });
  const place = job.queue_position == null ? [] : [say("position", { n: job.queue_position })];
  return [why.startsWith("wait_") ? say("wait") : why, ...place].join(", ");
}

/** @param {Job} job */
export function percentWords(job) {
  const { percentage } = job.progress_data;
  return percentage === null || job.status !== "processing" ? "" : percent(percentage);
}

/** @param {number} value  0 to 100 */
export function percent(value) {
  return number(Math.floor(value) / 100, { style: "percent" });
}

/**
 * How long it still takes, or until it starts, where somebody said so.
 *
 * @param {Job} job
 * @param {{ now?: number, heardAt?: number }} [when]  in ms; `heardAt` is when the job said so
 */
export function timeLeft(job, { now = Date.now(), heardAt = now } = {}) {
  const until = (/** @type {string | null | undefined} */ at) => (at == null ? null : Date.parse(at) - now);
  if (job.status === "queued") {
    const ms = until(job.estimated_start);
    return ms === null || ms <= 0 ? "" : say("starts_in", { duration: about(ms) });
  }
  if (job.status !== "processing") return "";
  const said = job.progress_data.estimated_time_remaining;
  const ms = said !== null ? said * 1_000 - (now - heardAt) : until(job.estimated_completion);
  if (ms !== null) return say("left", { duration: about(Math.max(ms, 1_000)) });
  const late = job.estimated_duration != null && elapsed(job, now) > job.estimated_duration;
  return late ? say("longer") : "";
}

/** @param {number} ms */
function about(ms) {
  const seconds = Math.ceil(ms / 1_000);
  return duration(seconds < 60 ? seconds : Math.round(seconds / 60) * 60);
}

/** Seconds that it has run. @param {Job} job @param {number} [now] */
export function elapsed(job, now = Date.now()) {
  if (job.started_at === null) return 0;
  return ((job.completed_at === null ? now : Date.parse(job.completed_at)) - Date.parse(job.started_at)) / 1_000;
}

/** Type, times and attempts in one line. @param {Job} job @param {number} [now] */
export function factWords(job, now = Date.now()) {
  const priority = (job.priority ?? USUAL_PRIORITY) - USUAL_PRIORITY;
  return [
    job.title && job.title !== job.type ? job.type : "",
    priority === 0 ? "" : say(priority > 0 ? "high_priority" : "low_priority"),
    timeWords(job, now),
    job.completed_at !== null && job.started_at !== null ? say("took", { duration: duration(elapsed(job)) }) : "",
    job.attempt > 1 ? say("attempt", { n: job.attempt, total: Math.max(job.max_attempts, job.attempt) }) : "",
    job.parts_total > 0 ? say("parts_done", { n: job.parts_completed, total: job.parts_total }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** @param {Job} job @param {number} now */
function timeWords(job, now) {
  if (job.completed_at !== null) return say("ended", { time: moment(job.completed_at) });
  if (job.started_at !== null) return say("started", { time: ago(job.started_at, now) });
  return say("submitted", { time: ago(job.created_at, now) });
}

/** All that the bar says: 62 percent, about 1 min left, stage 3 of 4. @param {Job} job @param {string} left */
export function valueWords(job, left) {
  const { percentage, stage } = job.progress_data;
  const place = job.stages.findIndex((one) => one.name === stage) + 1;
  const running = job.status === "processing";
  return [
    running && percentage !== null ? say("percent", { n: Math.floor(percentage) }) : statusWord(job),
    left,
    running && place > 0 ? say("stage_of", { n: place, total: job.stages.length }) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.1) return say("less");
  if (seconds < 59.5) return say("seconds", { n: seconds < 10 ? seconds : Math.round(seconds) });
  const [s, m, h] = [Math.round(seconds) % 60, Math.floor(Math.round(seconds) / 60), Math.floor(seconds / 3_600)];
  if (h >= 24) return say("days", { d: Math.floor(h / 24), h: h % 24 });
  if (h > 0) return say("hours", { h, m: m % 60 });
  return s === 0 ? say("minutes_only", { m }) : say("minutes", { m, s });
}

/** @param {number} size */
export function bytes(size) {
  const power = size < 1_000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), 4);
  return number(size / 1_000 ** power, { style: "unit", unit: UNITS[power], maximumFractionDigits: 1 });
}

/** How long ago, within the hour; else the time. @param {string} iso @param {number} [now] */
export function ago(iso, now = Date.now()) {
  const seconds = (now - Date.parse(iso)) / 1_000;
  if (seconds < 1) return say("now");
  if (seconds >= 3_600) return moment(iso);
  return say("ago", { duration: duration(Math.floor(seconds < 60 ? seconds : seconds - (seconds % 60))) });
}

/** A time of today without its day. @param {string} iso */
export function moment(iso) {
  const when = new Date(iso);
  const today = when.toDateString() === new Date().toDateString();
  return format(Intl.DateTimeFormat, today ? TIME : { ...TIME, dateStyle: "medium" }).format(when);
}

/** 12:04:31 @param {Date} when */
export function clock(when) {
  return format(Intl.DateTimeFormat, TIME).format(when);
}
