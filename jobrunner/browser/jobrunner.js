/**
 * The client of one jobrunner server. It speaks HTTP and nothing else: it never touches the page.
 *
 * @import { TokenSource } from "./caller.js"
 * @import { Connection } from "./link.js"
 * @import { Observer } from "./watcher.js"
 * @import { Act, Attempt, BulkAnswer, Call, Counts, Explanation, FailureGroup, Filter, Health, Job, JobPage, JobType,
 *   Link, LogLine, LogPage, Query, Queue, Selected, Selection, Session, SignIn, Statistics, Submission, Template,
 *   TemplateWish } from "./wire.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { Caller } from "./caller.js";
import { Hub } from "./hub.js";
import { JobrunnerError, StillRunning } from "./problem.js";
import { JobChanged, JobStore } from "./store.js";

export * from "./job.js";
export { JobChanged, JobrunnerError, JobStore, StillRunning };
export { verifyWebhook } from "./webhook.js";

const TRIES = 3;
const FRESH_MS = 5_000;

/**
 * @typedef {{ key?: string, fresh?: boolean, signal?: AbortSignal }} Sending  `key`: sent twice under it, a job is
 *   submitted once; `fresh`: no result is given again
 * @typedef {{ onProgress?: (sent: number) => void, onWait?: (ms: number) => void, signal?: AbortSignal }} Uploading
 * @typedef {{ timeout?: number, onChange?: (job: Job) => void, signal?: AbortSignal }} Waiting  `timeout` in seconds
 * @typedef {{ dryRun?: boolean, key?: string }} Bulk
 */

/** @type {Map<string, Hub>} */
const hubs = new Map(); // of clients without a token

/**
 * Make a client; the server is where this module came from unless told otherwise. A function is asked for a token at
 * first use, at 80 % of its life and when it is refused; without one a cookie counts.
 *
 * @param {{ baseUrl?: string | URL, token?: TokenSource, fetch?: typeof globalThis.fetch }} [options]
 */
export function createClient({ baseUrl = new URL("../", import.meta.url), token, fetch } = {}) {
  const base = new URL(baseUrl, globalThis.location?.href);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  const caller = new Caller(base, fetch ?? ((...args) => globalThis.fetch(...args)), token);
  if (token != null || fetch) return new Client(caller, new Hub(caller));
  if (!hubs.has(base.href)) hubs.set(base.href, new Hub(caller));
  return new Client(caller, /** @type {Hub} */ (hubs.get(base.href)));
}

/** Make a key that names one submission however often it is sent; works without a secure context, too. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Client {
  #caller;
  #hub;
  /** @type {Map<string, { at: number, answer: Promise<any> }>} */
  #reads = new Map();

  /** @param {Caller} caller @param {Hub} hub */
  constructor(caller, hub) {
    this.#caller = caller;
    this.#hub = hub;
    hub.store.addEventListener("change", () => this.#reads.clear());
  }

  /** What is known of the jobs that are watched. */
  get jobs() {
    return this.#hub.store;
  }

  /** @returns {Connection} */
  get connection() {
    return this.#hub.connection;
  }

  /** Whether files open by a `link` only. */
  get hasToken() {
    return this.#caller.hasToken;
  }

  /** @param {Submission} submission @param {Sending} [sending] @returns {Promise<Job>} */
  submit(submission, sending) {
    return this.submitTo("jobs", submission, sending);
  }

  /**
   * Submit to a path that a type has for itself, as `types` tells it, its names filled in.
   *
   * @param {string} path @param {unknown} [body] @param {Sending & { query?: Query }} [sending] @returns {Promise<Job>}
   */
  async submitTo(path, body = {}, { query, ...sending } = {}) {
    return this.#known(await this.#post(path.replace(/^\//, "../../"), body, sending, query));
  }

  /** @param {Query} [query] @returns {Promise<Template[]>} */
  async templates(query) {
    return (await this.#read("templates", { limit: 1_000, ...query })).templates;
  }

  /** Save a submission, or put it in the place of `id`. @param {TemplateWish} wish @returns {Promise<Template>} */
  saveTemplate({ id, ...wish }) {
    if (id !== undefined) return this.#insist("PUT", `templates/${id}`, { body: wish });
    return this.call("POST", "templates", { body: wish });
  }

  /** @param {string} id @returns {Promise<void>} */
  deleteTemplate(id) {
    return this.call("DELETE", `templates/${id}`);
  }

  /**
   * Submit what was saved, with these members in the place of its own; payloads are merged.
   *
   * @param {string} id @param {Partial<Submission>} [changes] @param {Sending} [sending] @returns {Promise<Job>}
   */
  submitTemplate(id, changes, sending) {
    return this.submitTo(`templates/${id}/jobs`, changes, sending);
  }

  /** @param {Submission[]} jobs @param {Sending & { atomic?: boolean }} [how] @returns {Promise<BulkAnswer>} */
  submitMany(jobs, { atomic = false, ...sending } = {}) {
    return this.#post("jobs/bulk", { jobs, atomic }, sending);
  }

  /**
   * Bring a file that a job waits for. After a lost connection it goes on where it was, until it is there, refused or
   * aborted.
   *
   * @param {string} jobId @param {string} name @param {File} file @param {Uploading} [uploading]
   */
  async upload(jobId, name, file, uploading) {
    const { upload } = await import("./upload.js");
    return upload(this.#caller, jobId, name, file, uploading);
  }

  /** @param {string} jobId @returns {Promise<Job>} */
  get(jobId) {
    return this.#read(`jobs/${jobId}`);
  }

  /** @param {Query} [query] @returns {Promise<JobPage>} */
  list(query) {
    return this.#read("jobs", query);
  }

  /** @param {string | Filter} target  an id or a filter, {}: all @param {Observer | ((job: Job) => void)} observer */
  watch(target, observer) {
    return this.watchMany(typeof target === "string" ? [target] : target, observer);
  }

  /** @param {string[] | Filter} target @param {Observer | ((job: Job) => void)} observer @returns {() => void} stop */
  watchMany(target, observer) {
    return this.#hub.watch(target, typeof observer === "function" ? { job: observer } : observer);
  }

  /** Be the job when it has ended. @param {string} jobId @param {Waiting} [waiting] @returns {Promise<Job>} */
  async wait(jobId, { timeout, onChange, signal } = {}) {
    signal?.throwIfAborted();
    let end = () => {};
    await new Promise((resolve, reject) => {
      const gone = new JobrunnerError(404, "There is no such job.", { code: "unknown-job" });
      const stop = this.watch(jobId, {
        job: onChange,
        ended: resolve,
        snapshot: ({ missing }) => missing.length > 0 && reject(gone),
        failed: reject,
      });
      const late = () => reject(new StillRunning(this.jobs.get(jobId) ?? null));
      const timer = timeout === undefined ? undefined : setTimeout(late, timeout * 1_000);
      const abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      end = () => {
        stop();
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
    }).finally(() => end());
    return this.get(jobId);
  }

  /** Cancel a job; one that runs is asked to stop. @param {string} jobId @returns {Promise<Job>} */
  async cancel(jobId) {
    return this.#known(await this.#insist("DELETE", `jobs/${jobId}`));
  }

  /**
   * Run a job again; with changes it is a new one.
   *
   * @param {string} jobId @param {object} [changes] @returns {Promise<Job>}
   */
  async retry(jobId, changes) {
    return this.#known(await this.#post(`jobs/${jobId}/retry`, changes));
  }

  /** Run a job again for one of its parts. @param {string} jobId @param {string} key @returns {Promise<Job>} */
  async retryPart(jobId, key) {
    return this.#known(await this.#post(`jobs/${jobId}/parts/${encodeURIComponent(key)}/retry`, undefined));
  }

  /** @param {Selection} filter @param {Bulk} [how] @returns {Promise<Selected>} */
  cancelMany(filter, { dryRun = false, key } = {}) {
    return this.#post("jobs/cancel", { filter, dry_run: dryRun }, { key });
  }

  /** @param {Selection} filter @param {Bulk} [how] @returns {Promise<Selected>} */
  retryMany(filter, { dryRun = false, key } = {}) {
    return this.#post("jobs/retry", { filter, dry_run: dryRun }, { key });
  }

  /** @param {string} jobId @param {{ after?: number }} [from] @returns {Promise<LogPage>} */
  logs(jobId, { after = 0 } = {}) {
    return this.#insist("GET", `jobs/${jobId}/logs`, { query: { after } });
  }

  /**
   * Tell all lines, and those that come.
   *
   * @param {string} jobId @param {(line: LogLine) => void} onLine @returns {() => void} stop
   */
  followLogs(jobId, onLine) {
    const over = new AbortController();
    void import("./log.js").then(({ followLogs }) => followLogs(this, jobId, onLine, over.signal));
    return () => over.abort();
  }

  /** @param {string} jobId @returns {Promise<Act[]>} */
  async history(jobId) {
    return (await this.#read(`jobs/${jobId}/history`)).history;
  }

  /** @param {string} jobId @returns {Promise<Attempt[]>} */
  async attempts(jobId) {
    return (await this.#read(`jobs/${jobId}/attempts`)).attempts;
  }

  /** Why it waits. @param {string} jobId @returns {Promise<Explanation>} */
  explain(jobId) {
    return this.#read(`jobs/${jobId}/explain`);
  }

  /** @param {Query} [query] @returns {Promise<Counts>} */
  counts(query) {
    return this.#read("jobs/stats/counts", query);
  }

  /** @param {Query} [query] @returns {Promise<Statistics>} */
  stats(query) {
    return this.#read("jobs/stats", query);
  }

  /** @param {Query} [query] @returns {Promise<FailureGroup[]>} */
  async failures(query) {
    return (await this.#read("jobs/failures", query)).groups;
  }

  /** @returns {Promise<Health>} */
  health() {
    return this.#read("jobs/health");
  }

  /** @returns {Promise<JobType[]>} */
  async types() {
    return (await this.#read("types")).types;
  }

  /** @returns {Promise<Queue[]>} */
  async queues() {
    return (await this.#read("queues")).queues;
  }

  /** @param {string} name @returns {Promise<Queue>} */
  pauseQueue(name) {
    return this.#insist("POST", `queues/${encodeURIComponent(name)}/pause`);
  }

  /** @param {string} name @returns {Promise<Queue>} */
  resumeQueue(name) {
    return this.#insist("POST", `queues/${encodeURIComponent(name)}/resume`);
  }

  /** Who am I, and what may I do? @returns {Promise<Session>} */
  session() {
    return this.#read("session");
  }

  /** Be known from now on, by a cookie. @param {string} key  an operator's @returns {Promise<Session>} */
  async signIn(key) {
    const session = await this.call("POST", "session", { body: { key } });
    this.resume();
    return session;
  }

  /** @returns {Promise<void>} */
  signOut() {
    return this.call("DELETE", "session");
  }

  /** List all who are signed in: for operators. @returns {Promise<SignIn[]>} */
  async sessions() {
    return (await this.#read("sessions")).sessions;
  }

  /** Sign somebody out. @param {string} id @returns {Promise<void>} */
  closeSession(id) {
    return this.call("DELETE", `sessions/${id}`);
  }

  /** Open one file for 5 minutes. @param {string} jobId @param {string} name @returns {Promise<Link>} */
  async link(jobId, name) {
    const link = await this.#insist("POST", `jobs/${jobId}/artifacts/${encodeURIComponent(name)}/link`);
    return { ...link, url: this.fileUrl(link.url) };
  }

  /**
   * Be the address of a file to look at, or to save under a name.
   *
   * @param {string} downloadUrl @param {{ inline?: boolean, filename?: string }} [how]
   */
  fileUrl(downloadUrl, { inline = false, filename } = {}) {
    const url = new URL(downloadUrl, this.#caller.base);
    if (inline) url.searchParams.set("inline", "1");
    if (filename) url.searchParams.set("filename", filename);
    return url.href;
  }

  /** Be the address of something below the API. @param {string} path @param {Query} [query] */
  url(path, query) {
    return this.#caller.url(path, query);
  }

  /** Let the connection go until `resume`: a person wants peace (WCAG 2.2.2). */
  pause() {
    this.#hub.pause();
  }

  resume() {
    this.#hub.resume();
  }

  /** Call once. @param {string} method @param {string} path @param {Call} [call] @returns {Promise<any>} */
  call(method, path, call) {
    if (method !== "GET") this.#reads.clear();
    return this.#caller.call(method, path, call);
  }

  /**
   * Ask; who asks the same within 5 s gets the same answer, unless something has changed.
   *
   * @param {string} path @param {Query} [query]
   */
  #read(path, query) {
    const name = this.url(path, query).href;
    const known = this.#reads.get(name);
    if (known && Date.now() - known.at < FRESH_MS) return known.answer;
    const read = { at: Date.now(), answer: this.#insist("GET", path, { query }) };
    this.#reads.set(name, read);
    read.answer.catch(() => this.#reads.get(name) === read && this.#reads.delete(name));
    return read.answer;
  }

  /** @param {string} path @param {unknown} body @param {Sending} [sending] @param {Query} [query] */
  #post(path, body, { key = newKey(), fresh, signal } = {}, query) {
    const headers = { "Idempotency-Key": `"${key}"`, ...(fresh && { "Cache-Control": "no-cache" }) };
    return this.#insist("POST", path, { query, body, signal, headers });
  }

  /** @param {Job} job */
  #known(job) {
    this.jobs.put(job);
    return job;
  }

  /** Call, and again when it may help: only for what may safely be sent twice. @type {Client["call"]} */
  async #insist(method, path, call) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.call(method, path, call);
      } catch (error) {
        if (!(error instanceof JobrunnerError && error.passing) || failures + 1 >= TRIES) throw error;
        await sleep(backoffMs(failures, { firstMs: 500, askedMs: error.retryAfterMs }), call?.signal);
      }
    }
  }
}
