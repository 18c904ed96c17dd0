/**
 * One file, or the rest of one, on its way to the server: by XMLHttpRequest, because fetch tells nothing of progress.
 * Never tries again by itself: that is the client's.
 */
export type Sending = {
    /**
     * bytes that the server has already
     */
    from: number;
    signed: {
        [name: string]: string;
    };
    /**
     * bytes of the whole file that have left
     */
    onProgress?: (sent: number) => void;
    signal?: AbortSignal;
};
/**
 * @typedef {object} Sending
 * @property {number} from  bytes that the server has already
 * @property {{ [name: string]: string }} signed
 * @property {(sent: number) => void} [onProgress]  bytes of the whole file that have left
 * @property {AbortSignal} [signal]
 */
/**
 * Send a file from a given byte on.
 *
 * @param {URL} url
 * @param {File} file
 * @param {Sending} sending
 * @returns {Promise<Response>}
 */
export declare function putFile(url: URL, file: File, { from, signed, onProgress, signal }: Sending): Promise<Response>;
