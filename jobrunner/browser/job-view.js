/**
 * One job as it is shown, alone or in a list: made once, patched with each state. What is shown of it is said by its
 * variant: all, or a row with a bar, or a ring, or one line. Watches nothing.
 *
 * @import { Asker } from "./job-actions.js"
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */

import { element, setAttribute, setText } from "./element.js";
import { Failure, failureSheet } from "./failure.js";
import { FileList, filesSheet } from "./file-links.js";
import { icon, reshape } from "./icons.js";
import { Actions, actionsSheet } from "./job-actions.js";
import { PartList, partsSheet } from "./job-parts.js";
import { barValue, ProgressBar, ProgressRing, progressSheet } from "./job-progress.js";
import { StageList, stagesSheet } from "./job-stages.js";
import { say } from "./messages.js";
import { isStale } from "./stale.js";
import { sheet } from "./style.js";
import {
  clock,
  factWords,
  isCancelling,
  percentWords,
  statusWord,
  stepWords,
  timeLeft,
  titleOf,
  valueWords,
} from "./words.js";

/**
 * @typedef {object} Look
 * @property {string} variant  full, linear, ring or compact
 * @property {string | null} href  "jobs/{job_id}": what the title leads to
 * @property {boolean} acts  whether there are buttons
 * @property {string} level  of the title, as a heading
 */

export const viewSheets = [
  progressSheet,
  stagesSheet,
  partsSheet,
  actionsSheet,
  failureSheet,
  filesSheet,
  sheet(`
:host { container-type: inline-size; }
.job { display: grid; gap: 8px; min-inline-size: 0; }
.head { display: flex; flex-wrap: wrap; align-items: start; justify-content: space-between; gap: 4px 12px; }
.name { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; min-inline-size: 0; flex: 1 1 180px; min-block-size: var(--target); }
.title { font-weight: 600; min-inline-size: 0; }
.title a { display: inline-block; padding-block: 2px; text-decoration: none; }
.title a:hover { text-decoration: underline; }
.title > *, .now > *, .label, .failure > * { unicode-bidi: plaintext; }
.side { display: flex; align-items: center; gap: 12px; min-block-size: var(--target); }
.percent { font-weight: 600; }
.facts { flex-basis: 100%; }
.now { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; }
.now:not(:has(> :not([hidden]))) { display: none; }
.job[data-status="processing"] .badge > .icon { animation: turn 1.4s linear infinite; }
.job[data-stale] .badge > .icon { animation: none; }
.note { color: var(--muted); font-size: 13px; line-height: 18px; }
[data-variant="linear"] { gap: 6px; }
[data-variant="ring"] { justify-items: center; text-align: center; gap: 10px; }
[data-variant="ring"] :is(.head, .side), [data-variant="compact"] :is(.head, .side) { display: contents; }
[data-variant="ring"] :is(.name, .now, .stages) { justify-content: center; }
[data-variant="ring"] .name { flex: none; min-block-size: 0; }
[data-variant="ring"] .now { flex-direction: column; align-items: center; }
[data-variant="ring"] .percent { display: none; }
[data-variant="ring"] .actions { order: 1; }
[data-variant="ring"] :is(.failure, .parts) { inline-size: 100%; text-align: start; }
[data-variant="compact"] { grid-template-columns: minmax(0, 1fr) 88px 4ch minmax(76px, auto); align-items: center; gap: 0 12px; min-block-size: 44px; }
[data-variant="compact"] > * { grid-column: 1 / -1; }
[data-variant="compact"] :is(.name, .bar, .percent, .actions) { grid-column: auto; grid-row: 1; }
[data-variant="compact"] .name { flex-wrap: nowrap; }
[data-variant="compact"] .title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[data-variant="compact"] .title a { display: inline; }
[data-variant="compact"] .bar { grid-column: 2; block-size: 6px; }
[data-variant="compact"] .percent { grid-column: 3; text-align: end; }
[data-variant="compact"] .actions { grid-column: 4; justify-content: end; }
@container (max-width: 460px) {
  [data-variant="compact"] { grid-template-columns: minmax(0, 1fr) auto; }
  [data-variant="compact"] .actions { grid-column: 2; }
  [data-variant="compact"] .badge { position: relative; padding-inline: 4px; }
  [data-variant="compact"] .badge > span { position: absolute; inset: 0; overflow: hidden; clip-path: inset(50%); }
  [data-variant="compact"] .percent { display: none; }
  [data-variant="compact"] .bar { grid-row: 2; grid-column: 1 / -1; margin-block-end: 8px; }
}
.skeleton { display: grid; gap: 10px; padding-block: 6px; opacity: 0; animation: show 0s .3s forwards; }
.skeleton i { block-size: 14px; border-radius: 4px; background: var(--raised); }
.skeleton i:first-child { inline-size: 40%; }
@keyframes show { to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .skeleton { animation: show 0s .3s forwards !important; } }
`),
];

let made = 0;

export class JobView {
  #id = `title-${(made += 1)}`;
  #owner;
  #link = element("a", { part: "link", hidden: true });
  #plain = element("span");
  #title = element(
    "div",
    { id: this.#id, class: "title", part: "title", role: "heading", tabindex: -1 },
    this.#link,
    this.#plain,
  );
  #icon = icon("queued");
  #word = element("span");
  #facts = element("p", { class: "facts muted", part: "facts" });
  #percent = element("span", { class: "percent", part: "percent", "aria-hidden": "true" });
  #bar = new ProgressBar({ "aria-labelledby": this.#id });
  #ring = new ProgressRing({ "aria-labelledby": this.#id });
  #step = element("span", { part: "step" });
  #left = element("span", { class: "muted", part: "left" });
  #stages = new StageList();
  #failure = new Failure();
  #note = element("p", { class: "note", part: "note", hidden: true });
  #actions;
  #parts;
  #files;

  /** @param {Asker & { client: Client, job: Job | null }} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#actions = new Actions(owner);
    this.#actions.heir = () => (this.#link.hidden ? this.#title : this.#link);
    this.#parts = new PartList(owner);
    this.#files = new FileList(owner);
    const badge = element("span", { class: "badge", part: "badge" }, this.#icon, this.#word);
    const name = element("div", { class: "name" }, this.#title, badge);
    const side = element("div", { class: "side" }, this.#percent, this.#actions.element);
    const now = element("p", { class: "now" }, this.#step, this.#left);
    this.element = element("div", { class: "job", part: "base", role: "group", "aria-labelledby": this.#id });
    this.element.append(element("div", { class: "head" }, name, side, this.#facts), element("slot", { name: "extra" }));
    this.element.append(this.#ring.element, this.#bar.element, now, this.#stages.element, this.#parts.element);
    this.element.append(this.#failure.element, this.#actions.fault, this.#note, this.#files.element);
  }

  /** @param {Job} job @param {Look} look @param {number} heardAt */
  show(job, look, heardAt) {
    const { connection } = this.#owner.client;
    const stale = job.completed_at === null && isStale(connection);
    const brief = look.variant === "compact";
    const full = look.variant === "full" || look.variant === "ring";
    setAttribute(this.element, "data-status", job.status);
    setAttribute(this.element, "data-variant", look.variant);
    setAttribute(this.element, "data-stale", stale);
    setAttribute(this.element, "data-ended", job.completed_at !== null);
    this.#showHead(job, look);
    setText(this.#facts, brief || look.variant === "ring" ? "" : factWords(job));
    this.#showProgress(job, look.variant, stale ? null : timeLeft(job, { heardAt }));
    this.#stages.show(full ? job : null);
    this.#parts.show(full ? job.parts : [], look.acts);
    this.#failure.show(!brief && (job.status === "failed" || job.waiting_for === "retry") ? job.error_data : null);
    setText(this.#note, brief ? "" : this.#noteWords(job, stale));
    const ofParts = new Set(full ? job.parts.map((part) => part.artifact?.name) : []);
    this.#files.show(brief ? [] : job.artifacts.filter((file) => !ofParts.has(file.name)));
    this.#actions.show(job, look.acts);
  }

  /** Give the title the focus. */
  focus() {
    this.#actions.heir()?.focus();
  }

  /** @param {Job} job @param {Look} look */
  #showHead(job, look) {
    const href = look.href?.replaceAll("{job_id}", encodeURIComponent(job.job_id)) ?? null;
    setText(this.#link, href === null ? "" : titleOf(job));
    setText(this.#plain, href === null ? titleOf(job) : "");
    setAttribute(this.#link, "href", href);
    setAttribute(this.#title, "aria-level", look.level);
    reshape(this.#icon, job.status);
    setText(this.#word, statusWord(job));
  }

  /** @param {Job} job @param {string} variant @param {string | null} left  null: nobody knows whether it is still true */
  #showProgress(job, variant, left) {
    const isRing = variant === "ring";
    const brief = variant === "compact";
    const over = job.status === "cancelled" || job.status === "completed";
    setText(this.#percent, percentWords(job));
    setText(this.#step, brief ? "" : stepWords(job));
    setText(this.#left, brief ? "" : left || (left === "" && variant === "full" ? estimateWords(job) : ""));
    this.#ring.element.hidden = !isRing;
    this.#bar.element.hidden = isRing || over || (job.status === "failed" && job.progress_data.percentage === null);
    (isRing ? this.#ring : this.#bar).show(barValue(job), valueWords(job, left ?? ""), job);
  }

  /** @param {Job} job @param {boolean} stale */
  #noteWords(job, stale) {
    const { connection } = this.#owner.client;
    const heard = connection.heardAt;
    if (stale && heard !== null) return say("as_of", { words: say("not_live"), time: clock(heard) });
    return job.completed_at === null && connection.state === "reconnecting" && !isCancelling(job)
      ? say("updating")
      : "";
  }
}

/** @param {Job} job */
function estimateWords(job) {
  return job.status === "processing" && job.estimated_duration == null ? say("no_estimate") : "";
}
