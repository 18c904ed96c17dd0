/**
 * Who calls: signs every request by a token, or leaves it to the cookie. A token goes into one header and nowhere else:
 * no URL, no message, no storage, no console.
 *
 * @import { Call, Query } from "./wire.js"
 * @typedef {string | (() => string | Promise<string>)} TokenSource
 * @typedef {{ [name: string]: string }} Headers
 */
import type { Call, Query } from "./wire.js";
export type TokenSource = string | (() => string | Promise<string>);
export type Headers = {
    [name: string]: string;
};
export declare class Caller {
    #private;
    base: URL;
    hasToken: boolean;
    renews: boolean;
    /** Whose rights these are, to tell them from those of others; null: nobody knows. @type {string | null} */
    subject: string | null;
    /** @param {URL} base @param {typeof globalThis.fetch} fetch @param {TokenSource} [source] */
    constructor(base: URL, fetch: typeof globalThis.fetch, source?: TokenSource);
    /** Be the address of something below the API. @param {string} path @param {Query} [query] */
    url(path: string, query?: Query): URL;
    /** Call once. @param {string} method @param {string} path @param {Call} [call] @returns {Promise<any>} */
    call(method: string, path: string, { query, body, headers, signal }?: Call): Promise<any>;
    /** Find out the subject. @param {AbortSignal} signal */
    identify(signal: AbortSignal): Promise<string | null>;
    /** @param {URL} url @param {RequestInit & { headers: Headers }} init */
    fetch(url: URL, init: RequestInit & {
        headers: Headers;
    }): Promise<Response>;
    /** @param {string} method @param {(signed: Headers) => Promise<Response>} send  is called again with a new token */
    send(method: string, send: (signed: Headers) => Promise<Response>): Promise<Response>;
}
