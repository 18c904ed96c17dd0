/**
 * <job-stages job-id>: the declared stages of a job, each with a shape and a word.
 *
 * @import { Job, Stage } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { icon, reshape } from "./icons.js";
import { JobElement } from "./job-element.js";
import { define } from "./jobs-element.js";
import { say } from "./messages.js";
import { isStale } from "./stale.js";
import { sheet } from "./style.js";

export const stagesSheet = sheet(`
.stages { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; line-height: 18px; }
.stages li { display: flex; align-items: center; gap: 5px; min-inline-size: 0; color: var(--status-text); }
.stages li[data-status="queued"] { color: var(--muted); }
.stages li[data-status="processing"] { font-weight: 600; }
.stages [data-status="processing"] > .icon { animation: turn 1.4s linear infinite; }
[data-ended] .stages .icon, [data-stale] .stages .icon { animation: none; }
`);

export class StageList {
  element = element("ol", { class: "stages", part: "stages" });
  #rows = new Rows(
    this.element,
    (/** @type {Stage} */ stage) => stage.name,
    () => new StageRow(),
  );

  /** Show those of a job; before it is tried again, all are still to come but the files. @param {Job | null} job */
  show(job) {
    const stages = job?.stages ?? [];
    const fresh = (/** @type {Stage} */ one) => (one.name === "uploading" ? one : { ...one, status: job?.status });
    setAttribute(this.element, "aria-label", say("stages"));
    this.#rows.update(job?.waiting_for === "retry" ? /** @type {Stage[]} */ (stages.map(fresh)) : stages);
  }
}

class StageRow {
  #icon = icon("queued");
  #label = element("span");
  #word = element("span", { class: "hidden" });
  element = element("li", { part: "stage" }, this.#icon, this.#label, this.#word);

  /** @param {Stage} stage */
  update(stage) {
    reshape(this.#icon, stage.status);
    setAttribute(this.element, "data-stage", stage.name);
    setAttribute(this.element, "data-status", stage.status);
    setAttribute(this.element, "aria-current", stage.status === "processing" ? "step" : null);
    setAttribute(this.element, "title", stage.description);
    setText(this.#label, stage.label);
    setText(this.#word, `, ${say(stage.status)}`);
  }
}

export class JobStages extends JobElement {
  static sheets = [stagesSheet];

  #list = new StageList();
  #base = element("div", { part: "base" }, this.#list.element);

  constructor() {
    super();
    this.root.append(this.#base);
  }

  draw() {
    setAttribute(this.#base, "data-ended", this.job?.completed_at !== null);
    setAttribute(this.#base, "data-stale", isStale(this.client.connection));
    this.#list.show(this.job);
  }
}

define("job-stages", JobStages);
