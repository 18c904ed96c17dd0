/**
 * One job on the page: made once, patched with each state. Asks for cancel and retry, decides neither.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Artifact, Job, Stage } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { Failure } from "./failure.js";
import { FileRow, isPage } from "./files.js";
import { icon, reshape } from "./icons.js";
import { ProgressBar } from "./progress.js";
import { factWords, percentWords, statusWord, stepWords, timeLeft } from "./words.js";

let made = 0;

export class JobCard {
  #id = `job-${(made += 1)}`;
  #title = element("h3", { id: this.#id, tabindex: -1 });
  #icon = icon("queued");
  #word = element("span");
  #percent = element("span", { class: "percent", "aria-hidden": "true" });
  #cancel = element("button", { type: "button", "aria-describedby": this.#id }, "Cancel");
  #retry = element("button", { type: "button", "aria-describedby": this.#id }, "Retry");
  #facts = element("p", { class: "muted" });
  #bar = new ProgressBar({ "aria-labelledby": this.#id });
  #step = element("span");
  #left = element("span", { class: "left muted" });
  #stageList = element("ol", { class: "stages", "aria-label": "Stages" });
  #stages = new Rows(this.#stageList, stageName, () => new StageRow());
  #failure = new Failure();
  #refusal = element("p", { class: "fault", hidden: true });
  #fileList = element("ul", { class: "files", "aria-label": "Files" });
  #files;
  // Mutable: the state shown, and whether an action is under way.
  #job = /** @type {Job | null} */ (null);
  #asking = false;

  /** @param {Client} client @param {(job: Job) => void} learned @param {(words: string) => void} say */
  constructor(client, learned, say) {
    this.#files = new Rows(this.#fileList, fileName, () => new FileRow(client));
    this.#cancel.addEventListener("click", () => void this.#ask((job) => client.cancel(job.job_id), learned, say));
    this.#retry.addEventListener("click", () => void this.#ask((job) => client.retry(job.job_id), learned, say));
    const badge = element("span", { class: "badge" }, this.#icon, this.#word);
    const actions = element("div", { class: "actions" }, this.#percent, this.#cancel, this.#retry);
    const head = element("div", { class: "head" }, element("div", { class: "name" }, this.#title, badge), actions);
    const now = element("p", { class: "now" }, this.#step, this.#left);
    this.element = element("li", { class: "job card" }, head, this.#facts, this.#bar.element, now, this.#stageList);
    this.element.append(this.#failure.element, this.#refusal, this.#fileList);
  }

  /** @param {Job} job */
  update(job) {
    if (job === this.#job) return;
    if (job.status !== this.#job?.status) setText(this.#refusal, "");
    this.#job = job;
    setAttribute(this.element, "data-status", job.status);
    reshape(this.#icon, job.status);
    setText(this.#title, job.title || job.type);
    setText(this.#word, statusWord(job));
    setText(this.#facts, factWords(job));
    this.#showProgress(job);
    this.#stages.update(job.stages);
    this.#failure.show(job.status === "failed" || job.waiting_for === "retry" ? job.error_data : null);
    this.#files.update([...job.artifacts].sort((a, b) => Number(isPage(b)) - Number(isPage(a))));
    this.#showActions(job);
  }

  /** @param {Job} job */
  #showProgress(job) {
    const words = { percent: percentWords(job), step: stepWords(job), left: timeLeft(job) };
    setText(this.#percent, words.percent);
    setText(this.#step, words.step);
    setText(this.#left, words.left);
    const running = job.status === "processing";
    const { percentage } = job.progress_data;
    this.#bar.element.hidden = !running && (job.status !== "failed" || percentage === null) && job.status !== "queued";
    this.#bar.show(
      running ? percentage : (percentage ?? 0),
      [statusWord(job), ...Object.values(words)].filter(Boolean).join(", "),
    );
  }

  /** An action that goes while it has the focus hands it to what is left. @param {Job} job */
  #showActions(job) {
    const focused = document.activeElement;
    this.#cancel.hidden = !job.can_cancel || job.cancel_requested_at !== null;
    this.#retry.hidden = !job.can_retry;
    if (![this.#cancel, this.#retry].some((button) => button === focused && button.hidden)) return;
    ([this.#cancel, this.#retry].find((button) => !button.hidden) ?? this.#title).focus();
  }

  /**
   * @param {(job: Job) => Promise<Job>} action
   * @param {(job: Job) => void} learned
   * @param {(words: string) => void} say
   */
  async #ask(action, learned, say) {
    if (this.#job === null || this.#asking) return;
    this.#asking = true;
    setText(this.#refusal, "");
    try {
      learned(await action(this.#job));
    } catch (error) {
      setText(this.#refusal, /** @type {Error} */ (error).message);
      say(this.#refusal.textContent ?? "");
    } finally {
      this.#asking = false;
    }
  }
}

/** One declared stage, with its shape and its word. */
class StageRow {
  #icon = icon("queued");
  #label = element("span");
  #word = element("span", { class: "visually-hidden" });
  element = element("li", {}, this.#icon, this.#label, this.#word);

  /** @param {Stage} stage */
  update(stage) {
    reshape(this.#icon, stage.status);
    setAttribute(this.element, "data-stage", stage.name);
    setAttribute(this.element, "data-status", stage.status);
    setAttribute(this.element, "aria-current", stage.status === "processing" ? "step" : null);
    setText(this.#label, stage.label);
    setText(this.#word, `, ${stage.status}`);
  }
}

/** @param {Stage} stage */
function stageName(stage) {
  return stage.name;
}

/** @param {Artifact} file */
function fileName(file) {
  return file.name;
}
