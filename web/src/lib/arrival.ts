/**
 * A page is nothing without its script, and looks broken without its styles: a network that changes while it loads (a
 * phone that leaves the Wi-Fi) takes either away. Such a page is loaded again, by itself as long as nobody has done
 * anything on it; else, or when that did not help, it says so and offers to.
 */
const TRIES = [500, 2_000, 5_000]; // milliseconds before each of them
const KEY = "greenroom-arrival"; // how often this tab has tried in a row

let untouched = true; // nobody has typed or chosen anything here that would be lost, nor goes elsewhere already
const leave = (): void => void (untouched = false);

/** Watches over what the page's head asks for. */
export function arrivesWhole(): void {
  let whole = true;
  for (const begins of ["pointerdown", "keydown"]) {
    window.addEventListener(begins, leave, { once: true, capture: true });
  }
  window.addEventListener(
    "error",
    ({ target }) => {
      if (!whole || !isPart(target)) return;
      whole = false;
      loadAgain();
    },
    { capture: true }, // what failed to load tells nobody above it
  );
  window.addEventListener("beforeunload", leave);
  window.addEventListener("load", () => {
    window.removeEventListener("beforeunload", leave); // with such a listener no page is kept for the way back
    if (whole) remember(0);
  });
}

function isPart(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.relList.contains("stylesheet"))
  );
}

function loadAgain(): void {
  const tried = triedSoFar();
  setTimeout(() => {
    if (tried < TRIES.length && untouched && navigator.onLine && remember(tried + 1)) location.reload();
    else whenDrawn(say);
  }, TRIES[tried] ?? 0);
}

function whenDrawn(run: () => void): void {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run, { once: true });
  else run();
}

function say(): void {
  const box = document.createElement("div");
  box.className = "toast error";
  const words = document.createElement("span");
  words.textContent = "This page did not load completely.";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Load it again";
  button.addEventListener("click", () => location.reload());
  box.append(words, button);
  document.getElementById("toasts")?.append(box);
  window.addEventListener("online", () => untouched && location.reload());
}

function triedSoFar(): number {
  try {
    return Number(sessionStorage.getItem(KEY));
  } catch {
    return TRIES.length;
  }
}

/** False where nothing can be remembered: there it would try for ever. */
function remember(tried: number): boolean {
  try {
    sessionStorage.setItem(KEY, String(tried));
    return true;
  } catch {
    return false;
  }
}
