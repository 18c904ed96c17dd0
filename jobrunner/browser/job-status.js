/**
 * <job-status job-id variant="full | linear | ring | compact">: one job, live: where it stands, what it does, how long it
 * still takes, why it failed, what it made, and the buttons.
 */

import { element, setText } from "./element.js";
import { JobElement } from "./job-element.js";
import { JobView, viewSheets } from "./job-view.js";
import { define } from "./jobs-element.js";

const VARIANTS = ["full", "linear", "ring", "compact"];

/** Read how jobs are to be shown. @param {HTMLElement} node @param {string} variant  unless it is named @returns {import("./job-view.js").Look} */
export function lookOf(node, variant) {
  const named = node.getAttribute("variant") ?? "";
  return {
    variant: VARIANTS.includes(named) ? named : variant,
    href: node.getAttribute("href"),
    acts: node.getAttribute("actions") !== "none",
    level: node.getAttribute("heading-level") ?? "3",
  };
}

/** What is shown while nothing is known; not before 300 ms. */
export function skeleton() {
  return element("div", { class: "skeleton", "aria-hidden": "true" }, element("i"), element("i"));
}

export class JobStatus extends JobElement {
  static observedAttributes = ["job-id", "variant", "href", "actions", "heading-level"];
  static sheets = viewSheets;

  #view = new JobView(this);
  #skeleton = skeleton();
  #missing = element("p", { class: "muted", part: "note", hidden: true });

  constructor() {
    super();
    this.root.append(this.#skeleton, this.#missing, this.#view.element);
  }

  draw() {
    const { job, missing } = this;
    this.#skeleton.hidden = job !== null || missing !== "" || !this.jobId;
    this.#view.element.hidden = job === null;
    setText(this.#missing, missing);
    if (job !== null) this.#view.show(job, lookOf(this, "full"), this.heardAt);
  }
}

define("job-status", JobStatus);
