/**
 * Bytes of an event stream to events, as WHATWG's "Server-sent events" says. Knows no connection and no job.
 *
 * @typedef {{ type: string, data: string, id: string | null }} StreamEvent  `id` is null where the event brought none
 */

export class EventParser {
  /** Milliseconds the server wants between two connections. @type {number | null} */
  retryMs = null;

  #decoder = new TextDecoder(); // drops a leading BOM, holds back half a character
  #rest = "";
  #afterReturn = false; // the last text ended in CR: an LF that follows belongs to that line end
  /** @type {string[]} */
  #data = [];
  #type = "";
  #id = /** @type {string | null} */ (null);

  /** Take the next bytes and give the events they finish. @param {Uint8Array} bytes @returns {StreamEvent[]} */
  push(bytes) {
    const events = [];
    for (const line of this.#lines(this.#decoder.decode(bytes, { stream: true }))) {
      if (line !== "") this.#field(line);
      else events.push(...this.#dispatch());
    }
    return events;
  }

  /** @param {string} text */
  #lines(text) {
    if (text === "") return [];
    const fresh = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    const lines = (this.#rest + fresh).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    return lines;
  }

  /** @param {string} line */
  #field(line) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch() {
    const event = { type: this.#type || "message", data: this.#data.join("\n"), id: this.#id };
    const says = this.#data.length > 0 || this.#id !== null; // an id alone moves the place
    this.#data = [];
    this.#type = "";
    this.#id = null;
    return says ? [event] : [];
  }
}
