/**
 * <jobs-connection>: how the page stands to the server, in words, and a button to pause what moves by itself (WCAG
 * 2.2.2). Keeps no connection: it shows that of the client.
 *
 * @import { Client } from "./jobrunner.js"
 */

import { onTick } from "./clock.js";
import { element, setAttribute, setText } from "./element.js";
import { icon, reshape } from "./icons.js";
import { define, JobsElement, reflect } from "./jobs-element.js";
import { say } from "./messages.js";
import { isStale } from "./stale.js";
import { sheet } from "./style.js";
import { clock, duration } from "./words.js";

export { isStale };

const LOST = ["stalled", "reconnecting", "offline"];
const MOMENT_MS = 3_000;

/** @typedef {Client["connection"]} Connection */

/** @param {Connection} connection @param {number} [now] */
export function connectionWords(connection, now = Date.now()) {
  const { heardAt, state, problem } = connection;
  if (state === "stopped" && problem === null) return say("idle");
  const words = isStale(connection, now) && state !== "stopped" ? say("not_live") : stateWords(connection, now);
  if (heardAt === null || state === "live" || state === "polling") return words;
  const dated = say("as_of", { words, time: clock(heardAt) });
  return state === "stopped" && problem ? `${dated}: ${problem.message}` : dated;
}

/** @param {Connection} connection @param {number} now */
function stateWords({ state, heardAt, retryAt, pollMs }, now) {
  if (state === "live") return heardAt === null ? say("live_plain") : say("live", { time: clock(heardAt) });
  if (state === "polling") return say("polling", { duration: duration(Math.round((pollMs ?? 2_000) / 1_000)) });
  if (state === "reconnecting" && retryAt !== null && retryAt > now)
    return say("reconnecting_in", { duration: duration(Math.ceil((retryAt - now) / 1_000)) });
  return say(state);
}

export class JobsConnection extends JobsElement {
  static observedAttributes = ["pause"];
  static sheets = [
    sheet(`
.base { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; }
.words { display: flex; align-items: center; gap: 6px; font-size: 13px; line-height: 18px; font-weight: 600; color: var(--muted); }
.words::before { content: ""; flex: none; inline-size: 8px; block-size: 8px; border-radius: 50%; border: 2px solid currentColor; }
[data-state="live"] .words { color: var(--status-text); }
[data-state="live"] .words::before { background: currentColor; }
[data-state="polling"] .words::before { background: linear-gradient(currentColor 50%, #0000 50%); }
:is([data-state="stalled"], [data-state="reconnecting"], [data-state="stopped"], [data-state="offline"]) .words { color: var(--status-text); }
:is([data-state="stalled"], [data-state="stopped"], [data-state="offline"]) .words::before { border-radius: 1px; }
button { display: inline-flex; align-items: center; gap: 6px; }
@media (forced-colors: active) { .words::before { forced-color-adjust: none; border-color: CanvasText; color: CanvasText; } }
`),
  ];

  #words = element("span", { class: "words", part: "words" });
  #icon = icon("pause");
  #label = element("span");
  #button = element("button", { type: "button", part: "button" }, this.#icon, this.#label);
  #now = element("button", { type: "button", part: "button", hidden: true });
  #base = element("div", { class: "base", part: "base" }, this.#words, this.#now, this.#button);
  #told = "";

  constructor() {
    super();
    this.root.append(this.#base);
    this.#button.addEventListener("click", () => {
      if (this.state === "paused") this.client.resume();
      else this.client.pause();
    });
    this.#now.addEventListener("click", () => this.client.resume());
  }

  get state() {
    return this.client.connection.state;
  }

  start() {
    this.keep(onTick(() => this.redraw()));
    this.listen(this.client.connection, "change", () => this.redraw());
  }

  draw() {
    const { connection } = this.client;
    const isIdle = connection.state === "stopped" && connection.problem === null;
    const shown =
      isStale(connection) && connection.state !== "stopped" ? "stalled" : isIdle ? "idle" : connection.state;
    const paused = connection.state === "paused";
    setText(this.#words, connectionWords(connection));
    setAttribute(this.#base, "data-state", shown);
    setAttribute(this.#base, "data-status", COLOURS[shown] ?? null);
    setText(this.#label, say(paused ? "resume" : "pause"));
    reshape(this.#icon, paused ? "play" : "pause");
    this.#button.hidden = this.getAttribute("pause") === "none" || connection.state === "stopped";
    this.#offer(isLost(connection));
    if (connection.state === this.#told) return;
    this.#told = connection.state;
    this.tell("connection-changed", { state: connection.state });
  }

  /** Who cannot wait for the next try need not. @param {boolean} offered */
  #offer(offered) {
    if (!offered && this.root.activeElement === this.#now) this.#button.focus();
    setText(this.#now, say("try_now"));
    this.#now.hidden = !offered;
  }
}

/** Say whether the server has been away for longer than a moment. @param {Connection} connection */
function isLost({ state, heardAt }) {
  return LOST.includes(state) && (heardAt === null || Date.now() - heardAt.getTime() > MOMENT_MS);
}

/** @type {{ [state: string]: string }} */
const COLOURS = {
  live: "completed",
  polling: "processing",
  stalled: "queued",
  reconnecting: "queued",
  offline: "queued",
  stopped: "failed",
};

reflect(JobsConnection, ["pause"]);
define("jobs-connection", JobsConnection);
