/**
 * <jobs-client base-url token>: which server, and who asks, for all components inside it. Where there is none, all share
 * one client of the server that these modules came from. Shows nothing.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { TokenSource } from "./caller.js"
 */

import { createClient } from "./jobrunner.js";

/** Stands for HTMLElement where there is no page: the modules can be loaded everywhere. */
export const Element = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}));

let shared = /** @type {Client | null} */ (null);

/** Be the client of all components that have no other. */
export function defaultClient() {
  return (shared ??= createClient());
}

/** Make an element known to the page, once. @param {string} name @param {CustomElementConstructor} kind */
export function define(name, kind) {
  const registry = globalThis.customElements;
  if (registry !== undefined && !registry.get(name)) registry.define(name, kind);
}

export class JobsClient extends Element {
  static observedAttributes = ["base-url", "token"];

  #client = /** @type {Client | null} */ (null); // as given, or as made of the attributes
  #token = /** @type {TokenSource | undefined} */ (undefined);

  connectedCallback() {
    adopt(this);
    this.style.display = "contents";
  }

  /** @param {string} _name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(_name, before, after) {
    if (before !== after) this.#begin(null);
  }

  /** @returns {Client} */
  get client() {
    return (this.#client ??= createClient({
      ...(this.hasAttribute("base-url") && { baseUrl: new URL(this.getAttribute("base-url") ?? "", this.baseURI) }),
      token: this.#token ?? this.getAttribute("token") ?? undefined,
    }));
  }

  /** Components inside begin anew; null: of the attributes. @param {Client | null} client */
  set client(client) {
    this.#begin(client);
  }

  get token() {
    return this.#token;
  }

  /** A token, or a function that is asked for one. */
  set token(token) {
    this.#token = token;
    this.#begin(null);
  }

  /** @param {Client | null} client */
  #begin(client) {
    this.#client = client;
    this.dispatchEvent(new Event("client-changed"));
  }
}

/** Hand on what was set before the element was known. @param {HTMLElement} node */
export function adopt(node) {
  const own = /** @type {{ [name: string]: any }} */ (node);
  for (const name of Object.keys(node).filter((one) => one in Object.getPrototypeOf(node))) {
    const value = own[name];
    delete own[name];
    own[name] = value;
  }
}

/** Find the nearest <jobs-client> around a node, through shadow roots. @param {Element} node */
export function providerOf(node) {
  for (let at = /** @type {Node | null} */ (node); at !== null; at = at.parentNode ?? hostOf(at))
    if (at instanceof JobsClient) return at;
  return null;
}

/** @param {Node} node */
function hostOf(node) {
  return node instanceof ShadowRoot ? node.host : null;
}

define("jobs-client", JobsClient);
