/**
 * <jobs-toasts type queue tag user-id href timeout>: a word in the corner when a job completes or fails. It is no live
 * region: the announcer speaks. What failed stays until somebody has closed it.
 *
 * @import { Job } from "./wire.js"
 */

import { announceJob } from "./announcer.js";
import { element, setAttribute } from "./element.js";
import { icon } from "./icons.js";
import { STREAM_ATTRIBUTES, streamFilter } from "./job-filter.js";
import { define, JobsElement, reflect } from "./jobs-element.js";
import { say } from "./messages.js";
import { sheet } from "./style.js";
import { statusWord, titleOf } from "./words.js";

const MOST = 4;
const TIMEOUT_S = 8;
const TOLD = ["completed", "failed"];

/** @typedef {{ status?: string, detail?: string, href?: string | null }} More */

export class JobsToasts extends JobsElement {
  static observedAttributes = STREAM_ATTRIBUTES;
  static sheets = [
    sheet(`
.toasts { position: fixed; z-index: var(--jobs-toasts-layer, 100); inset-block-end: 16px; inset-inline-end: 16px; inline-size: min(360px, 100vw - 32px); display: grid; gap: 8px; }
.toast { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: start; gap: 2px 10px; padding: 10px 8px 10px 14px; padding-inline: 14px 8px; background: var(--card); color: var(--text);
  border: 1px solid var(--line); border-inline-start: 4px solid var(--status-solid); border-radius: var(--radius); box-shadow: 0 4px 16px rgb(0 0 0 / .18); animation: rise .2s ease-out; }
.toast .icon { inline-size: 18px; block-size: 18px; margin-block-start: 7px; color: var(--status-text); }
.text { display: grid; gap: 2px; padding-block: 6px; max-block-size: 160px; overflow: hidden; }
.text strong { font-weight: 600; }
.text { overflow-wrap: anywhere; min-inline-size: 0; }
.text a { display: inline-block; min-block-size: 24px; }
.state { color: var(--status-text); font-size: 13px; line-height: 18px; }
.close { padding: 0; inline-size: var(--target); border-color: transparent; background: none; }
.close:hover { background: var(--raised); }
.close .icon { inline-size: 14px; block-size: 14px; margin: 0; color: var(--muted); vertical-align: middle; }
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
`),
  ];

  #list = element("div", { class: "toasts", part: "base", role: "region", hidden: true });
  #timers = /** @type {Map<Element, ReturnType<typeof setTimeout>>} */ (new Map());
  /** Those that had not ended when last heard of. @type {Map<string, Job>} */
  #open = new Map();
  #since = 0;

  constructor() {
    super();
    this.root.append(this.#list);
    for (const type of ["pointerenter", "focusin"]) this.#list.addEventListener(type, () => this.#hold());
    for (const type of ["pointerleave", "focusout"]) this.#list.addEventListener(type, () => this.#go());
    this.#list.addEventListener("keydown", (event) => {
      const toast = /** @type {Element} */ (event.target).closest(".toast");
      if (event.key === "Escape" && toast) this.#close(toast);
    });
  }

  start() {
    this.#since = Date.now();
    this.keep(
      () => this.#hold(),
      () => this.#open.clear(),
    );
    this.keep(
      this.client.watch(streamFilter(this), {
        job: (job) => this.#hear(job),
        snapshot: ({ jobs = [] }) => jobs.forEach((/** @type {Job} */ job) => this.#hear(job)),
      }),
    );
    this.#go();
  }

  draw() {
    setAttribute(this.#list, "aria-label", say("notifications"));
    for (const button of this.#list.querySelectorAll(".close")) setAttribute(button, "aria-label", say("close"));
  }

  /** Show words of your own. @param {string} text @param {More} [more] */
  show(text, { status = "processing", detail = "", href = null } = {}) {
    const words = element("div", { class: "text" });
    words.append(element("strong", {}, ...(href === null ? [text] : [element("a", { href, part: "link" }, text)])));
    words.append(element("span", { class: "state", hidden: detail === "" }, detail));
    const close = element(
      "button",
      { type: "button", class: "close", part: "close", "aria-label": say("close") },
      icon("close"),
    );
    const toast = element("div", { class: "toast", part: "toast", "data-status": status }, icon(status), words, close);
    close.addEventListener("click", () => this.#close(toast));
    this.#list.append(toast);
    this.#list.hidden = false;
    while (this.#list.children.length > MOST) this.#close(/** @type {Element} */ (this.#list.firstElementChild));
    if (!this.#isHeld()) this.#go();
  }

  /** Only what ends before our eyes is news. @param {Job} job */
  #hear(job) {
    const before = this.#open.get(job.job_id);
    if (job.completed_at === null) return void this.#open.set(job.job_id, job);
    this.#open.delete(job.job_id);
    const seen = before !== undefined || Date.parse(job.completed_at) > this.#since;
    if (!seen || !TOLD.includes(job.status)) return;
    const failure = job.status === "failed" ? job.error_data?.message : null;
    const detail = [statusWord(job), failure].filter(Boolean).join(": ");
    const href = this.getAttribute("href")?.replaceAll("{job_id}", encodeURIComponent(job.job_id)) ?? null;
    this.show(titleOf(job), { status: job.status, detail, href });
    announceJob(job, before);
  }

  #isHeld() {
    return this.#list.matches(":hover, :focus-within");
  }

  #hold() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** What is being read stays: the time begins anew when the pointer and the focus have left. */
  #go() {
    if (this.#isHeld()) return;
    const seconds = Number(this.getAttribute("timeout") ?? TIMEOUT_S);
    for (const toast of this.#list.children)
      if (seconds > 0 && toast.getAttribute("data-status") !== "failed" && !this.#timers.has(toast))
        this.#timers.set(
          toast,
          setTimeout(() => this.#close(toast), 1_000 * seconds),
        );
  }

  /** @param {Element} toast */
  #close(toast) {
    const next = toast.contains(this.root.activeElement)
      ? (toast.nextElementSibling ?? toast.previousElementSibling)
      : null;
    clearTimeout(this.#timers.get(toast));
    this.#timers.delete(toast);
    toast.remove();
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector(".close"))?.focus();
    this.#list.hidden = this.#list.children.length === 0;
  }
}

reflect(JobsToasts, [...STREAM_ATTRIBUTES, "href", "timeout"]);
define("jobs-toasts", JobsToasts);
