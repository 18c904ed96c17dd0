/** What the gallery shows beside its links: whether the types of a page are there, and if not, what to do about it. */

import { defaultClient } from "../assets/components.js";
import { icon } from "../assets/icons.js";

const client = defaultClient();
const cards = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-types]")]);

/** Ask again whenever the server is there again: it may be another one. */
async function look() {
  const types = new Map((await client.types()).map((type) => [type.type, type]));
  for (const card of cards) {
    const names = (card.dataset.types ?? "").split(" ");
    show(
      card,
      names.map((name) => types.get(name)),
    );
  }
}

/** @param {any} error */
function fail({ status, message }) {
  const words = status === 401 ? "Sign in on the dashboard first" : message;
  for (const card of cards) say(stateOf(card), "queued", words);
}

/** @param {HTMLElement} card */
function stateOf(card) {
  return /** @type {HTMLElement} */ (card.querySelector(".state"));
}

/** @param {HTMLElement} card @param {(import("../browser/wire.js").JobType | undefined)[]} types */
function show(card, types) {
  const state = stateOf(card);
  const missing = types.find((type) => !type?.available);
  if (types.every((type) => type?.available)) return say(state, "completed", "Ready");
  if (!missing) return say(state, "cancelled", "Not served", `[workers] imports = ["jobrunner.examples.${card.id}"]`);
  const [, why, command] = /^(.*?): (.*)$/s.exec(missing.unavailable_reason ?? "") ?? [];
  say(state, "queued", why ?? "Not available", command);
}

/** @param {HTMLElement} state @param {string} status @param {string} word @param {string} [command] */
function say(state, status, word, command) {
  const badge = Object.assign(document.createElement("span"), { className: "badge" });
  badge.dataset.status = status;
  badge.append(icon(status), word);
  const code = Object.assign(document.createElement("code"), { textContent: command ?? "" });
  state.replaceChildren(badge, ...(command ? [code] : []));
}

client.connection.addEventListener("change", () => client.connection.state === "live" && look().catch(fail));
look().catch(fail);
