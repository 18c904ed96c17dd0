/** A file dropped anywhere on the page goes where files are wanted, and never makes the browser leave the page. */

/** @param {() => HTMLInputElement | undefined} wanted  the field that takes what is dropped beside all fields */
export function takeDrops(wanted) {
  const page = document.documentElement;
  const show = (/** @type {boolean} */ dragging) =>
    page.toggleAttribute("data-dragging", dragging && wanted() !== undefined);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => show(event.relatedTarget !== null));
  document.addEventListener("drop", (event) => {
    show(false);
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    put(
      event.dataTransfer.files,
      event.target instanceof HTMLInputElement && event.target.type === "file" ? event.target : wanted(),
    );
  });
}

/** @param {FileList} files @param {HTMLInputElement | undefined} control */
function put(files, control) {
  if (control === undefined) return;
  const first = new DataTransfer();
  first.items.add(files[0]);
  control.files = first.files;
  control.dispatchEvent(new Event("input"));
}
