/**
 * All components by one script: each is loaded when the page first has one, so that nobody pays for the others. Inside
 * shadow roots of a page's own, where this does not look, the module of the element is to be loaded by its name. Can be
 * loaded where there is no page, too.
 */

export { announce } from "./announcer.js";
export { defaultClient, JobsClient } from "./jobs-client.js";
export { messages, setMessages } from "./messages.js";

/** @type {{ [name: string]: () => Promise<unknown> }} */
const unused = {
  "job-actions": () => import("./job-actions.js"),
  "job-list": () => import("./job-list.js"),
  "job-parts": () => import("./job-parts.js"),
  "job-player": () => import("./job-player.js"),
  "job-progress": () => import("./job-progress.js"),
  "job-stages": () => import("./job-stages.js"),
  "job-status": () => import("./job-status.js"),
  "job-submit": () => import("./job-submit.js"),
  "job-tree": () => import("./job-tree.js"),
  "jobs-badge": () => import("./jobs-badge.js"),
  "jobs-connection": () => import("./jobs-connection.js"),
  "jobs-toasts": () => import("./jobs-toasts.js"),
  "queue-stats": () => import("./queue-stats.js"),
};

/** Load what the page has now; what could not be loaded is tried again with its next change. */
function look() {
  for (const [name, load] of Object.entries(unused)) {
    if (document.getElementsByTagName(name).length === 0) continue;
    delete unused[name];
    load().catch(() => (unused[name] = load));
  }
}

if (globalThis.document) {
  look();
  new MutationObserver(look).observe(document, { subtree: true, childList: true });
}
