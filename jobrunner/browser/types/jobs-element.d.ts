/**
 * What all components share: a shadow root, a client, a redraw at most once a frame, and an end to all that was begun
 * when the element leaves the page. Knows no job.
 *
 * @import { Client } from "./jobrunner.js"
 */
import type { Client } from "./jobrunner.js";
import { define, Element } from "./jobs-client.js";
export { define };
export declare class JobsElement extends Element {
    #private;
    /** @type {(() => CSSStyleSheet)[]} */
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    get root(): ShadowRoot;
    /** @returns {Client} */
    get client(): Client;
    /** Use this client and no other; null: that of the page. @param {Client | null} client */
    set client(client: Client | null);
    connectedCallback(): void;
    /** One that is only moved goes on. */
    disconnectedCallback(): void;
    /** @param {string} _name @param {string | null} before @param {string | null} after */
    attributeChangedCallback(_name: string, before: string | null, after: string | null): void;
    /** Begin anew, with another client or other attributes. */
    restart(): void;
    /** Begin to watch; what has to end goes to `keep`. */
    start(): void;
    /** Patch what is shown. */
    draw(): void;
    /** Call when the element leaves the page or begins anew. @param {...(() => void)} stops */
    keep(...stops: (() => void)[]): void;
    /** Listen as long as the element is on the page. @param {EventTarget} target @param {string} type @param {(event: any) => void} listener */
    listen(target: EventTarget, type: string, listener: (event: any) => void): void;
    /** Draw with the next frame. */
    redraw(): void;
    /** @param {string} type @param {object} detail @param {boolean} [cancelable] @returns {boolean} whether nobody has prevented it */
    tell(type: string, detail: object, cancelable?: boolean): boolean;
}
/**
 * Give a class a property for each of its attributes: text, null where there is none.
 *
 * @param {typeof JobsElement} kind
 * @param {string[]} attributes
 */
export declare function reflect(kind: typeof JobsElement, attributes: string[]): void;
