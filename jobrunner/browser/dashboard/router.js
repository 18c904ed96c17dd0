/**
 * Real addresses, one document: links to our own pages are followed in place, with the browser's own history. Pages are
 * made once and kept, so that coming back finds what was left.
 *
 * @typedef {{ id: string, params: URLSearchParams }} Place  what an address names beside its page
 *
 * @typedef {object} Page
 * @property {HTMLElement} element  holds the one h1
 * @property {string} title
 * @property {(place: Place) => void} enter  is called again when the address changes within the page
 * @property {() => void} [leave]
 */

import { ROOT } from "./places.js";

export class Router {
  #main;
  #routes;
  #moved;
  // Mutable: the page shown, and how far each page was scrolled when it was left.
  #page = /** @type {Page | null} */ (null);
  #scrolled = /** @type {Map<string, number>} */ (new Map());

  /**
   * @param {HTMLElement} main  shows one page at a time
   * @param {{ [name: string]: Page }} routes  by the first part of the address; `jobs/` has an id
   * @param {(page: Page, name: string) => void} moved
   */
  constructor(main, routes, moved) {
    this.#main = main;
    this.#routes = routes;
    this.#moved = moved;
    history.scrollRestoration = "manual";
    document.addEventListener("click", (event) => this.#follow(event));
    window.addEventListener("popstate", () => this.#show(true));
    this.#show(false);
  }

  /** @param {string} address @param {{ replace?: boolean }} [how] */
  go(address, { replace = false } = {}) {
    const url = new URL(address, ROOT);
    this.#note();
    history[replace ? "replaceState" : "pushState"](null, "", url);
    this.#show(false);
  }

  /** @param {MouseEvent} event */
  #follow(event) {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== ROOT.origin || url.hash || this.#read(url) === null) return;
    event.preventDefault();
    this.go(url.href);
  }

  #note() {
    this.#scrolled.set(location.href, scrollY);
  }

  /** @param {boolean} back */
  #show(back) {
    const found = this.#read(new URL(location.href)) ?? { name: "", id: "" };
    const page = this.#routes[found.name];
    const changed = page !== this.#page;
    const before = this.#page;
    if (changed) {
      before?.leave?.();
      this.#page = page;
      this.#main.replaceChildren(page.element);
    }
    page.enter({ id: found.id, params: new URLSearchParams(location.search) });
    this.#moved(page, found.name);
    if (!changed) return;
    window.scrollTo(0, (back && this.#scrolled.get(location.href)) || 0);
    if (before !== null) page.element.querySelector("h1")?.focus({ preventScroll: true });
  }

  /** Read which page an address names; null for one that is none of ours. @param {URL} url */
  #read(url) {
    if (!url.pathname.startsWith(ROOT.pathname)) return null;
    const [first, id = "", ...rest] = url.pathname.slice(ROOT.pathname.length).replace(/\/$/, "").split("/");
    const name = first === "jobs" && id !== "" ? "job" : first;
    const known = name in this.#routes && rest.length === 0 && (id === "" || name === "job");
    return known ? { name, id } : null;
  }
}
