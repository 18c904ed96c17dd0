/**
 * The one polite live region of the page: speaks starts, stages, quarters and ends of jobs, and answers to what a person
 * did. Many at once become one sentence; progress is spoken at most every 10 s.
 *
 * @import { Job } from "./wire.js"
 */

import { say } from "./messages.js";
import { percent, statusWord, titleOf } from "./words.js";

const TOGETHER_MS = 500;
const MOST = 3;
const PROGRESS_MS = 10_000;
const REMEMBERED = 500;

class Announcer {
  #region;
  /** @type {string[]} */
  #sentences = [];

  /** @param {HTMLElement} region */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} sentence */
  say(sentence) {
    if (this.#sentences.push(sentence) > 1) return;
    this.#region.textContent = ""; // the same words again are spoken again
    setTimeout(() => this.#speak(), TOGETHER_MS);
  }

  #speak() {
    const many = this.#sentences.length > MOST;
    this.#region.textContent = many ? say("said_many", { n: this.#sentences.length }) : this.#sentences.join(" ");
    this.#sentences = [];
  }
}

let spoken = /** @type {Announcer | null} */ (null);
/** What was last said of a job, so that two who show it do not say it twice. @type {Map<string, string>} */
const said = new Map();
let progressAt = -PROGRESS_MS;

/** Say something to those who do not see it. @param {string} sentence */
export function announce(sentence) {
  spoken ??= new Announcer(makeRegion());
  spoken.say(sentence);
}

/**
 * Speak of what has changed in a job; of one seen for the first time nothing.
 *
 * @param {Job} job
 * @param {Job | null | undefined} before
 * @param {{ brief?: boolean }} [how]  brief: starts and ends only
 */
export function announceJob(job, before, { brief = false } = {}) {
  const sentence = before ? sentenceOf(job, before, brief) : "";
  if (sentence === "" || said.get(job.job_id) === sentence) return;
  said.delete(job.job_id);
  said.set(job.job_id, sentence);
  if (said.size > REMEMBERED) said.delete(/** @type {string} */ (said.keys().next().value));
  announce(sentence);
}

/** @param {Job} job @param {Job} before @param {boolean} brief */
function sentenceOf(job, before, brief) {
  if (job.status !== before.status) return job.status === "queued" ? "" : statusSentence(job);
  if (job.status !== "processing" || brief) return "";
  const stage = job.stages.find((one) => one.name === job.progress_data.stage);
  if (stage && stage.name !== before.progress_data.stage)
    return say("said_stage", { title: titleOf(job), stage: stage.label });
  const quarter = quarterOf(job);
  if (quarter <= quarterOf(before) || Date.now() - progressAt < PROGRESS_MS) return "";
  progressAt = Date.now();
  return say("said_progress", { title: titleOf(job), percent: percent(25 * quarter) });
}

/** @param {Job} job */
function quarterOf(job) {
  return Math.min(Math.floor((job.progress_data.percentage ?? 0) / 25), 3);
}

/** @param {Job} job */
function statusSentence(job) {
  return say("said_status", { title: titleOf(job), status: statusWord(job) });
}

/** Unseen, but there. Styles go by the CSSOM: a page may forbid style attributes. */
function makeRegion() {
  const region = document.createElement("div");
  region.setAttribute("role", "status");
  Object.assign(region.style, {
    position: "fixed",
    inlineSize: "1px",
    blockSize: "1px",
    overflow: "hidden",
    clipPath: "inset(50%)",
    whiteSpace: "nowrap",
  });
  document.body.append(region);
  return region;
}
