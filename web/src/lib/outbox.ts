/**
 * The page's one way to change something that lasts. What an outage, a sleeping laptop or a lost reply holds up is sent
 * again by itself; what is closed with something unsent asks first; what a page did not get through before it was loaded
 * again (or put away by a phone that needed the memory) is sent by the next page of this tab.
 */
import { Outbox, type Change, type Kept } from "../live/outbox.ts";
import { Failure, newKey, send, sentence } from "./api.ts";
import { onConnection } from "./live.ts";
import { me } from "./me.ts";
import { alarm } from "./toast.ts";

/** Browsers let only small requests outlive their page. */
const OUTLIVES = 8_000; // characters
const STORE = `greenroom-outbox:${me.slug}:${me.id}`;

export const outbox = new Outbox(
  ({ method, path, body, key, attempt }, signal) =>
    send(method, path, body, {
      key,
      signal,
      keepalive: attempt === 0 && JSON.stringify(body ?? null).length < OUTLIVES,
    }),
  (kept) => {
    try {
      if (kept.length) sessionStorage.setItem(STORE, JSON.stringify(kept));
      else sessionStorage.removeItem(STORE);
    } catch {
      // No room or no storage: then it lasts as long as this page.
    }
  },
);

/** Sends a change until it is answered. Rejects with the server's refusal only; `undefined`: it was withdrawn. */
export function change<T>(wanted: Omit<Change, "key"> & { key?: string }): Promise<T | undefined> {
  return outbox.send<T>({ key: newKey(), ...wanted });
}

/** The lane of everything about one card. */
export const lane = (application: string): string => `card:${application}`;

function left(): Kept[] {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "[]") as Kept[];
  } catch {
    return [];
  }
}

for (const kept of left()) {
  outbox.send(kept).catch((error: unknown) => {
    const late = error instanceof Failure && error.code === "key_reused";
    alarm(`${kept.words} ${late ? "What it was to take back had arrived before." : sentence(error)}`.trim());
  });
}

const warn = (event: BeforeUnloadEvent): void => {
  if (outbox.unsafe) event.preventDefault();
};
// Only while something waits: a page with such a listener is not kept for the way back.
outbox.observe(() => {
  if (outbox.waiting) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
});

onConnection((connection) => connection === "online" && outbox.nudge());
addEventListener("online", () => outbox.nudge());
addEventListener("pageshow", () => outbox.nudge());
document.addEventListener("visibilitychange", () => document.hidden || outbox.nudge());
