/**
 * What the server sends to an application, checked there: for back ends in JavaScript (Standard Webhooks 1.0). Asks
 * nobody.
 */
/**
 * Give back what was sent if it is the server's, whole and not older than 5 minutes; else throw. A repeat has the same
 * `webhook-id`.
 *
 * @param {string | Uint8Array} body  as it came, not parsed
 * @param {Headers | { [name: string]: any }} headers
 * @param {string} secret  as configured: `whsec_` and base64, or any text
 * @param {{ now?: number }} [at] @returns {Promise<any>}
 */
export declare function verifyWebhook(body: string | Uint8Array, headers: Headers | {
    [name: string]: any;
}, secret: string, { now }?: {
    now?: number;
}): Promise<any>;
