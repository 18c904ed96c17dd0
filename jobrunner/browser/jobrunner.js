/**
 * The client of one jobrunner server. It speaks HTTP and nothing else: it never touches the page.
 *
 * @import { Counts, Job, JobPage, JobType, Submission } from "./wire.js"
 * @import { Observer } from "./feed.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { Feed } from "./feed.js";
import { accepted, JobrunnerError, unreachable } from "./problem.js";
import { putFile } from "./transfer.js";

export { JobrunnerError };

const TRIES = 3;

/**
 * @typedef {{ [name: string]: string | number | string[] }} Query
 * @typedef {{ query?: Query, body?: unknown, headers?: { [name: string]: string } }} Call
 * @typedef {{ onProgress?: (sent: number) => void, onWait?: (ms: number) => void, signal?: AbortSignal }} Uploading
 */

/**
 * Make a client; the server is where this module came from unless told otherwise.
 *
 * @param {{ baseUrl?: string | URL, fetch?: typeof globalThis.fetch }} [options]
 */
export function createClient({
  baseUrl = new URL("../", import.meta.url),
  fetch = (...args) => globalThis.fetch(...args),
} = {}) {
  return new Client(new URL(baseUrl), fetch);
}

/** Make a key that names one submission however often it is sent; works without a secure context, too. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Say whether a job has ended. @param {Job} job */
export function isFinished(job) {
  return job.status === "completed" || job.status === "failed" || job.status === "cancelled";
}

export class Client {
  #base;
  #fetch;

  /** @param {URL} base  ends in a slash @param {typeof globalThis.fetch} fetch */
  constructor(base, fetch) {
    this.#base = base;
    this.#fetch = fetch;
  }

  /**
   * Submit a job: kept once however often it is sent under the same key.
   *
   * @param {Submission} submission
   * @param {string} [key]
   * @returns {Promise<Job>}
   */
  submit(submission, key = newKey()) {
    return this.#insist("POST", "jobs", { body: submission, headers: { "Idempotency-Key": `"${key}"` } });
  }

  /**
   * Bring a file that a job waits for. After a lost connection it goes on where it was, until it is there, refused or
   * aborted.
   *
   * @param {string} jobId
   * @param {string} name
   * @param {File} file
   * @param {Uploading} [uploading]
   */
  async upload(jobId, name, file, { onProgress, onWait, signal } = {}) {
    const url = this.url(`jobs/${jobId}/uploads/${encodeURIComponent(name)}`, { filename: file.name });
    for (let failures = 0; ; failures += 1) {
      try {
        const from = failures === 0 ? 0 : await this.#received(jobId, name);
        if (from !== null) await putFile(url, file, { from, onProgress, signal });
        return;
      } catch (error) {
        if (!(error instanceof JobrunnerError && error.passing)) throw error;
        await file.slice(0, 1).arrayBuffer(); // a file that is gone fails like a connection: this tells them apart
        const ms = backoffMs(failures, { maxMs: 10_000, askedMs: error.retryAfterMs });
        onWait?.(ms);
        await sleep(ms, signal);
      }
    }
  }

  /** @param {string} jobId @returns {Promise<Job>} */
  get(jobId) {
    return this.#insist("GET", `jobs/${jobId}`);
  }

  /** @param {Query} [query] @returns {Promise<JobPage>} */
  list(query) {
    return this.#insist("GET", "jobs", { query });
  }

  /** @param {Query} [query] @returns {Promise<Counts>} */
  counts(query) {
    return this.#insist("GET", "jobs/stats/counts", { query });
  }

  /** @returns {Promise<JobType[]>} */
  async types() {
    return (await this.#insist("GET", "types")).types;
  }

  /** Cancel a job; one that runs is asked to stop. @param {string} jobId @returns {Promise<Job>} */
  cancel(jobId) {
    return this.#insist("DELETE", `jobs/${jobId}`);
  }

  /** Run a failed or cancelled job again. @param {string} jobId @returns {Promise<Job>} */
  retry(jobId) {
    return this.#call("POST", `jobs/${jobId}/retry`);
  }

  /**
   * Watch the jobs that a filter names; none names all. Call `open` on what comes back.
   *
   * @param {Observer} observer
   * @param {Query} [filter]
   */
  watch(observer, filter) {
    return new Feed(this.url("events", filter), observer, this.#fetch);
  }

  /** Be the address of something below the API. @param {string} path @param {Query} [query] */
  url(path, query = {}) {
    const url = new URL(`api/v1/${path}`, this.#base);
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) url.searchParams.append(name, String(one));
    return url;
  }

  /**
   * Be the address of an artifact, to be saved or, `inline`, to be looked at.
   *
   * @param {string} downloadUrl
   * @param {{ inline?: boolean }} [how]
   */
  fileUrl(downloadUrl, { inline = false } = {}) {
    const url = new URL(downloadUrl, this.#base);
    if (inline) url.searchParams.set("inline", "1");
    return url.href;
  }

  /** Bytes of a file that the server has; null when it has all. @param {string} jobId @param {string} name */
  async #received(jobId, name) {
    const job = await this.get(jobId);
    if (isFinished(job)) throw new JobrunnerError(409, job.error_data?.message ?? `The job is ${job.status}.`);
    const upload = job.uploads.find((one) => one.name === name);
    return upload?.size != null ? null : (upload?.received ?? 0);
  }

  /**
   * Call, and call again when it may help: only for what may safely be sent twice.
   *
   * @param {string} method
   * @param {string} path
   * @param {Call} [call]
   * @returns {Promise<any>}
   */
  async #insist(method, path, call) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#call(method, path, call);
      } catch (error) {
        if (!(error instanceof JobrunnerError && error.passing) || failures + 1 >= TRIES) throw error;
        await sleep(backoffMs(failures, { firstMs: 500, askedMs: error.retryAfterMs }));
      }
    }
  }

  /** @param {string} method @param {string} path @param {Call} [call] @returns {Promise<any>} */
  async #call(method, path, { query, body, headers } = {}) {
    const response = await this.#fetch(this.url(path, query), {
      method,
      headers: {
        Accept: "application/json, application/problem+json",
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch(() => Promise.reject(unreachable()));
    return (await accepted(response)).json();
  }
}
