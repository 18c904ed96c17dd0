/** What a job's state says. Asks nobody. @import { Artifact, Job, Part, Session } from "./wire.js" */

/** @param {Job} job */
export function isFinished(job) {
  return job.status === "completed" || job.status === "failed" || job.status === "cancelled";
}

/** @param {Job} job */
export function isCompleted(job) {
  return job.status === "completed";
}

/** @param {Job} job @param {Session | null} [session]  who asks */
export function canCancel(job, session) {
  return job.can_cancel && may(session, "cancel");
}

/** @param {Job} job @param {Session | null} [session] */
export function canRetry(job, session) {
  return job.can_retry && may(session, "retry");
}

/** @param {Session | null | undefined} session @param {string} action */
function may(session, action) {
  return !session || session.kind === "operator" || session.allow.includes(action);
}

/** Say it in one line: "45 % · Generating scene 3 of 7". @param {Job} job */
export function formatProgress(job) {
  const { percentage, current_step } = job.progress_data;
  const said = job.status === "processing" && [percentage !== null && `${Math.floor(percentage)} %`, current_step];
  return (said || []).filter(Boolean).join(" · ") || job.status;
}

/** Be the seconds up to its end; null: nobody knows. @param {Job} job @param {number} [now] @returns {number | null} */
export function timeRemaining(job, now = Date.now()) {
  if (isFinished(job)) return 0;
  const said = job.progress_data.estimated_time_remaining;
  if (said !== null) return said;
  return job.estimated_completion === null ? null : Math.max(0, (Date.parse(job.estimated_completion) - now) / 1_000);
}

/**
 * Name a file after its job: "Intro to SQL, German.mp3".
 *
 * @param {Job} job @param {Artifact} file @param {Part} [part]
 */
export function downloadName(job, file, part) {
  const kind = /\.\w{1,8}$/.exec(file.name)?.[0] ?? "";
  const own = part?.label ?? (job.artifacts.length > 1 ? file.name.slice(0, file.name.length - kind.length) : "");
  const name = [job.title || job.type, own].filter(Boolean).join(", ");
  return name.replace(/[\\/:*?"<>|\x00-\x1f]+/g, "_") + kind;
}
