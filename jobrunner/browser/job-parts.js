/**
 * <job-parts job-id>: the equal pieces of a job, such as languages: each with its bar, its word and its file.
 *
 * @import { Owner } from "./file-links.js"
 * @import { Part } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { FileLinks, filesSheet } from "./file-links.js";
import { icon, reshape } from "./icons.js";
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

  /** @param {Owner} owner */
  constructor(owner) {
    this.#rows = new Rows(
      this.element,
      (/** @type {Part} */ part) => part.key,
      () => new PartRow(owner),
    );
  }

  /** @param {Part[]} parts */
  show(parts) {
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
  #why = element("span", { class: "fault why", hidden: true });
  #file;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#file = new FileLinks(owner);
    const state = element("span", { class: "state" }, this.#word, this.#file.element);
    this.element = element("li", { part: "part" }, this.#label, this.#bar.element, this.#much, state, this.#why);
  }

  /** @param {Part} part */
  update(part) {
    const words = stateWords(part);
    setAttribute(this.element, "data-status", part.status);
    setAttribute(this.element, "data-part", part.key);
    setText(this.#label, part.label);
    this.#much.textContent = part.percentage === null ? "" : percent(part.percentage);
    setText(this.#text, part.status === "processing" ? (part.current_step ?? "") : words);
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
  }
}

/** @param {Part} part */
function stateWords(part) {
  if (part.status !== "processing") return say(part.status);
  const left = part.estimated_time_remaining;
  return (
    [
      part.percentage === null ? "" : percent(part.percentage),
      part.current_step ?? "",
      left === null ? "" : say("left", { duration: duration(Math.max(Math.ceil(left), 1)) }),
    ]
      .filter(Boolean)
      .join(" · ") || say("processing")
  );
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
