/**
 * A file dropped anywhere on a form goes where one is wanted, and the browser does not leave the page for it.
 *
 * @import { FileField } from "./file-field.js"
 */

import { setAttribute } from "./element.js";

/** @param {HTMLElement} host @param {HTMLElement} form  shows that something is dragged @param {() => FileField[]} wanted */
export function takeDrops(host, form, wanted) {
  const show = (/** @type {boolean} */ dragging) =>
    setAttribute(form, "data-dragging", dragging && wanted().length > 0);
  host.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    show(true);
  });
  host.addEventListener("dragleave", () => show(false));
  host.addEventListener("drop", (event) => {
    show(false);
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    const aimed = wanted().find((field) => event.composedPath().includes(field.input));
    (aimed ?? wanted()[0])?.write(file);
  });
}
