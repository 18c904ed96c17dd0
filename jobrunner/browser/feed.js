/**
 * Keeps up with the server: fetches what has changed since its cursor, then listens to one event stream, or where that
 * cannot be had, polls. Hands on what it hears, knows no watcher, and gives up only where it may not look (401, 403).
 *
 * @import { Caller } from "./caller.js"
 * @import { Connection, Standing } from "./link.js"
 * @import { Watching } from "./watching.js"
 * @import { News, Tabs } from "./tabs.js"
 * @import { Job, Place } from "./wire.js"
 * @import { StreamEvent } from "./sse.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { byNumber, Changes, filtersOf, patient } from "./changes.js";
import { JobrunnerError, unreachable } from "./problem.js";
import { EventParser } from "./sse.js";

const SILENCE_MS = 40_000; // the server speaks every 15 s
const FIRST_BYTE_MS = 5_000; // later, something on the way holds it back
const STREAM_AGAIN_MS = 60_000;
const POLL_MS = [2_000, 10_000];
const HEED_MS = 50; // when a tab takes the lead, all others speak at once
const SHORT_MS = 1_000; // a right that ends sooner waits
const REST_MS = 8_000; // at most, ±20 %: somebody looks

export class Feed {
  #caller;
  #watching;
  #connection;
  // Mutable: the life between two stops, the turn up to its next try, the place, what it holds for, what was heard,
  // and how the stream does.
  #life = new AbortController();
  #turn = new AbortController();
  #cursor = /** @type {string | undefined} */ (undefined);
  #covered = /** @type {Set<string>} */ (new Set());
  #tabs = /** @type {Tabs | null} */ (null);
  #heeding = 0;
  #moved = false;
  #retryMs = 1_000;
  #misses = 0;
  #streamAt = 0;
  #pollMs = POLL_MS[0];

  /** @param {Caller} caller @param {Watching} watching @param {Connection} connection */
  constructor(caller, watching, connection) {
    this.#caller = caller;
    this.changes = new Changes(caller);
    this.#watching = watching;
    this.#connection = connection;
    this.#life.abort();
    connection.addEventListener("change", () => this.#tell());
  }

  get runs() {
    return !this.#life.signal.aborted;
  }

  open() {
    if (this.runs) return;
    this.#life = new AbortController();
    void this.#run(this.#life.signal);
  }

  /** Let the connection go, keep the place. @param {Standing} why */
  close(why) {
    this.#life.abort();
    this.unseat();
    this.#connection.tell(why);
  }

  /** Try at once, and the stream first. */
  wake() {
    this.#streamAt = this.#misses = 0;
    if (this.#connection.state !== "live") this.#turn.abort();
  }

  /** Look again at what is wanted. */
  turn() {
    this.#turn.abort();
  }

  /** Whether what is wanted comes already, and no stream of much more. @param {string[]} wanted */
  covers(wanted) {
    const names = this.#union(wanted);
    const all = this.#covered.has("{}") || [...names].every((name) => this.#covered.has(name));
    return all && ![...this.#covered].some((name) => name.startsWith("{") && !names.has(name));
  }

  /** Something has changed, also by our own doing: poll soon. */
  stir() {
    this.#moved = true;
  }

  /** Another tab wants something else. */
  heed() {
    clearTimeout(this.#heeding);
    const look = () => {
      if (!this.covers(this.#watching.wanted())) return this.turn();
      this.#tabs?.serve();
      this.#tell();
    };
    this.#heeding = Number(setTimeout(look, HEED_MS));
  }

  /** Take what the leading tab tells. @param {News} news @param {boolean} whole  it is all that we want */
  hear({ jobs = [], live = false, cursor, standing, reset, place }, whole) {
    if (!this.runs) return;
    if (reset) return this.#reset();
    if (place) this.#watching.put(place);
    for (const job of jobs) this.#watching.take(job, { live });
    if (whole && cursor) this.#cursor = cursor;
    if (standing) this.#connection.tell(standing);
  }

  /** Leave the other tabs: they are somebody else's. */
  unseat() {
    this.#tabs?.leave();
    this.#tabs = null;
    this.turn();
  }

  /** @param {AbortSignal} life */
  async #run(life) {
    for (let failures = 0; !life.aborted; ) {
      this.#turn = new AbortController();
      const signal = AbortSignal.any([life, this.#turn.signal]);
      const begun = Date.now();
      try {
        const { state, heardAt, problem } = this.#connection;
        if (!["live", "polling", "stalled"].includes(state))
          this.#connection.tell({ state: heardAt ? "reconnecting" : "connecting", problem });
        await this.#refresh(signal);
        failures = 0;
        if (this.#covered.size === 0) return this.close({ state: "stopped" });
        const led = await this.#sit(life).catch(() => false);
        if (led) await this.#tabs?.follow([...this.#covered], this.#cursor, signal);
        else if (begun < this.#streamAt) await this.#poll(signal);
        else await this.#listen(signal);
      } catch (error) {
        if (signal.aborted) continue;
        const problem = error instanceof JobrunnerError ? error : unreachable();
        const refused = [401, 403].includes(problem.status);
        const renewed = refused && problem.code === "expired" && this.#caller.renews;
        if (refused && !renewed) {
          this.close({ state: "stopped", problem });
          return this.#watching.refused(problem);
        }
        if (!renewed || Date.now() - begun < SHORT_MS) await this.#rest(failures++, problem, signal);
      }
    }
  }

  /** Fetch what has changed and what is new. @param {AbortSignal} signal */
  async #refresh(signal) {
    for (let more = true; more && this.#cursor !== undefined; ) {
      const page = await this.changes.page(filtersOf(this.#covered), signal, this.#cursor);
      if (page.reset) this.#reset();
      else this.#hand(page.jobs, false, page.cursor);
      more = page.more;
    }
    const filled = await this.#watching.fill(signal, this.#cursor === undefined);
    const wanted = this.#watching.wanted();
    const places = [this.#cursor ?? filled, ...(this.#tabs?.places ?? [])].filter((place) => place !== undefined);
    this.#cursor = wanted.length > 0 ? places.sort(byNumber)[0] : undefined;
    this.#covered = wanted.length > 0 ? this.#union(wanted) : new Set();
    this.#tabs?.serve();
    this.#connection.heardAt = new Date();
  }

  /** Add what the other tabs want. @param {string[]} wanted */
  #union(wanted) {
    const names = new Set(wanted);
    if (this.#tabs?.leads) for (const other of this.#tabs.others) for (const name of other.names) names.add(name);
    return names.has("{}") ? new Set(["{}"]) : names;
  }

  /**
   * Hand on what is heard; only then the place moves on.
   *
   * @param {Job[]} jobs @param {boolean} live @param {string} [cursor]
   */
  #hand(jobs, live, cursor = this.#cursor) {
    for (const job of jobs) this.#watching.take(job, { live });
    this.#cursor = cursor;
    this.#tabs?.tell({ jobs, live, cursor });
  }

  #tell() {
    const { state, heardAt, retryAt, pollMs } = this.#connection;
    this.#tabs?.tell({ standing: { state, heardAt, retryAt, pollMs }, cursor: this.#cursor });
  }

  /** All begins anew. */
  #reset() {
    this.#tabs?.tell({ reset: true });
    this.#cursor = undefined;
    this.#watching.reset();
    this.#turn.abort();
  }

  /** Be together with the other tabs; true: they lead. @param {AbortSignal} life */
  async #sit(life) {
    if (!this.#tabs && globalThis.navigator?.locks && globalThis.document) {
      const { join } = await import("./tabs.js");
      this.#tabs = await patient(life, (signal) => join(this.#caller, this, signal));
      if (life.aborted) this.unseat();
      else if (this.#tabs && !this.#tabs.leads) this.turn(); // what came before we heard them
    }
    return this.#tabs !== null && !this.#tabs.leads;
  }

  /** @param {AbortSignal} signal */
  async #poll(signal) {
    this.#pollMs = this.#moved ? POLL_MS[0] : Math.min(this.#pollMs * 1.5, POLL_MS[1]);
    this.#moved = false;
    this.#connection.tell({ state: "polling", pollMs: this.#pollMs });
    await sleep(backoffMs(0, { firstMs: this.#pollMs }), signal);
  }

  /** @param {number} failures @param {JobrunnerError} problem @param {AbortSignal} signal */
  async #rest(failures, problem, signal) {
    const polls = Date.now() < this.#streamAt;
    const firstMs = polls ? 5_000 : this.#retryMs;
    const ms = backoffMs(failures, { firstMs, maxMs: REST_MS, askedMs: problem.retryAfterMs });
    const state = globalThis.navigator?.onLine === false ? "offline" : "reconnecting";
    this.#connection.tell({ state, problem, retryAt: Date.now() + ms });
    await sleep(ms, signal).catch(() => undefined);
  }

  /** Hold one stream to its end. @param {AbortSignal} signal */
  async #listen(signal) {
    const silence = new AbortController();
    const within = (/** @type {number} */ ms) => setTimeout(() => silence.abort(), ms);
    let timer = within(FIRST_BYTE_MS);
    let heard = false;
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      const reader = await this.changes.stream(filtersOf(this.#covered), either, this.#cursor);
      const parser = new EventParser();
      for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
        clearTimeout(timer);
        timer = within(SILENCE_MS);
        this.#misses = 0;
        this.#connection.tell({ state: "live", heardAt: new Date() });
        if (!heard) this.#tell();
        heard = true;
        for (const event of parser.push(value)) {
          if (event.type === "end") return;
          this.#take(event);
        }
        this.#retryMs = parser.retryMs ?? this.#retryMs;
      }
      throw unreachable();
    } catch (error) {
      if (heard && silence.signal.aborted) return this.#connection.tell({ state: "stalled" });
      if (heard || signal.aborted) throw error;
      this.#miss(silence.signal.aborted, error);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  /** After two, or one that is held back on its way, poll a while. @param {boolean} late @param {unknown} problem */
  #miss(late, problem) {
    const { status = 0, retryAfterMs = 0 } = problem instanceof JobrunnerError ? problem : {};
    this.#misses += late ? 2 : 1;
    if (this.#misses < 2 || status === 401 || status === 403) throw problem;
    this.#streamAt = Date.now() + Math.max(STREAM_AGAIN_MS, retryAfterMs ?? 0);
  }

  /** @param {StreamEvent} event */
  #take({ type, data, id }) {
    if (type === "expired") throw new JobrunnerError(401, "The right to watch has ended.", { code: type });
    if (type === "snapshot" || type === "reset") this.#reset();
    else if (type === "position") this.#place(JSON.parse(data));
    else this.#hand(type === "job" ? [JSON.parse(data)] : [], true, id ?? undefined);
  }

  /** @param {Place} place */
  #place(place) {
    this.#watching.put(place);
    this.#tabs?.tell({ place });
  }
}
