/**
 * One-line messages, bottom centre, in the page's `#toasts` (a live region that exists from the start, so that screen
 * readers know it). A message goes after six seconds, but not while somebody points at one or has the focus in it; an
 * error stays until closed.
 */
import { iconElement } from "./icons.ts";

/** Words whose strong parts are marked as such: whatever stands in a name stays a name. */
export interface Part {
  text: string;
  strong?: boolean;
}

export interface ToastOptions {
  tone?: "plain" | "error";
  /** Drawn before the words. */
  before?: Node;
  action?: { label: string; run?: () => void; url?: string; key?: string };
  /** A later toast with the same name changes this one, where it stands. */
  name?: string;
  /** Milliseconds; 0 keeps it. */
  stays?: number;
  /** It is gone, whoever took it down. */
  closed?: () => void;
}

const MOST = 3;
const SECOND_LOOK = 1500; // milliseconds until it looks again whether somebody is still there
const shown = new WeakMap<Element, Shown>();

/** Shows a message and returns the way to take it down. `**name**` in plain words is shown strong. */
export function toast(words: string | readonly Part[], options: ToastOptions = {}): () => void {
  const region = document.getElementById("toasts");
  if (!region) return () => undefined;
  const named = options.name && region.querySelector<HTMLElement>(`[data-name="${CSS.escape(options.name)}"]`);
  const box = named || document.createElement("div");
  const toasted = shown.get(box) ?? new Shown(box);
  shown.set(box, toasted);
  toasted.fill(words, options);
  if (!named) region.append(box);
  while (region.childElementCount > MOST) shown.get(region.firstElementChild!)?.close();
  return () => toasted.close();
}

/** An error for people: stays until closed. */
export function alarm(words: string, options: ToastOptions = {}): () => void {
  return toast(words, { ...options, tone: "error", name: options.name ?? `error:${words}` });
}

/** One message on the screen, and its time. */
class Shown {
  private timer = 0;
  private closed: (() => void) | undefined;
  private readonly box: HTMLElement;

  constructor(box: HTMLElement) {
    this.box = box;
  }

  fill(words: string | readonly Part[], options: ToastOptions): void {
    const error = options.tone === "error";
    const focused = this.box.contains(document.activeElement);
    this.box.className = error ? "toast error" : "toast";
    if (options.name) this.box.dataset["name"] = options.name;
    const before = options.before ?? (error ? iconElement("alert") : null);
    const close = () => this.close();
    this.box.replaceChildren(
      ...[
        before,
        text(typeof words === "string" ? strongParts(words) : words),
        options.action ? action(options.action, close) : null,
        error ? closer(close) : null,
      ].filter((node) => node !== null),
    );
    if (focused) this.box.querySelector<HTMLElement>("a, button")?.focus();
    this.closed = options.closed;
    this.wait(options.stays ?? (error ? 0 : 6000));
  }

  close(): void {
    clearTimeout(this.timer);
    if (!this.box.isConnected) return;
    this.box.remove();
    this.closed?.();
  }

  /** Messages move up when another comes: none goes as long as somebody is at any of them. */
  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!milliseconds) return;
    this.timer = window.setTimeout(() => {
      if (this.box.parentElement?.querySelector(":hover, :focus-within")) this.wait(SECOND_LOOK);
      else this.close();
    }, milliseconds);
  }
}

function strongParts(words: string): Part[] {
  return words.split("**").map((part, index) => ({ text: part, strong: index % 2 === 1 }));
}

function text(parts: readonly Part[]): HTMLElement {
  const span = document.createElement("span");
  for (const part of parts) {
    if (part.strong) {
      const strong = document.createElement("b");
      strong.append(part.text);
      span.append(strong);
    } else {
      span.append(part.text);
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
  if (given.key) {
    const key = document.createElement("kbd");
    key.textContent = given.key;
    key.setAttribute("aria-hidden", "true");
    button.append(" ", key);
  }
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
