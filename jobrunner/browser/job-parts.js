/**
 * <job-parts job-id>: the equal pieces of a job, such as languages: each with its bar, its word, its file as soon as it is
 * there, and a button to do it again where it has failed.
 *
 * @import { Owner } from "./file-links.js"
 * @import { Asker } from "./job-actions.js"
 * @import { Job, Part } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { FileLinks, filesSheet } from "./file-links.js";
import { icon, reshape } from "./icons.js";
import { ask } from "./job-actions.js";
import { JobElement } from "./job-element.js";
import { ProgressBar, progressSheet } from "./job-progress.js";
import { define } from "./jobs-element.js";
import { say } from "./messages.js";
import { isStale } from "./stale.js";
import { sheet } from "./style.js";
import { duration, percent } from "./words.js";

export const partsSheet = sheet(`
.parts { display: grid; grid-template-columns: minmax(64px, max-content) minmax(64px, 1fr) auto fit-content(45%); gap: 0 12px; font-size: 13px; line-height: 18px; }
.parts li { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; align-items: center; min-block-size: 30px; }
.label { max-inline-size: 180px; }
.parts .bar { block-size: 6px; }
.much { min-inline-size: 4ch; text-align: end; }
.state { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; min-inline-size: 0; color: var(--status-text); }
.parts [data-status="processing"] .state { color: var(--muted); }
.word { min-inline-size: 0; display: inline-flex; align-items: center; gap: 5px; }
.why { grid-column: 1 / -1; padding-block-end: 6px; }
@container (max-width: 460px) {
  .parts { grid-template-columns: minmax(0, 1fr) auto; }
  .parts li { padding-block: 4px; }
  .parts :is(.bar, .state) { grid-column: 1 / -1; }
  .parts .bar { grid-row: 2; }
  .label { max-inline-size: none; }
}
`);

export class PartList {
  element = element("ul", { class: "parts", part: "parts" });
  #rows;
  #acts = true; // whether there are buttons

  /** @param {Owner & Asker} owner */
  constructor(owner) {
    this.#rows = new Rows(
      this.element,
      (/** @type {Part} */ part) => part.key,
      () => new PartRow(owner, () => this.#acts),
    );
  }

  /** @param {Part[]} parts @param {boolean} [acts] */
  show(parts, acts = true) {
    this.#acts = acts;
    setAttribute(this.element, "aria-label", say("parts"));
    this.#rows.update(parts);
  }
}

class PartRow {
  #label = element("span", { class: "label" });
  #bar = new ProgressBar();
  #much = element("span", { class: "much", "aria-hidden": "true" });
  #icon = icon("queued");
  #text = element("span");
  #word = element("span", { class: "word" }, this.#icon, this.#text);
  #retry = element("button", { type: "button", part: "button retry" });
  #why = element("span", { class: "fault why", hidden: true });
  #fault = element("span", { class: "fault why", hidden: true });
  #file;
  #owner;
  #acts;
  #key = "";

  /** @param {Owner & Asker} owner @param {() => boolean} acts */
  constructor(owner, acts) {
    this.#owner = owner;
    this.#acts = acts;
    this.#file = new FileLinks(owner);
    const state = element("span", { class: "state" }, this.#word, this.#file.element, this.#retry);
    this.element = element("li", { part: "part", tabindex: -1 });
    this.element.append(this.#label, this.#bar.element, this.#much, state, this.#why, this.#fault);
    this.#retry.addEventListener("click", () => {
      if (owner.job) void ask(owner, { job: owner.job, action: "retry", part: this.#key }, this.#fault);
    });
  }

  /** @param {Part} part */
  update(part) {
    const { job } = this.#owner;
    const words = stateWords(job, part);
    this.#key = part.key;
    setAttribute(this.element, "data-status", part.status);
    setAttribute(this.element, "data-part", part.key);
    setText(this.#label, part.label);
    this.#much.textContent = part.percentage === null ? "" : percent(part.percentage);
    setText(this.#text, part.status === "processing" ? doingWords(job, part) : words);
    reshape(this.#icon, part.status);
    this.#icon.toggleAttribute("hidden", part.status === "processing");
    this.#word.hidden = part.artifact !== null && part.status === "completed";
    setText(this.#why, part.error_data?.message ?? "");
    setAttribute(this.#bar.element, "aria-label", part.label);
    this.#bar.show(
      part.status === "completed" ? 100 : part.status === "processing" ? part.percentage : (part.percentage ?? 0),
      words,
    );
    this.#file.show(part.artifact, part);
    this.#offer(part, this.#acts() && job?.can_retry === true && /failed|cancelled/.test(part.status));
  }

  /** @param {Part} part @param {boolean} offered */
  #offer(part, offered) {
    const { activeElement } = /** @type {ShadowRoot} */ (this.element.getRootNode());
    setText(this.#retry, say("retry"));
    setAttribute(this.#retry, "aria-label", say("of", { action: say("retry"), title: part.label }));
    this.#retry.hidden = !offered;
    if (offered) return;
    setText(this.#fault, "");
    if (activeElement === this.#retry) this.element.focus();
  }
}

/** @param {Job | null} job @param {Part} part */
function stateWords(job, part) {
  if (part.status !== "processing") return say(part.status);
  const much = part.percentage === null ? "" : percent(part.percentage);
  return [much, doingWords(job, part)].filter(Boolean).join(" · ") || say("processing");
}

/** The stage that it is in, what it does there, and how long it still takes. @param {Job | null} job @param {Part} part */
function doingWords(job, part) {
  const stage = job?.stages.find((one) => one.name === part.stage)?.label ?? part.stage;
  const left = part.estimated_time_remaining;
  return [stage, part.current_step, left !== null && say("left", { duration: duration(Math.max(Math.ceil(left), 1)) })]
    .filter(Boolean)
    .join(" · ");
}

export class JobParts extends JobElement {
  static sheets = [progressSheet, filesSheet, partsSheet, sheet("div { container-type: inline-size; }")];

  #list = new PartList(this);
  #base = element("div", { part: "base" }, this.#list.element);

  constructor() {
    super();
    this.root.append(this.#base);
  }

  draw() {
    setAttribute(this.#base, "data-stale", isStale(this.client.connection));
    this.#list.show(this.job?.parts ?? []);
  }
}

define("job-parts", JobParts);
