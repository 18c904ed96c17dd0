// The theme that was chosen here, before anything is drawn. A classic script on purpose: modules come too late for that.
try {
  document.documentElement.dataset.theme = localStorage.getItem("jobrunner.theme") ?? "auto";
} catch {
  // no storage, no choice: the system's theme
}
