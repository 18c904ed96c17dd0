/**
 * Bytes of an event stream to events, as WHATWG's "Server-sent events" says. Knows no connection and no job.
 *
 * @typedef {{ type: string, data: string, id: string | null }} StreamEvent  `id` is null where the event brought none
 */
export type StreamEvent = {
    type: string;
    data: string;
    id: string | null;
};
export declare class EventParser {
    #private;
    /** Milliseconds the server wants between two connections. @type {number | null} */
    retryMs: number | null;
    /** Take the next bytes and give the events they finish. @param {Uint8Array} bytes @returns {StreamEvent[]} */
    push(bytes: Uint8Array): StreamEvent[];
}
