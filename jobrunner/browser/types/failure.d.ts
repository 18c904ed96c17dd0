/**
 * Why a job failed: category, message, time, and whether the same again may help.
 *
 * @import { ErrorData } from "./wire.js"
 */
import type { ErrorData } from "./wire.js";
export declare const failureSheet: () => CSSStyleSheet;
export declare class Failure {
    #private;
    element: HTMLDivElement;
    constructor();
    /** @param {ErrorData | null} error */
    show(error: ErrorData | null): void;
}
