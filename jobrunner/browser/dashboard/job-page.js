/**
 * One job: how it stands, what it did and made, what went in, what it logs. Each part is asked for when it may have changed.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Act, Attempt, Job } from "../wire.js"
 * @import { Place } from "./router.js"
 */

import { announceJob } from "../announcer.js";
import { element, setAttribute, setText } from "../element.js";
import { icon, reshape } from "../icons.js";
import { factWords, statusWord, stepWords, timeLeft, titleOf } from "../words.js";
import { onTick } from "../clock.js";
import { JobButton } from "./job-button.js";
import { JobDetails } from "./job-details.js";
import { JobFailure } from "./job-failure.js";
import { button, card, component, copyButton, link } from "./controls.js";
import { LogView } from "./log-view.js";
import { notTooOften } from "./pace.js";
import { href } from "./places.js";
import { Skeleton } from "./skeleton.js";
import { entries, Timeline } from "./timeline.js";
import { Tree } from "./tree.js";

export class JobPage {
  #client;
  #title = element("h1", { tabindex: -1 }, "Job");
  #icon = icon("queued");
  #word = element("span");
  #facts = element("p", { class: "muted" });
  #cancel;
  #retry;
  #again = link("", "Edit and re-run", { class: "button" });
  #why = element("p", { class: "why", hidden: true });
  #step = element("span");
  #left = element("span", { class: "left muted" });
  #parts = /** @type {any[]} */ ([]);
  #moving = /** @type {any[]} */ ([]);
  #progress;
  #failure = new JobFailure();
  #details = new JobDetails();
  #timeline = new Timeline();
  #input = new Tree();
  #result = new Tree();
  #log;
  #body;
  #resultCard;
  #partsCard;
  #filesCard;
  #fault = element("div", { class: "card empty", hidden: true });
  #skeleton = new Skeleton(8);
  #ask = notTooOften(1_000, () => this.#refresh());
  // Mutable: the job shown with its attempts, and how to stop watching it.
  #id = "";
  #job = /** @type {Job | null} */ (null);
  #attempts = /** @type {Attempt[]} */ ([]);
  #stop = () => {};

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#cancel = new JobButton(client, "cancel");
    this.#retry = new JobButton(client, "retry");
    this.#log = new LogView(client);
    const [ring, bar, stages, parts, player] = (this.#parts = [
      component("job-progress", { variant: "ring" }),
      component("job-progress", { variant: "bar" }),
      component("job-stages"),
      component("job-parts"),
      component("job-player"),
    ]);
    this.#moving = [ring, bar];
    const now = element("div", { class: "now" }, element("p", {}, this.#step, this.#left), bar, stages);
    this.#resultCard = card("Result", this.#result.element);
    this.#partsCard = card("Parts", parts);
    this.#filesCard = card("Files", player);
    const tree = component("job-tree", { href: `${href("jobs/")}{job_id}`, "data-empty": true });
    this.#parts.push(tree);
    this.#progress = card("Progress", element("div", { class: "progress" }, ring, now), this.#why);
    const main = element(
      "div",
      {},
      this.#failure.element,
      this.#progress,
      card("Related jobs", tree),
      this.#partsCard,
      this.#filesCard,
      this.#resultCard,
      card("Log", this.#log.element),
    );
    const side = element(
      "div",
      {},
      card("Timeline", this.#timeline.element),
      card("Details", this.#details.element),
      card("Input", this.#input.element),
    );
    this.#body = element("div", { class: "columns", hidden: true }, main, side);
    this.element = element("div", { class: "page" }, this.#head(), this.#skeleton.element, this.#fault, this.#body);
    onTick(() => this.#tick());
  }

  #head() {
    const badge = element("span", { class: "badge", hidden: true }, this.#icon, this.#word);
    const name = element("div", { class: "name" }, this.#title, badge);
    const copy = copyButton(() => this.#id, "Copy id");
    const actions = element("div", { class: "actions" }, this.#cancel.element, this.#retry.element, this.#again, copy);
    for (const node of [this.#cancel.element, this.#retry.element, this.#again]) node.hidden = true;
    return element(
      "header",
      { class: "headline row", "data-row": true },
      element("div", {}, name, this.#facts),
      actions,
    );
  }

  get title() {
    return this.#job ? titleOf(this.#job) : "Job";
  }

  get job() {
    return this.#job;
  }

  /** @param {Place} place */
  enter({ id }) {
    if (id !== this.#id) this.#begin(id);
    this.#stop();
    this.#stop = this.#client.watch(id, (/** @type {Job} */ job) => this.#take(job));
    this.#log.open(id);
    this.#ask();
  }

  leave() {
    this.#stop();
    this.#stop = () => {};
    this.#log.close();
  }

  /** Ask again: the server may have been away. */
  refresh() {
    if (this.element.isConnected) this.#ask();
  }

  /** @param {string} id */
  #begin(id) {
    this.#id = id;
    this.#job = null;
    this.#attempts = [];
    this.#fault.hidden = true;
    this.#body.hidden = true;
    setText(this.#title, "Job");
  }

  /** @param {Job} job */
  #take(job) {
    if (job.job_id !== this.#id) return;
    const before = this.#job;
    this.#job = {
      ...job,
      payload: job.payload ?? before?.payload,
      result_data: job.result_data ?? before?.result_data,
    };
    announceJob(job, before);
    this.#show(this.#job);
    const moved =
      before?.status !== job.status || before.attempt !== job.attempt || before.waiting_for !== job.waiting_for;
    if (moved && before !== null) this.#ask();
  }

  async #refresh() {
    const id = this.#id;
    try {
      const job = await this.#client.get(id);
      if (id !== this.#id) return;
      this.#fault.hidden = true;
      this.#take(job);
      this.#input.show(job.payload);
      const [attempts, acts] = await Promise.all([this.#client.attempts(id), this.#client.history(id)]);
      if (id === this.#id) this.#showPast(job, attempts, acts);
      const asks = job.status === "queued" && job.waiting_for !== "dependency"; // these are named, with links
      const why = asks ? await this.#client.explain(id).catch(() => null) : null;
      if (id === this.#id) setText(this.#why, why?.sentence ?? "");
    } catch (error) {
      if (id === this.#id) this.#fail(/** @type {any} */ (error));
    }
  }

  /** @param {Job} job @param {Attempt[]} attempts @param {Act[]} acts */
  #showPast(job, attempts, acts) {
    this.#attempts = attempts;
    this.#timeline.show(entries(job, attempts, acts));
    this.#failure.show(this.#job ?? job, attempts);
  }

  /** @param {Error & { status?: number }} error */
  #fail(error) {
    this.#skeleton.done();
    if (this.#job !== null) return; // what is known stays
    const isNone = error.status === 404 || error.status === 422; // 422: what is in the address is no id
    const words = isNone ? "There is no such job. It may have been deleted when its time was over." : error.message;
    const again = isNone
      ? link(href("jobs"), "All jobs", { class: "button" })
      : button("Try again", () => this.#ask());
    this.#fault.replaceChildren(element("p", { class: "fault" }, words), again);
    this.#fault.hidden = false;
  }

  /** @param {Job} job */
  #show(job) {
    this.#skeleton.done();
    this.#body.hidden = false;
    setAttribute(this.element, "data-status", job.status);
    reshape(this.#icon, job.status);
    setText(this.#title, titleOf(job));
    setText(this.#word, statusWord(job));
    /** @type {HTMLElement} */ (this.#word.parentElement).hidden = false;
    for (const part of this.#parts) part.job = job;
    for (const part of this.#moving) part.hidden = job.completed_at !== null;
    this.#progress.hidden = job.completed_at !== null && job.stages.length === 0;
    this.#cancel.show(job);
    this.#retry.show(job);
    this.#again.hidden = false;
    setAttribute(this.#again, "href", href(`new?from=${job.job_id}`));
    this.#failure.show(job, this.#attempts);
    this.#details.show(job);
    this.#log.show(job);
    this.#partsCard.hidden = job.parts_total === 0;
    this.#filesCard.hidden = job.artifacts.length === 0;
    this.#resultCard.hidden = job.result_data == null;
    if (job.result_data != null) this.#result.show(job.result_data);
    this.#tick();
  }

  #tick() {
    const job = this.#job;
    if (job === null || !this.element.isConnected) return;
    const running = job.status === "processing";
    const unknown = running && job.progress_data.estimated_time_remaining === null && job.estimated_duration === null;
    setText(this.#facts, factWords(job));
    setText(this.#step, stepWords(job) || (running ? "" : statusWord(job)));
    setText(this.#left, timeLeft(job) || (unknown ? "no estimate yet: too few runs of this type" : ""));
  }
}
