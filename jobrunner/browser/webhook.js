/**
 * What the server sends to an application, checked there: for back ends in JavaScript (Standard Webhooks 1.0). Asks
 * nobody.
 */

const TOLERANCE_S = 300;

/**
 * Give back what was sent if it is the server's, whole and not older than 5 minutes; else throw. A repeat has the same
 * `webhook-id`.
 *
 * @param {string | Uint8Array} body  as it came, not parsed
 * @param {Headers | { [name: string]: any }} headers
 * @param {string} secret  as configured: `whsec_` and base64, or any text
 * @param {{ now?: number }} [at] @returns {Promise<any>}
 */
export async function verifyWebhook(body, headers, secret, { now = Date.now() } = {}) {
  const given = new Map(entriesOf(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const [id, at, signatures] = ["id", "timestamp", "signature"].map((name) => given.get(`webhook-${name}`) ?? "");
  if (!(Math.abs(now / 1_000 - Number(at || NaN)) <= TOLERANCE_S)) throw new Error("The webhook is not of now.");
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", keyOf(secret), hmac, false, ["verify"]);
  const told = new TextEncoder().encode(`${id}.${at}.${text}`);
  for (const [version, signature] of signatures.split(" ").map((one) => one.split(",")))
    if (version === "v1" && (await crypto.subtle.verify("HMAC", key, bytes(signature), told))) return JSON.parse(text);
  throw new Error("The webhook is not signed by this secret.");
}

/** @param {Headers | { [name: string]: any }} headers @returns {[string, any][]} */
function entriesOf(headers) {
  return headers instanceof Headers ? [...headers] : Object.entries(headers);
}

/** @param {string} secret */
function keyOf(secret) {
  return secret.startsWith("whsec_") ? bytes(secret.slice(6)) : new TextEncoder().encode(secret);
}

/** @param {string} [base64] */
function bytes(base64 = "") {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
