/**
 * <jobs-client base-url token>: which server, and who asks, for all components inside it. Where there is none, all share
 * one client of the server that these modules came from. Shows nothing.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { TokenSource } from "./caller.js"
 */
import type { Client } from "./jobrunner.js";
import type { TokenSource } from "./caller.js";
/** Stands for HTMLElement where there is no page: the modules can be loaded everywhere. */
export declare const Element: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
/** Be the client of all components that have no other. */
export declare function defaultClient(): Client;
/** Make an element known to the page, once. @param {string} name @param {CustomElementConstructor} kind */
export declare function define(name: string, kind: CustomElementConstructor): void;
export declare class JobsClient extends Element {
    #private;
    static observedAttributes: string[];
    connectedCallback(): void;
    /** @param {string} _name @param {string | null} before @param {string | null} after */
    attributeChangedCallback(_name: string, before: string | null, after: string | null): void;
    /** @returns {Client} */
    get client(): Client;
    /** Components inside begin anew; null: of the attributes. @param {Client | null} client */
    set client(client: Client | null);
    get token(): TokenSource | undefined;
    /** A token, or a function that is asked for one. */
    set token(token: TokenSource | undefined);
}
/** Hand on what was set before the element was known. @param {HTMLElement} node */
export declare function adopt(node: HTMLElement): void;
/** Find the nearest <jobs-client> around a node, through shadow roots. @param {Element} node */
export declare function providerOf(node: Element): JobsClient | null;
