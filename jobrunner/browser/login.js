/** The way in for operators: one key in, a cookie out, and on to the page that was wanted. Keeps no key. */

import { byId, setAttribute } from "./element.js";
import { createClient } from "./jobrunner.js";
import { signIn } from "./session.js";

const HOME = new URL("../", import.meta.url);

const client = createClient();
const key = /** @type {HTMLInputElement} */ (byId("key"));
const button = byId("submit");
let busy = false;

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!busy) void enter(key.value.trim());
});
key.addEventListener("input", () => complain(""));
window.addEventListener("pageshow", () => setBusy(false)); // back to a page that was left while it was busy
key.focus();

/** @param {string} text */
async function enter(text) {
  if (text === "") return refuse("Enter the API key.");
  complain("");
  setBusy(true);
  try {
    await signIn(client, text);
    key.value = "";
    location.replace(destination(new URL(location.href).searchParams.get("next")));
  } catch (error) {
    setBusy(false);
    refuse(/** @type {Error} */ (error).message);
  }
}

/** Be a page of this server; whatever else was asked for, its first page. @param {string | null} next @returns {URL} */
function destination(next) {
  if (!next?.startsWith("/") || !URL.canParse(next, HOME)) return HOME;
  const wanted = new URL(next, HOME);
  return wanted.origin === HOME.origin && wanted.pathname.startsWith(HOME.pathname) ? wanted : HOME;
}

/** @param {string} words */
function refuse(words) {
  complain(words);
  key.focus();
  key.select();
}

/** @param {string} words */
function complain(words) {
  byId("fault").textContent = words;
  setAttribute(key, "aria-invalid", words === "" ? null : "true");
}

/** The button stays where the focus is: it is marked, not disabled. @param {boolean} now */
function setBusy(now) {
  busy = now;
  button.textContent = now ? "Signing in…" : "Sign in";
  button.setAttribute("aria-disabled", String(now));
}
