/** What works on every page of the team: the palette and the list of shortcuts, fetched when they are wanted first. */
import { offer } from "../lib/shortcuts.ts";
import { path } from "../lib/me.ts";

/** Opens the palette. What somebody types before it is there belongs to it, and not to the page. */
async function openPalette(): Promise<void> {
  let early = "";
  const hold = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    early += event.key;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", hold, true);
  try {
    const palette = await import("./palette.ts");
    await palette.open(() => early);
  } finally {
    window.removeEventListener("keydown", hold, true);
  }
}

const openList = (): void => void import("./shortcut-list.ts").then((list) => list.open());
const go = (rest: string) => () => location.assign(path(rest));

export function offerJumping(): void {
  offer([
    {
      keys: "Mod+K",
      label: "Search or jump",
      group: "Anywhere",
      run: () => !document.querySelector("dialog[open]") && void openPalette(),
    },
    { keys: "?", label: "Shortcuts", group: "Anywhere", run: openList },
    { keys: "G H", label: "Home", group: "Anywhere", run: go("home") },
    { keys: "G J", label: "Jobs", group: "Anywhere", run: go("jobs") },
    { keys: "G C", label: "All candidates", group: "Anywhere", run: go("candidates") },
    { keys: "G R", label: "My reviews", group: "Anywhere", run: go("home?show=reviews") },
    { keys: "G I", label: "Notifications", group: "Anywhere", run: go("inbox") },
  ]);
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-jump]")) void openPalette();
  });
}
