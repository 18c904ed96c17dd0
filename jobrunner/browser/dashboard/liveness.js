/**
 * Whether what the page shows is live: marks the document, so that nothing moves or promises what is not known any more.
 *
 * @import { Client } from "../jobrunner.js"
 */

import { onTick } from "../clock.js";
import { isStale } from "../jobs-connection.js";

const MOVING = ["connecting", "live", "polling", "reconnecting"];

export class Liveness {
  #client;
  #heard;
  #was = ""; // the last state

  /** @param {Client} client @param {{ began: () => void, refused: () => void }} heard  began: live, after it was not */
  constructor(client, heard) {
    this.#client = client;
    this.#heard = heard;
    client.connection.addEventListener("change", () => this.#look());
    onTick(() => this.#mark());
    this.#look();
  }

  #look() {
    const { state, problem } = this.#client.connection;
    const live = state === "live" || state === "polling";
    if (live && this.#was !== "live") this.#heard.began();
    if (live) this.#was = "live";
    else if (state !== "connecting") this.#was = state;
    if (/** @type {{ status?: number } | null} */ (problem)?.status === 401) this.#heard.refused();
    this.#mark();
  }

  #mark() {
    const { connection } = this.#client;
    const live = MOVING.includes(connection.state) && !isStale(connection);
    document.documentElement.dataset.live = live ? "yes" : "no";
  }
}
