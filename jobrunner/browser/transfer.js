/**
 * One file, or the rest of one, on its way to the server: by XMLHttpRequest, because fetch tells nothing of progress.
 * Never tries again by itself: that is the client's.
 */

import { unreachable } from "./problem.js";

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
export function putFile(url, file, { from, signed, onProgress, signal }) {
  /** @type {{ [name: string]: string }} */
  const headers = { ...signed, "Content-Type": file.type || "application/octet-stream" };
  if (from > 0) headers["Content-Range"] = `bytes ${from}-${file.size - 1}/${file.size}`;
  if (globalThis.XMLHttpRequest === undefined) return fetchFile(url, { headers, body: file.slice(from), signal });
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress?.(from + event.loaded);
    request.onload = () => resolve(asResponse(request));
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal?.reason);
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file.slice(from));
  });
}

/** Send it where there is no page. @param {URL} url @param {RequestInit} init */
async function fetchFile(url, init) {
  try {
    return await fetch(url, { ...init, method: "PUT" });
  } catch {
    init.signal?.throwIfAborted();
    throw unreachable();
  }
}

/** @param {XMLHttpRequest} request */
function asResponse(request) {
  const retryAfter = request.getResponseHeader("Retry-After");
  const headers = retryAfter === null ? undefined : { "Retry-After": retryAfter };
  return new Response(request.responseText || null, { status: request.status, headers });
}
