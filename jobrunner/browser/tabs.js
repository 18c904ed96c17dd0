/**
 * Makes one stream serve all tabs of an origin that ask the same server as the same subject: one tab leads (a Web
 * Lock), hears for all (a BroadcastChannel), and the others follow until it closes, hides, crashes or falls silent.
 * Tabs of another subject hear nothing. Loaded where there are locks.
 *
 * @import { Caller } from "./caller.js"
 * @import { Feed } from "./feed.js"
 * @import { Standing } from "./link.js"
 * @import { Job, Place } from "./wire.js"
 *
 * @typedef {{ jobs?: Job[], live?: boolean, cursor?: string, standing?: Standing, reset?: boolean,
 *   place?: Place }} News
 * @typedef {{ names: string[], after: string | undefined, version: number, at: number }} Want
 */

const SILENCE_MS = 45_000; // longer than the leader takes to find the server silent
const AGAIN_MS = 30_000;
const GONE_MS = 100_000; // of a tab that crashed

/**
 * Sit down with the other tabs; null where they cannot be told apart.
 *
 * @param {Caller} caller @param {Feed} feed @param {AbortSignal} signal
 */
export async function join(caller, feed, signal) {
  const subject = await caller.identify(signal);
  if (subject === null) return null;
  const tabs = new Tabs(caller, subject, feed);
  await tabs.sit();
  return tabs;
}

export class Tabs {
  #caller;
  #subject;
  #feed;
  #name;
  #channel;
  #id = Math.random().toString(36);
  // Mutable: whether we lead, and let go of it; what we want, since when nothing was heard; what others want, and what
  // of it the stream brings.
  leads = false;
  #seated = false;
  #release = () => {};
  #gone = new AbortController();
  #want = { names: /** @type {string[]} */ ([]), after: /** @type {string | undefined} */ (undefined), version: 0 };
  #silence = 0;
  #wants = /** @type {Map<string, Want>} */ (new Map());
  #served = /** @type {{ [tab: string]: number }} */ ({});

  /** @param {Caller} caller @param {string} subject @param {Feed} feed */
  constructor(caller, subject, feed) {
    this.#caller = caller;
    this.#subject = subject;
    this.#feed = feed;
    this.#name = `jobrunner ${caller.base.href} ${subject}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** Take the lead if nobody has it, else wait for it. */
  async sit() {
    await new Promise((decided) => this.#request({ ifAvailable: true }, decided));
    this.#seated = true;
  }

  /** Stand up: the next one leads, or nobody serves us. */
  leave() {
    this.#gone.abort();
    this.#release();
    this.#post({ tab: this.#id });
    this.#channel.close();
  }

  /** What the other tabs want. */
  get others() {
    for (const [tab, { at }] of this.#wants) if (at < Date.now() - GONE_MS) this.#wants.delete(tab);
    return [...this.#wants.values()];
  }

  /** Where to begin for those whom we do not serve yet. */
  get places() {
    const fresh = [...this.#wants].filter(([tab, { version }]) => this.leads && this.#served[tab] !== version);
    return fresh.map(([, { after }]) => after);
  }

  /** The stream brings from now on what all want. */
  serve() {
    this.#served = Object.fromEntries([...this.#wants].map(([tab, { version }]) => [tab, version]));
  }

  /** Tell the others. @param {News} news */
  tell(news) {
    if (!this.leads || this.#wants.size === 0) return;
    if (this.#caller.subject === this.#subject) this.#post({ ...news, served: this.#served });
    else this.#feed.unseat();
  }

  /**
   * Say what we want, and live by what is told, until the signal.
   *
   * @param {string[]} names @param {string | undefined} after @param {AbortSignal} signal
   */
  async follow(names, after, signal) {
    this.#want = { names, after, version: this.#want.version + 1 };
    this.#ask();
    const again = setInterval(() => this.#ask(), AGAIN_MS);
    this.#listen();
    await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener("abort", resolve)));
    clearInterval(again);
    clearTimeout(this.#silence);
  }

  #ask() {
    if (this.#want.version > 0) this.#post({ tab: this.#id, want: this.#want });
  }

  /** Nothing for too long: take the lead from one that hangs. @param {number} [ms] */
  #listen(ms = SILENCE_MS) {
    clearTimeout(this.#silence);
    this.#silence = Number(setTimeout(() => this.#request({ steal: true }), ms));
  }

  /** @param {any} data */
  #hear({ tab, want, hello, served, ...news }) {
    if (this.#gone.signal.aborted) return;
    if (this.#caller.subject !== this.#subject) return this.#feed.unseat();
    if (tab) return this.#note(tab, want);
    if (this.leads) return;
    if (hello) this.#ask();
    const { retryAt } = news.standing ?? {};
    this.#listen(Math.max(SILENCE_MS, retryAt ? retryAt - Date.now() + SILENCE_MS : 0));
    const counts = served?.[this.#id] === this.#want.version;
    if (counts && news.cursor) this.#want.after = news.cursor;
    this.#feed.hear(news, counts);
  }

  /** @param {string} tab @param {Omit<Want, "at"> | undefined} want */
  #note(tab, want) {
    if (want) this.#wants.set(tab, { ...want, at: Date.now() });
    else this.#wants.delete(tab);
    if (this.leads) this.#feed.heed();
  }

  /** @param {LockOptions} options @param {(asked: null) => void} [decided] */
  #request(options, decided) {
    const held = navigator.locks.request(this.#name, options, (lock) => {
      decided?.(null);
      return lock ? this.#lead() : "taken";
    });
    held.then(
      (how) => how === "taken" && this.#request({ signal: this.#gone.signal }),
      () => this.#deposed(), // stolen; or we have left while we waited
    );
  }

  /** Hold the lock until we leave, or it is taken from us. */
  #lead() {
    if (this.#gone.signal.aborted) return;
    this.leads = true;
    this.#wants.clear();
    this.#served = {};
    this.#post({ hello: true });
    if (this.#seated) this.#feed.turn();
    return new Promise((resolve) => (this.#release = () => resolve(undefined)));
  }

  #deposed() {
    if (!this.leads || this.#gone.signal.aborted) return;
    this.leads = false;
    this.#feed.turn();
    this.#request({ signal: this.#gone.signal });
  }

  /** @param {object} message */
  #post(message) {
    this.#channel.postMessage(message);
  }
}
