/* Sets the chosen theme before the first paint: loaded as a small blocking script, since the CSP forbids inline ones. */
try {
  const theme = localStorage.getItem("greenroom-theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage may be forbidden; the system's theme is a good answer then.
}
