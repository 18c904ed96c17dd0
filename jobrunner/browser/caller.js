/**
 * Who calls: signs every request by a token, or leaves it to the cookie. A token goes into one header and nowhere else:
 * no URL, no message, no storage, no console.
 *
 * @import { Call, Query } from "./wire.js"
 * @typedef {string | (() => string | Promise<string>)} TokenSource
 * @typedef {{ [name: string]: string }} Headers
 */

import { accepted, JobrunnerError, unreachable } from "./problem.js";

const RENEWED_AT = 0.8; // of its life

export class Caller {
  #fetch;
  #ask;
  #atHome;
  // Mutable: the token, when to renew it, when it ends, the renewal under way.
  #token = "";
  #renewAt = 0;
  #endsAt = 0;
  #renewal = /** @type {Promise<string> | null} */ (null);
  /** Whose rights these are, to tell them from those of others; null: nobody knows. @type {string | null} */
  subject = null;

  /** @param {URL} base @param {typeof globalThis.fetch} fetch @param {TokenSource} [source] */
  constructor(base, fetch, source) {
    this.#fetch = fetch;
    this.base = base;
    this.#atHome = globalThis.origin === base.origin;
    this.#ask = typeof source === "function" ? source : null;
    this.hasToken = source != null;
    this.renews = this.#ask !== null;
    if (typeof source === "string") this.#use(source);
  }

  /** Be the address of something below the API. @param {string} path @param {Query} [query] */
  url(path, query = {}) {
    const url = new URL(`api/v1/${path}`, this.base);
    for (const [name, value] of Object.entries(query))
      for (const one of [value ?? []].flat()) url.searchParams.append(name, String(one));
    return url;
  }

  /** Call once. @param {string} method @param {string} path @param {Call} [call] @returns {Promise<any>} */
  async call(method, path, { query, body, headers, signal } = {}) {
    const json = body !== undefined && { "Content-Type": "application/json" };
    const response = await this.fetch(this.url(path, query), {
      method,
      headers: { Accept: "application/json, application/problem+json", ...json, ...headers },
      body: JSON.stringify(body),
      signal,
    });
    await accepted(response);
    return response.status === 204 ? undefined : response.json();
  }

  /** Find out the subject. @param {AbortSignal} signal */
  async identify(signal) {
    if (this.hasToken) return this.subject;
    const { kind, name, job_ids } = await this.call("GET", "session", { signal });
    return (this.subject = JSON.stringify([kind, name, job_ids]));
  }

  /** @param {URL} url @param {RequestInit & { headers: Headers }} init */
  fetch(url, init) {
    const credentials = this.hasToken ? "omit" : "same-origin";
    return this.send(init.method ?? "GET", (signed) =>
      this.#fetch(url, { ...init, credentials, headers: { ...init.headers, ...signed } }).catch(() => {
        init.signal?.throwIfAborted();
        throw unreachable();
      }),
    );
  }

  /** @param {string} method @param {(signed: Headers) => Promise<Response>} send  is called again with a new token */
  async send(method, send) {
    const token = await this.#current();
    const response = await send(this.#sign(method, token));
    if (response.status !== 401 || !this.#ask) return response;
    return send(this.#sign(method, this.#token === token ? await this.#renew() : this.#token));
  }

  /** @param {string} method @param {string} token @returns {Headers} */
  #sign(method, token) {
    if (this.hasToken) return { Authorization: `Bearer ${token}` };
    return this.#atHome && method !== "GET" ? { "X-Requested-With": "jobrunner" } : {};
  }

  /** If no new one comes, the old one serves to its end. */
  async #current() {
    if (!this.#ask || Date.now() < this.#renewAt) return this.#token;
    return this.#renew().catch((error) => {
      if (Date.now() < this.#endsAt) return this.#token;
      throw error;
    });
  }

  /** All who want a token at a time get the same. */
  #renew() {
    this.#renewal ??= this.#take().finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  async #take() {
    try {
      this.#use(await this.#ask?.());
    } catch (cause) {
      if (cause instanceof JobrunnerError) throw cause;
      throw new JobrunnerError(0, "No token could be had.", { code: "no-token", cause });
    }
    return this.#token;
  }

  /** Refuse it here if no header can carry it: the browser's own error would quote it. @param {unknown} token */
  #use(token) {
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token))
      throw new JobrunnerError(401, "The token cannot be sent in a header.", { code: "bad-token" });
    const { sub, job_ids, exp } = claimsOf(token);
    const now = Date.now();
    const life = exp * 1_000 - now;
    this.#token = token;
    this.#renewAt = life > 0 ? now + RENEWED_AT * life : Infinity; // an unknown or past end: until it is refused
    this.#endsAt = now + life;
    this.subject = exp ? JSON.stringify([sub, job_ids]) : null;
  }
}

/** @param {string} token  a JWT, perhaps */
function claimsOf(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return {};
  }
}
