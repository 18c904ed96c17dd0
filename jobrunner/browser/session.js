/**
 * Signing in and out of the server's own pages, and who else is. The API key is sent once and kept nowhere; the cookie
 * that comes back is out of reach of scripts.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Session, SignIn } from "./wire.js"
 */

/** @param {Client} client @param {string} key  an operator's @returns {Promise<Session>} */
export function signIn(client, key) {
  return client.call("POST", "session", { body: { key } });
}

/** @param {Client} client @returns {Promise<void>} */
export function signOut(client) {
  return client.call("DELETE", "session");
}

/** List all who are signed in: for operators. @param {Client} client @returns {Promise<SignIn[]>} */
export async function signIns(client) {
  return (await client.call("GET", "sessions")).sessions;
}

/** Sign somebody out. @param {Client} client @param {string} id @returns {Promise<void>} */
export function revoke(client, id) {
  return client.call("DELETE", `sessions/${id}`);
}
