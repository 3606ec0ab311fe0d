/** Where this member went by the palette, newest first, on this device; forgotten when they sign out. */
import { me } from "./me.ts";

export interface Recent {
  /** The path it leads to. */
  url: string;
  label: string;
  detail: string;
  icon: string;
}

const PREFIX = "greenroom-recent";
const KEY = `${PREFIX}:${me.id}`;
const MOST = 6;

export function recent(): readonly Recent[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as Recent[];
    return Array.isArray(kept) ? kept.filter((one) => one.url.startsWith(`/w/${me.slug}/`)) : [];
  } catch {
    return [];
  }
}

export function remember(one: Recent): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([one, ...recent().filter(({ url }) => url !== one.url)].slice(0, MOST)));
  } catch {
    // Full or forbidden: then nothing is remembered.
  }
}

/** Of everybody on this device: names of candidates do not stay behind. */
export function forgetRecent(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept either.
  }
}
