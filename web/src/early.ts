/*
 * Before the first paint, and without modules, since these may be what is missing: a small blocking script in every
 * page's head, for the CSP forbids inline ones. It sets the chosen theme, and answers for a page that arrives in part.
 */
import { arrivesWhole } from "./lib/arrival.ts";

try {
  const theme = localStorage.getItem("greenroom-theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset["theme"] = theme;
  }
} catch {
  // Storage may be forbidden; the system's theme is a good answer then.
}
arrivesWhole();
