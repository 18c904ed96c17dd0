/**
 * <job-tree job-id href>: the jobs around one, live: whose child it is, what it waits for, and its own children, those
 * of a child folded below it. Marks itself `data-empty` where there are none.
 *
 * @import { Job } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { Branch, Line } from "./job-branch.js";
import { JobElement } from "./job-element.js";
import { define } from "./jobs-element.js";
import { addMessages, say } from "./messages.js";
import { sheet } from "./style.js";

addMessages({ part_of: "Part of", waits_for: "Waits for", came_after: "Came after" });

const treeSheet = sheet(`
div { container-type: inline-size; }
.base { display: grid; gap: 4px; }
.base > .head:not(:first-child) { margin-block-start: 8px; }
.head { font-size: 13px; line-height: 18px; font-weight: 600; color: var(--muted); }
li { display: grid; grid-template-columns: minmax(0, 3fr) minmax(64px, 1fr) 4ch; gap: 0 12px; align-items: center; padding-block: 4px; }
.name { display: flex; align-items: center; gap: 2px 8px; min-inline-size: 0; }
.name > .icon { color: var(--status-text); }
.name > span:not(.state) { display: contents; }
.title { min-block-size: var(--link); align-content: center; font-weight: 600; unicode-bidi: plaintext; min-inline-size: 0; text-decoration: none; }
.title:hover { text-decoration: underline; }
.state { color: var(--status-text); font-size: 13px; line-height: 18px; }
[data-status="processing"] > .name > .icon { animation: turn 1.4s linear infinite; }
[data-stale] .icon { animation: none; }
.bar { block-size: 6px; overflow: hidden; border-radius: 3px; background: var(--raised); }
.fill { display: block; block-size: 100%; border-radius: 3px; background: var(--status-solid); transition: inline-size .3s ease-out; }
.much { text-align: end; font-size: 13px; line-height: 18px; }
details { grid-column: 1 / -1; margin-inline-start: 6px; padding-inline-start: 14px; border-inline-start: 2px solid var(--line); }
summary { inline-size: fit-content; min-block-size: var(--link); align-content: center; color: var(--accent); cursor: pointer; font-size: 13px; line-height: 18px; }
@container (max-width: 460px) {
  li { grid-template-columns: minmax(0, 1fr) 4ch; }
  .name { grid-column: 1 / -1; flex-wrap: wrap; }
}
@media (forced-colors: active) {
  .bar { border: 1px solid CanvasText; }
  .fill { background: Highlight; forced-color-adjust: none; }
}
`);

export class JobTree extends JobElement {
  static observedAttributes = ["job-id", "href"];
  static sheets = [treeSheet];

  #parentHead = element("p", { class: "head" });
  #parentList = element("ul", { part: "list" });
  #needHead = element("p", { class: "head" });
  #needList = element("ul", { part: "list" });
  #childHead = element("p", { class: "head" });
  #childPlace = element("div");
  #base = element("div", { class: "base", part: "base" });
  // Mutable: the children of each job that are known, the other jobs by id, which job all of this is of, how to stop.
  below = /** @type {Map<string, Set<string>>} */ (new Map());
  #others = /** @type {Map<string, Job>} */ (new Map());
  #parents;
  #needs;
  #branch = /** @type {Branch | null} */ (null);
  #of = "";
  #stop = () => {};

  constructor() {
    super();
    const lines = (/** @type {HTMLElement} */ list) =>
      new Rows(
        list,
        (/** @type {Job} */ job) => job.job_id,
        () => new Line(this),
      );
    this.#parents = lines(this.#parentList);
    this.#needs = lines(this.#needList);
    this.#base.append(this.#parentHead, this.#parentList, this.#needHead, this.#needList);
    this.#base.append(this.#childHead, this.#childPlace);
    this.root.append(element("div", {}, this.#base));
  }

  start() {
    super.start();
    this.keep(() => this.#leave());
  }

  draw() {
    const { job } = this;
    if (job !== null && job.job_id !== this.#of) this.#enter(job);
    const shown = (/** @type {string[]} */ ids) => ids.flatMap((id) => this.#others.get(id) ?? []);
    const parents = shown(job?.parent_id ? [job.parent_id] : []);
    const needs = shown(job?.depends_on ?? []);
    this.#parents.update(parents);
    this.#needs.update(needs);
    this.#branch?.draw();
    const children = this.#branch?.jobs.size ?? 0;
    const waits = job?.waiting_for === "dependency" ? "waits_for" : "came_after";
    head(this.#parentHead, this.#parentList, parents.length > 0 ? say("part_of") : "");
    head(this.#needHead, this.#needList, needs.length > 0 ? say(waits) : "");
    head(this.#childHead, this.#childPlace, children > 0 ? (this.#branch?.words ?? "") : "");
    const isEmpty = parents.length + needs.length + children === 0 && !this.#branch?.failed;
    setAttribute(this, "data-empty", isEmpty);
  }

  /** @param {Job} job */
  #enter(job) {
    this.#leave();
    this.#of = job.job_id;
    this.#branch = new Branch(this, job.job_id);
    this.#childPlace.replaceChildren(this.#branch.element);
    const ids = [job.parent_id ?? [], job.depends_on].flat();
    const take = (/** @type {Job} */ other) => {
      this.#others.set(other.job_id, other);
      this.redraw();
    };
    this.#stop = ids.length > 0 ? this.client.watchMany(ids, take) : () => {};
  }

  #leave() {
    this.#of = "";
    this.#stop();
    this.#branch?.stop();
    this.#others.clear();
    this.below.clear();
  }
}

/** Name a list, for all readers. @param {HTMLElement} node @param {HTMLElement} list @param {string} words */
function head(node, list, words) {
  setText(node, words);
  setAttribute(list, "aria-label", list.localName === "ul" ? words : null);
}

define("job-tree", JobTree);
