/**
 * Every shortcut of the team's pages, in one list: what is offered here is what a key does, and what `?` lists. Pages
 * offer theirs while they are there; of two that want the same key the later one is asked first. Single characters are
 * silent while somebody types, and can be switched off (WCAG 2.1.4).
 */
import { typing } from "./keys.ts";

export type Group = "Anywhere" | "Here" | "Candidates" | "Watching";

export interface Shortcut {
  /** "Mod+K", "Alt+ArrowUp", "Space", "?", or one key after the other: "G H". Several do the same. */
  keys: string | readonly string[];
  /** What it does, as `?` lists it; empty for what is told elsewhere. */
  label: string;
  group: Group;
  /** Does it; `false`: not now, the key goes its way. */
  run(event: KeyboardEvent): unknown;
  /** Only with the focus inside such an element. */
  on?: string;
}

const SEQUENCE_MS = 1500; // by the keys, however late they are heard
const LETTERS = "greenroom-single-keys";
const offered = new Set<readonly Shortcut[]>();
const mac = /mac|iphone|ipad/i.test(navigator.platform);
let begun = { key: "", at: 0 };

/** Offers shortcuts; call the result to take them away. */
export function offer(shortcuts: readonly Shortcut[]): () => void {
  offered.add(shortcuts);
  return () => offered.delete(shortcuts);
}

/** All that work on this page now, in the order of their groups. */
export function allShortcuts(): readonly Shortcut[] {
  return [...offered].flat();
}

/** Whether single characters work in this browser. */
export function singleKeys(): boolean {
  try {
    return localStorage.getItem(LETTERS) !== "off";
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    on ? localStorage.removeItem(LETTERS) : localStorage.setItem(LETTERS, "off");
  } catch {
    // Without storage there is nothing to remember it in.
  }
}

/** The keys of a shortcut as they stand on this keyboard, one way after the other. */
export function keyCaps({ keys }: Shortcut): readonly (readonly string[])[] {
  return ways(keys).map((way) => way.split(/[ +]/).map(cap));
}

const CAPS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Mod: mac ? "⌘" : "Ctrl",
  Alt: mac ? "⌥" : "Alt",
  Escape: "Esc",
};

const cap = (key: string): string => CAPS[key] ?? key;

function ways(keys: string | readonly string[]): readonly string[] {
  return typeof keys === "string" ? [keys] : keys;
}

/** "Mod+K", "Shift+X", "?": Shift counts where the character does not show it. In other scripts the place of a key is its Latin letter. */
function nameOf(event: KeyboardEvent): string {
  const place = event.key > "\x7f" && /^Key(.)$/.exec(event.code)?.[1];
  const key = place || (event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const shifted = event.shiftKey && (event.key.length > 1 || /\p{L}| /u.test(event.key));
  return [event.ctrlKey || event.metaKey ? "Mod" : "", event.altKey ? "Alt" : "", shifted ? "Shift" : "", key]
    .filter(Boolean)
    .join("+");
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || /^(Control|Shift|Alt|Meta|AltGraph)$/.test(event.key)) return;
  const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (bare && typing(event)) return;
  if (bare && event.key.length === 1 && event.key !== " " && !singleKeys()) return;
  const name = nameOf(event);
  const now = event.timeStamp;
  const sequence = begun.key && now - begun.at < SEQUENCE_MS ? `${begun.key} ${name}` : "";
  begun = { key: "", at: 0 };
  if (sequence && does(sequence, event)) return;
  if (does(name, event)) return;
  if (allShortcuts().some(({ keys }) => ways(keys).some((way) => way.startsWith(`${name} `)))) {
    begun = { key: name, at: now };
  }
}

/** Whether somebody had a use for the key. */
function does(name: string, event: KeyboardEvent): boolean {
  for (const shortcut of [...allShortcuts()].reverse()) {
    if (!ways(shortcut.keys).includes(name)) continue;
    if (shortcut.on && !(event.target as Element | null)?.closest(shortcut.on)) continue;
    if (shortcut.run(event) === false) continue;
    event.preventDefault();
    return true;
  }
  return false;
}

window.addEventListener("keydown", pressed);
