/** The three-way theme switch: light, dark, or as the system has it. `src/early.ts` applies it before the first paint. */

export type Theme = "light" | "dark" | "system";

const KEY = "greenroom-theme";

export function chosenTheme(): Theme {
  const theme = document.documentElement.dataset["theme"];
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Applies a theme to this page and remembers it on this device. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = theme;
  }
  try {
    theme === "system" ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice holds for this page only.
  }
}
