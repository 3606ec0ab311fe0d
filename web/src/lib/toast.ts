/**
 * One-line messages, bottom centre, in the page's `#toasts` (a live region that exists from the start, so that screen
 * readers know it). A message goes after six seconds unless somebody points at it; an error stays until closed.
 */
import { iconElement } from "./icons.ts";

export interface ToastOptions {
  tone?: "plain" | "error";
  /** Drawn before the words. */
  before?: Node;
  action?: { label: string; run?: () => void; url?: string };
  /** A later toast with the same name takes this one's place. */
  name?: string;
  /** Milliseconds; 0 keeps it. */
  stays?: number;
}

const MOST = 3;

/** Shows a message and returns the way to take it down. `**name**` in the words is shown strong. */
export function toast(words: string, options: ToastOptions = {}): () => void {
  const region = document.getElementById("toasts");
  if (!region) return () => undefined;
  const box = document.createElement("div");
  box.className = "toast";
  if (options.name) {
    region.querySelector(`[data-name="${CSS.escape(options.name)}"]`)?.remove();
    box.dataset["name"] = options.name;
  }
  const error = options.tone === "error";
  box.classList.toggle("error", error);
  box.append(...[options.before ?? (error ? iconElement("alert") : null), text(words)].filter((node) => node !== null));
  const close = () => box.remove();
  if (options.action) box.append(action(options.action, close));
  if (error) box.append(closer(close));
  region.append(box);
  while (region.childElementCount > MOST) region.firstElementChild?.remove();
  const stays = options.stays ?? (error ? 0 : 6000);
  if (stays) leaveAfter(box, stays, close);
  return close;
}

/** An error for people: stays until closed. */
export function alarm(words: string, options: ToastOptions = {}): () => void {
  return toast(words, { ...options, tone: "error", name: options.name ?? `error:${words}` });
}

function text(words: string): HTMLElement {
  const span = document.createElement("span");
  for (const [index, part] of words.split("**").entries()) {
    if (index % 2) {
      const strong = document.createElement("b");
      strong.textContent = part;
      span.append(strong);
    } else {
      span.append(part);
    }
  }
  return span;
}

function action(given: NonNullable<ToastOptions["action"]>, close: () => void): HTMLElement {
  if (given.url) {
    const link = document.createElement("a");
    link.href = given.url;
    link.textContent = given.label;
    return link;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = given.label;
  button.addEventListener("click", () => {
    close();
    given.run?.();
  });
  return button;
}

function closer(close: () => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", "Close");
  button.append(iconElement("close"));
  button.addEventListener("click", close);
  return button;
}

function leaveAfter(box: HTMLElement, milliseconds: number, close: () => void): void {
  let timer = window.setTimeout(close, milliseconds);
  const hold = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = window.setTimeout(close, 2000);
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("pointerleave", go);
  box.addEventListener("focusin", hold);
  box.addEventListener("focusout", go);
}
