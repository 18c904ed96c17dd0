/**
 * The page of the videos: a script is written and submitted, the job that is in the address is shown with its player,
 * and below it the user's others. All that shows a job is jobrunner's own; live or polling is what the client decides.
 *
 * @import { Job } from "../../browser/wire.js"
 */

import { defaultClient } from "../../assets/components.js";

const USER = "studio"; // with [auth] the token says who it is
const FIRST = [
  [
    "Work that takes a while",
    "Some work takes longer than a person wants to wait. It becomes a job: accepted at once, and done in its turn.",
  ],
  [
    "Nothing is lost",
    "A job is written down before it is accepted. When the machine falls over, it goes on after the start.",
  ],
];

const client = defaultClient();
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @param {string} heading @param {string} text */
function addScene(heading = "", text = "") {
  const scene = document.createElement("fieldset");
  const remove = Object.assign(document.createElement("button"), { type: "button", textContent: "Remove" });
  const head = Object.assign(document.createElement("input"), { maxLength: 120, value: heading, autocomplete: "off" });
  const words = Object.assign(document.createElement("textarea"), { maxLength: 2_000, value: text, rows: 3 });
  remove.addEventListener("click", () => (scene.remove(), number()));
  scene.append(document.createElement("legend"), labelled("Heading", head), labelled("Text", words), remove);
  at("scenes").append(scene);
  number();
}

/** @param {string} name @param {HTMLInputElement | HTMLTextAreaElement} control */
function labelled(name, control) {
  const label = Object.assign(document.createElement("label"), { className: "field" });
  control.required = true;
  label.append(name, control);
  return label;
}

function number() {
  [...at("scenes").children].forEach((scene, n) => {
    scene.firstChild.textContent = `Scene ${n + 1}`;
    scene.lastChild.setAttribute("aria-label", `Remove scene ${n + 1}`);
  });
}

for (const [heading, text] of FIRST) addScene(heading, text);
at("add").addEventListener("click", () => {
  addScene();
  at("scenes").lastChild.querySelector("input").focus();
});

at("order").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const title = at("title").value.trim();
  const scenes = [...at("scenes").children].map((scene) => ({
    heading: scene.querySelector("input").value,
    text: scene.querySelector("textarea").value,
  }));
  const payload = { title, scenes, voice: at("voice").value, size: at("size").value };
  at("make").disabled = true;
  at("fault").textContent = "";
  try {
    const job = await client.submit({ type: "video_generation", title, payload, priority: 5, user_id: USER });
    history.pushState(null, "", `?job=${job.job_id}`);
    show();
    at("now").scrollIntoView({ block: "nearest" });
  } catch (error) {
    const { message, faults = [] } = /** @type {any} */ (error);
    at("fault").textContent = [
      message,
      ...faults.map((/** @type {any} */ each) => `${each.pointer}: ${each.detail}`),
    ].join("\n");
  }
  at("make").disabled = false;
});

at("filter").addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
  if (!(target instanceof HTMLButtonElement)) return;
  for (const button of at("filter").children) button.setAttribute("aria-pressed", String(button === target));
  at("list").setAttribute("status", target.dataset.of);
});

/** Show the job that is in the address. */
function show() {
  const id = new URLSearchParams(location.search).get("job");
  at("status").hidden = id === null;
  at("none").hidden = id !== null;
  at("player").hidden = true;
  at("status").jobId = at("player").jobId = id;
}

at("status").addEventListener("job-changed", (/** @type {CustomEvent<{ job: Job }>} */ { detail: { job } }) => {
  at("player").hidden = job.status !== "completed";
});

at("list").setAttribute("user-id", USER);
window.addEventListener("popstate", show);
show();
