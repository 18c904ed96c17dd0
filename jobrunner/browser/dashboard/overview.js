/**
 * The overview: what runs, what waits, what needs somebody. Puts parts together; each part looks after itself.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Counts, Job } from "../wire.js"
 */

import { element, setText } from "../element.js";
import { onTick } from "../clock.js";
import { duration } from "../words.js";
import { Attention } from "./attention.js";
import { card, component } from "./controls.js";
import { Skeleton } from "./skeleton.js";
import { notTooOften } from "./pace.js";
import { sentence, soon } from "./phrases.js";
import { href } from "./places.js";
import { PausedQueues, QueueLines } from "./queues.js";
import { Running } from "./running.js";
import { Trouble } from "./trouble.js";
import { Throughput } from "./throughput.js";
import { Waiting } from "./waiting.js";
import { Welcome } from "./welcome.js";

const SLOWLY_MS = 10_000;

export class Overview {
  #client;
  #title = element("h1", { tabindex: -1 }, "Overview");
  #facts = element("p", { class: "muted", hidden: true });
  #paused;
  #queues = new QueueLines();
  #running;
  #waiting;
  #attention;
  #throughput;
  #welcome;
  #skeleton = new Skeleton(6);
  #tiles = component("queue-stats", { range: "24h", href: href("jobs?q=status:{status}") });
  #trouble = new Trouble(() => this.refresh());
  #columns;
  #ask;
  // Mutable: what was last heard, and whether the page is on the screen.
  #counts = /** @type {Counts | null} */ (null);
  #workers = /** @type {{ total: number, busy: number } | null} */ (null);
  #oldest = /** @type {number | null} */ (null); // when the longest wait began
  #shown = false;
  #askedAt = 0;
  title = "Overview";

  /** @param {Client} client @param {(address: string) => void} go */
  constructor(client, go) {
    this.#client = client;
    this.#paused = new PausedQueues(client);
    this.#running = new Running(client);
    this.#waiting = new Waiting(client);
    this.#attention = new Attention(client);
    this.#throughput = new Throughput(client);
    this.#welcome = new Welcome(client, go);
    const finished = card("Recently finished", this.#finished());
    const left = element("div", {}, this.#running.element, this.#waiting.element);
    const right = element("div", {}, this.#attention.element, this.#throughput.element, finished);
    this.#columns = element("div", { class: "columns", hidden: true }, left, right);
    const head = element("header", { class: "headline" }, this.#title, this.#facts);
    this.element = element("div", { class: "page" }, head, this.#paused.element, this.#tiles, this.#queues.element);
    this.element.append(this.#skeleton.element, this.#trouble.element, this.#welcome.element, this.#columns);
    this.#ask = notTooOften(1_000, () => this.#refresh());
    client.jobs.addEventListener("change", (event) => this.#heard(/** @type {any} */ (event)));
    onTick(() => this.#tick());
  }

  enter() {
    this.#shown = true;
    this.#askedAt = 0;
    this.#ask();
    for (const part of [this.#running, this.#waiting, this.#attention, this.#throughput]) part.refresh();
  }

  leave() {
    this.#shown = false;
  }

  /** Ask again: the server may have been away. */
  refresh() {
    if (this.#shown) this.enter();
  }

  #finished() {
    const list = component("job-list", { status: "ended", limit: 5, variant: "compact", live: true, actions: "none" });
    list.setAttribute("href", `${href("jobs/")}{job_id}`);
    list.append(element("p", { class: "muted", slot: "empty" }, "Nothing has finished yet."));
    return list;
  }

  /** @param {{ job: Job, before?: Job }} change */
  #heard({ job, before }) {
    if (!this.#shown || job.status === before?.status) return;
    this.#ask();
    this.#waiting.refresh();
    if (job.status === "failed" || before?.status === "failed") this.#attention.refresh();
  }

  async #refresh() {
    const slowly = Date.now() - this.#askedAt > SLOWLY_MS;
    if (slowly) this.#askedAt = Date.now();
    const [counts, health, queues] = await Promise.all([
      this.#client.counts(),
      slowly ? this.#client.health() : null,
      this.#client.queues().catch(() => null),
    ]).catch((error) => this.#fail(error));
    this.#counts = counts;
    this.#workers = health?.workers ?? this.#workers;
    if (queues) this.#paused.show(queues);
    if (queues) this.#queues.show(queues);
    const waits = (queues ?? []).flatMap((one) => one.oldest_wait ?? []);
    this.#oldest = waits.length > 0 ? Date.now() - 1_000 * Math.max(...waits) : null;
    this.#show(counts);
  }

  /** What is known stays. @param {Error} error @returns {never} */
  #fail(error) {
    this.#skeleton.done();
    this.#askedAt = 0;
    if (this.#counts === null) this.#trouble.show(error);
    throw error;
  }

  /** @param {Counts} counts */
  #show(counts) {
    const isNew = counts.total === 0;
    this.#skeleton.done();
    this.#trouble.hide();
    this.#tiles.hidden = isNew;
    this.#columns.hidden = isNew;
    this.#welcome.show(isNew);
    setText(this.#title, sentence(counts));
    this.#tick();
  }

  /** Times go on by themselves. */
  #tick() {
    if (!this.#shown || this.#counts === null) return;
    const live = document.documentElement.dataset.live !== "no";
    const next = this.#counts.queued > 0 && live ? soon(this.#waiting.nextStart, Date.now()) : "";
    const facts = [
      next && `Next job starts ${next}`,
      this.#workers && `${this.#workers.busy} of ${this.#workers.total} workers busy`,
      this.#oldest && this.#counts.queued > 0 && live && `oldest wait ${duration((Date.now() - this.#oldest) / 1_000)}`,
    ];
    setText(this.#facts, this.#counts.total === 0 ? "" : facts.filter(Boolean).join(" · "));
    if (Date.now() - this.#askedAt > 3 * SLOWLY_MS && live) this.#ask();
  }
}
