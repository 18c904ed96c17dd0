/**
 * All words of the components, in one table: English, until a page puts others in their place. Text only: whatever is
 * filled in is shown by textContent.
 *
 * @typedef {string | { [rule: string]: string }} Message  with {names}; by plural rule of {n} where it has several
 */

const changes = new EventTarget();

/** `locale` is that of numbers and times; "" is the page's own language. @type {{ [key: string]: Message }} */
export const messages = {
  locale: "",
  queued: "Queued",
  processing: "Processing",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
  skipped: "Skipped",
  cancelling: "Cancelling…",
  updating: "Updating…",
  wait: "Waiting",
  wait_worker: "Waiting for a free worker",
  wait_upload: "Waiting for its file",
  wait_upload_received: "Waiting for its file: {size} received",
  wait_time: "Waiting for its time",
  wait_until: "Waiting until {time}",
  wait_retry: "Waiting to be tried again",
  wait_dependency: { one: "Waiting for another job", other: "Waiting for {n} other jobs" },
  wait_limit: "Waiting: a limit is reached",
  wait_paused_queue: "Waiting: its queue is paused",
  position: "position {n}",
  starts_in: "starts in about {duration}",
  high_priority: "high priority",
  low_priority: "low priority",
  submitted: "submitted {time}",
  started: "started {time}",
  ended: "ended {time}",
  took: "took {duration}",
  attempt: "attempt {n} of {total}",
  parts_done: "{n} of {total} parts done",
  left: "about {duration} left",
  no_estimate: "no estimate yet: one of the first runs of this type",
  longer: "longer than usual",
  percent: "{n} percent",
  stage_of: "stage {n} of {total}",
  ago: "{duration} ago",
  now: "just now",
  less: "less than 0.1 s",
  seconds: "{n} s",
  minutes: "{m} min {s} s",
  minutes_only: "{m} min",
  hours: "{h} h {m} min",
  days: "{d} d {h} h",
  job: "Job",
  jobs: "Jobs",
  progress: "Progress",
  stages: "Stages",
  parts: "Parts",
  files: "Files",
  may_help: "The same again may work.",
  no_help: "The same again will most likely fail again.",
  missing: "There is no such job, or you may not see it.",
  cancel: "Cancel",
  retry: "Retry",
  open: "Open",
  download: "Download",
  download_of: "Download {name}",
  open_of: "Open {name} in a new tab",
  gone: "This file is gone.",
  of: "{action}: {title}",
  more: "Show more",
  new_jobs: { one: "{n} new job", other: "{n} new jobs" },
  no_jobs: "No jobs yet",
  no_match: "No job matches",
  active: "Running or waiting: {n}",
  close: "Close",
  notifications: "Notifications",
  connecting: "Connecting…",
  live: "Live · updated {time}",
  live_plain: "Live",
  idle: "Up to date",
  reconnecting: "Reconnecting…",
  reconnecting_in: "Reconnecting in {duration}",
  polling: "Polling every {duration}",
  paused: "Paused",
  offline: "Offline",
  stopped: "Stopped",
  not_live: "Not live",
  as_of: "{words}, as of {time}",
  pause: "Pause",
  resume: "Resume",
  try_now: "Try now",
  said_progress: "{title}: {percent}.",
  said_stage: "{title}: {stage}.",
  said_status: "{title}: {status}.",
  said_many: "{n} changes of jobs.",
};

/** Add the words of what is loaded later; those that are there already stay. @param {{ [key: string]: Message }} words */
export function addMessages(words) {
  Object.assign(messages, { ...words, ...messages });
}

/** Put other words in place, and have everything on the page redrawn. @param {{ [key: string]: Message }} others */
export function setMessages(others) {
  Object.assign(messages, others);
  changes.dispatchEvent(new Event("change"));
}

/** Hear when the words change. @param {() => void} listener @returns {() => void} stop */
export function onMessages(listener) {
  changes.addEventListener("change", listener);
  return () => changes.removeEventListener("change", listener);
}

/** Be a message with its names filled in. @param {string} key @param {{ [name: string]: string | number }} [values] */
export function say(key, values = {}) {
  const message = messages[key] ?? key;
  const text = typeof message === "string" ? message : (message[rule(Number(values.n))] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name] ?? whole;
    return typeof value === "number" ? number(value) : value;
  });
}

/** @param {number} n */
function rule(n) {
  return format(Intl.PluralRules, {}).select(n);
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options = { maximumFractionDigits: 1 }) {
  return format(Intl.NumberFormat, options).format(value);
}

/** @type {Map<string, any>} */
const formats = new Map();

/**
 * Be a formatter in the language of the page; making one is dear, so they are kept.
 *
 * @template Format
 * @param {new (locale: string | undefined, options: any) => Format} Kind
 * @param {object} options
 * @returns {Format}
 */
export function format(Kind, options) {
  const locale = /** @type {string} */ (messages.locale) || globalThis.document?.documentElement.lang || undefined;
  const key = `${Kind.name} ${locale} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, make(Kind, locale, options));
  return formats.get(key);
}

/** A language that is none is no reason to show nothing. @type {(Kind: any, locale: any, options: any) => any} */
function make(Kind, locale, options) {
  try {
    return new Kind(locale, options);
  } catch {
    return new Kind(undefined, options);
  }
}
