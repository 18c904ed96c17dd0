/**
 * <job-progress job-id variant="bar | ring">: how far a job is, as a bar or a ring with a value in words. It is no live
 * region: the announcer speaks.
 *
 * @import { Job } from "./wire.js"
 */

import { element, setAttribute } from "./element.js";
import { icon, reshape } from "./icons.js";
import { JobElement } from "./job-element.js";
import { define } from "./jobs-element.js";
import { isStale } from "./stale.js";
import { sheet } from "./style.js";
import { percentWords, timeLeft, titleOf, valueWords } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export const progressSheet = sheet(`
.bar { inline-size: 100%; block-size: 8px; overflow: hidden; border-radius: 4px; background: var(--raised); }
.fill { block-size: 100%; inline-size: calc(var(--value, 0) * 1%); border-radius: 4px; background: var(--status-solid, var(--border)); transition: inline-size .3s ease-out; }
.bar[data-unknown] .fill { inline-size: 30%; animation: slide 1.6s ease-in-out infinite alternate; }
.bar:dir(rtl) .fill { animation-name: slide-back; }
.ring { position: relative; display: grid; place-items: center; inline-size: var(--jobs-ring-size, 112px); block-size: var(--jobs-ring-size, 112px); }
.ring svg.circle { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; fill: none; stroke-width: 3.6; stroke-linecap: round; transform: rotate(-90deg); }
.ring:dir(rtl) svg.circle { transform: rotate(-90deg) scaleY(-1); }
.track { stroke: var(--raised); }
.arc { stroke: var(--status-solid, var(--border)); stroke-dasharray: calc(var(--value, 0) * 1px) 200px; transition: stroke-dasharray .3s ease-out; transform-origin: 50% 50%; }
.ring:not([data-unknown], [data-some]) .arc { visibility: hidden; }
.ring[data-unknown] .arc { stroke-dasharray: 25px 200px; animation: turn 1.4s linear infinite; }
.number { display: grid; place-items: center; font-size: 20px; line-height: 28px; font-weight: 600; color: var(--text); }
.number .icon { inline-size: 28px; block-size: 28px; color: var(--status-text); }
[data-stale] :is(.fill, .arc, .icon) { animation-play-state: paused; }
@keyframes slide { from { transform: translateX(0); } to { transform: translateX(233%); } }
@keyframes slide-back { from { transform: translateX(0); } to { transform: translateX(-233%); } }
@media (prefers-reduced-motion: reduce) {
  .bar[data-unknown] .fill { inline-size: 100%; background: repeating-linear-gradient(135deg, var(--status-solid) 0 6px, var(--raised) 6px 12px); }
  .ring[data-unknown] .arc { stroke-dasharray: 5px 5px; }
}
@media (forced-colors: active) {
  .bar { border: 1px solid CanvasText; background: Canvas; }
  .fill { background: Highlight; forced-color-adjust: none; }
  .track { stroke: GrayText; stroke-width: 1; }
  .arc { stroke: Highlight; }
}
`);

export class ProgressBar {
  #fill = element("div", { class: "fill", part: "fill" });

  /** @param {{ [name: string]: string }} [name]  aria-label or aria-labelledby */
  constructor(name = {}) {
    this.element = element("div", { class: "bar", part: "bar", ...PROGRESS, ...name }, this.#fill);
  }

  /** Show how far it is; null moves without a number. @param {number | null} percentage @param {string} words */
  show(percentage, words) {
    showValue(this.element, percentage, words);
  }
}

/** A ring with its number, or the shape of its status where there is none, in the middle. */
export class ProgressRing {
  #icon = icon("queued");
  #words = element("span");
  #number = element("span", { class: "number", "aria-hidden": "true" }, this.#icon, this.#words);

  /** @param {{ [name: string]: string }} [name] */
  constructor(name = {}) {
    this.element = element("div", { class: "ring", part: "ring", ...PROGRESS, ...name }, this.#number);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "circle");
    svg.setAttribute("viewBox", "0 0 40 40");
    svg.append(...["track", "arc"].map(circle));
    this.element.prepend(svg);
  }

  /** @param {number | null} percentage @param {string} words @param {Job} job */
  show(percentage, words, job) {
    showValue(this.element, percentage, words);
    setAttribute(this.element, "data-some", (percentage ?? 0) > 0);
    reshape(this.#icon, job.status);
    const number = percentWords(job);
    this.#words.textContent = number;
    this.#icon.toggleAttribute("hidden", number !== "");
  }
}

const PROGRESS = { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 };

/** @param {string} name */
function circle(name) {
  const node = document.createElementNS(SVG, "circle");
  const shape = { class: name, cx: 20, cy: 20, r: 18, pathLength: 100 };
  for (const [key, value] of Object.entries(shape)) node.setAttribute(key, String(value));
  return node;
}

/** @param {HTMLElement} node @param {number | null} percentage @param {string} words */
function showValue(node, percentage, words) {
  setAttribute(node, "aria-valuenow", percentage === null ? null : Math.floor(percentage));
  setAttribute(node, "aria-valuetext", words);
  setAttribute(node, "data-unknown", percentage === null);
  node.style.setProperty("--value", String(Math.min(Math.max(percentage ?? 0, 0), 100)));
}

/** What a bar shows: null where it moves and nobody knows how far it is; of an attempt before, nothing. @param {Job} job */
export function barValue(job) {
  const { percentage } = job.progress_data;
  if (job.status === "completed") return 100;
  return job.status === "queued" ? 0 : job.status === "processing" ? percentage : (percentage ?? 0);
}

export class JobProgress extends JobElement {
  static observedAttributes = ["job-id", "variant", "label"];
  static sheets = [progressSheet];

  #bar = new ProgressBar();
  #ring = new ProgressRing();
  #base = element("div", { part: "base" }, this.#bar.element, this.#ring.element);

  constructor() {
    super();
    this.root.append(this.#base);
  }

  draw() {
    const { job } = this;
    const isRing = this.getAttribute("variant") === "ring";
    const shown = isRing ? this.#ring : this.#bar;
    this.#bar.element.hidden = isRing || job === null;
    this.#ring.element.hidden = !isRing || job === null;
    if (job === null) return;
    const stale = isStale(this.client.connection);
    setAttribute(this.#base, "data-status", job.status);
    setAttribute(this.#base, "data-stale", stale);
    setAttribute(shown.element, "aria-label", this.getAttribute("label") ?? titleOf(job));
    shown.show(barValue(job), valueWords(job, stale ? "" : timeLeft(job, { heardAt: this.heardAt })), job);
  }
}

define("job-progress", JobProgress);
