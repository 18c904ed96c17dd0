/**
 * <job-actions job-id>: the buttons that ask for cancel and retry. Decides neither: the server says what can be done, a
 * page may prevent it by `job-action`.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */
import type { Client } from "./jobrunner.js";
import type { Job } from "./wire.js";
import { JobElement } from "./job-element.js";
export type Asker = {
    client: Client;
    tell: (type: string, detail: object, cancelable?: boolean) => boolean;
    take: (job: Job) => void;
};
/**
 * @typedef {object} Asker  the element that shows the buttons
 * @property {Client} client
 * @property {(type: string, detail: object, cancelable?: boolean) => boolean} tell
 * @property {(job: Job) => void} take
 */
/**
 * Ask for an action, of a job or of one part, unless the page prevents it; what stands against it is shown and spoken.
 *
 * @param {Asker} asker
 * @param {{ job: Job, action: "cancel" | "retry", part?: string }} wish
 * @param {HTMLElement} fault
 */
export declare function ask(asker: Asker, wish: {
    job: Job;
    action: "cancel" | "retry";
    part?: string;
}, fault: HTMLElement): Promise<void>;
export declare class Actions {
    #private;
    element: HTMLSpanElement;
    fault: HTMLParagraphElement;
    heir: () => HTMLElement | null;
    /** @param {Asker} asker */
    constructor(asker: Asker);
    /** @param {Job | null} job @param {boolean} [offered] */
    show(job: Job | null, offered?: boolean): void;
}
export declare const actionsSheet: () => CSSStyleSheet;
export declare class JobActions extends JobElement {
    #private;
    static sheets: (() => CSSStyleSheet)[];
    constructor();
    draw(): void;
}
