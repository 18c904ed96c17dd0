/**
 * What all components share: a shadow root, a client, a redraw at most once a frame, and an end to all that was begun
 * when the element leaves the page. Knows no job.
 *
 * @import { Client } from "./jobrunner.js"
 */

import { adopt, define, defaultClient, Element, providerOf } from "./jobs-client.js";
import { onMessages } from "./messages.js";
import { controls, tokens } from "./style.js";

export { define };

export class JobsElement extends Element {
  /** @type {(() => CSSStyleSheet)[]} */
  static sheets = [];

  #client = /** @type {Client | null} */ (null);
  // Mutable: what ends with the element's time on the page, and the frame in which it will be drawn.
  #stops = /** @type {(() => void)[]} */ ([]);
  #started = false;
  #frame = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const { sheets } = /** @type {typeof JobsElement} */ (this.constructor);
    root.adoptedStyleSheets = [tokens, controls, ...sheets].map((made) => made());
  }

  get root() {
    return /** @type {ShadowRoot} */ (this.shadowRoot);
  }

  /** @returns {Client} */
  get client() {
    return this.#client ?? providerOf(this)?.client ?? defaultClient();
  }

  /** Use this client and no other; null: that of the page. @param {Client | null} client */
  set client(client) {
    this.#client = client;
    this.restart();
  }

  connectedCallback() {
    adopt(this);
    if (!this.#started) this.#begin();
  }

  /** One that is only moved goes on. */
  disconnectedCallback() {
    queueMicrotask(() => this.isConnected || this.#end());
  }

  /** @param {string} _name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.restart();
  }

  /** Begin anew, with another client or other attributes. */
  restart() {
    if (!this.#started) return;
    this.#end();
    if (this.isConnected) this.#begin();
  }

  /** Begin to watch; what has to end goes to `keep`. */
  start() {}

  /** Patch what is shown. */
  draw() {}

  /** Call when the element leaves the page or begins anew. @param {...(() => void)} stops */
  keep(...stops) {
    this.#stops.push(...stops);
  }

  /** Listen as long as the element is on the page. @param {EventTarget} target @param {string} type @param {(event: any) => void} listener */
  listen(target, type, listener) {
    target.addEventListener(type, listener);
    this.keep(() => target.removeEventListener(type, listener));
  }

  /** Draw with the next frame. */
  redraw() {
    if (this.#started) this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** @param {string} type @param {object} detail @param {boolean} [cancelable] @returns {boolean} whether nobody has prevented it */
  tell(type, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable }));
  }

  #begin() {
    this.#started = true;
    this.keep(onMessages(() => this.redraw()));
    const provider = this.#client === null ? providerOf(this) : null;
    if (provider) this.listen(provider, "client-changed", () => this.restart());
    this.start();
    this.#draw();
  }

  #end() {
    this.#started = false;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    for (const stop of this.#stops.splice(0)) stop();
  }

  #draw() {
    this.#frame = 0;
    if (this.#started) this.draw();
  }
}

/**
 * Give a class a property for each of its attributes: text, null where there is none.
 *
 * @param {typeof JobsElement} kind
 * @param {string[]} attributes
 */
export function reflect(kind, attributes) {
  for (const attribute of attributes) {
    const name = attribute.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (name in kind.prototype) continue;
    Object.defineProperty(kind.prototype, name, {
      configurable: true,
      get() {
        return this.getAttribute(attribute);
      },
      set(value) {
        if (value == null || value === false) this.removeAttribute(attribute);
        else this.setAttribute(attribute, value === true ? "" : String(value));
      },
    });
  }
}
