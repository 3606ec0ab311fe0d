/**
 * What a studio needs of the page's server: tickets, a look at a take, its acceptance, and a way for the browser's own
 * copy. Also what its refusals mean for going on: some only mean that this device records alone for now.
 */

import type { RecordingTicket } from "../live/protocol.gen.ts";
import { noteCopy, type Copy } from "./copy.ts";
import type { Kind } from "./devices.ts";
import { follows, type ServerTake, type Take } from "./takes.ts";
import { WhipError } from "./whip.ts";

/** A refusal the person must read; `code` as the server names it. */
export interface Refusal extends Error {
  code: string;
  status: number;
}

export interface Copied {
  ticket: RecordingTicket | null;
  copy: Copy;
  kind: Kind;
}

export interface Desk {
  ticket(kind: Kind): Promise<RecordingTicket>;
  look(ticket: RecordingTicket): Promise<ServerTake>;
  accept(ticket: RecordingTicket): Promise<void>;
  /** Makes the browser's own copy of a take the answer (no ticket: the server never heard of it); null: no such way. */
  upload: ((take: Copied) => Attempt) | null;
  /** Whose answers are recorded here, and over which: then copies are kept on the device, to be found again. */
  about?: () => { application: string; question: string; over: string };
}

/** Sends it, or goes on with that. */
export type Attempt = (onProgress: (part: number) => void) => Promise<void>;

/** Refusals that recording on this device and uploading later can get around. */
export const GO_ON_ALONE: ReadonlySet<string> = new Set([
  "no_recorder",
  "recorders_busy",
  "unavailable",
  "unreachable",
  "no_connection",
  "node_gone",
  "ice_timeout",
  "bad_answer",
  "too_many_recordings",
]);

/** Recorders are there, and all of them have enough to do. */
export const BUSY: ReadonlySet<string> = new Set(["recorders_busy", "too_many_recordings"]);

/** How long a browser that says it is online is believed before it is tried again. */
const AGAIN_MS = 4000;

export function codeOf(error: unknown): string {
  if (error instanceof WhipError) return error.code;
  const code = (error as Partial<Refusal> | null)?.code;
  if (typeof code === "string" && code) return code;
  return error instanceof TypeError ? "unreachable" : "unavailable";
}

/**
 * Makes a take the answer. Where the server has all of it that is enough; where it has most of it and the copy is safe on
 * the device, the copy follows while the person goes on (`true`); else the copy is sent now. `sent` as in `deliver`.
 */
export async function keep(
  desk: Desk,
  { take, kind, byCopy }: { take: Take; kind: Kind; byCopy: boolean },
  sent: (part: number) => void,
): Promise<boolean> {
  const { ticket, copy } = take;
  const following = follows(take);
  if (byCopy && copy && desk.upload && !(following && ticket)) {
    await deliver(desk.upload({ ticket, copy, kind }), sent);
    return false;
  }
  if (!ticket || take.server === "failed") throw Object.assign(new Error("gone"), { code: "gone", status: 0 });
  if (copy) await noteCopy(copy, { kept: true });
  await desk.accept(ticket);
  return following;
}

/** How long the server may take to say what it has of a take before the copy counts as the better one. */
const SETTLED_MS = 60_000;

/** Asks the server about a take until it is settled, as long as it is `held`; `asked` is called after each time. */
export async function untilSettled(
  desk: Desk,
  take: Take,
  { held, told, asked }: { held: () => boolean; told: (server: ServerTake) => void; asked: () => void },
): Promise<void> {
  if (!take.ticket) return;
  const until = performance.now() + SETTLED_MS;
  for (let pause = 400; held() && take.server === "processing"; pause = Math.min(2000, pause * 1.4)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!held() || take.server !== "processing") return;
    try {
      told(await desk.look(take.ticket));
    } catch {
      // No network or a server in trouble: what is on this device stays, and is asked about again.
    }
    const late = performance.now() > until;
    if (late && take.copy) take.damaged = true;
    asked();
    if (late && take.damaged) return;
  }
}

/** Tries until it works: without a network it waits for one. Refusals end it. `sent` is told 0..1, -1 while waiting. */
export async function deliver(attempt: Attempt, sent: (part: number) => void): Promise<void> {
  for (;;) {
    sent(0);
    try {
      return await attempt(sent);
    } catch (error) {
      const code = codeOf(error);
      if (code !== "unreachable" && code !== "unavailable") throw error;
      sent(-1);
      await backOnline();
    }
  }
}

function backOnline(): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, AGAIN_MS);
    window.addEventListener("online", done);
  });
}
