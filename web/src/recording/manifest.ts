/**
 * What is known of a copy on this device, and what becomes of it. Pure.
 *
 * A manifest lies beside every copy and is written with every second of it, so that whoever finds the copy later, after
 * a crash or on the next visit, knows whose answer it is and whether the server still lacks it. A copy goes when the
 * server has the take whole or has compared the two, when nothing more can be sent, or after a week. What was chosen and
 * not sent yet is not forgotten while it is asked for: a clock may be wrong.
 */

export interface Manifest {
  /** Names the files; a UUID. */
  id: string;
  application: string;
  question: string;
  /** The server's name for the take; empty when no recorder ever heard of it. */
  take: string;
  kind: "video" | "audio";
  /** Media type without parameters. */
  mime: string;
  /** Unix time in ms. */
  started: number;
  /** Length and size of what is on the device. */
  ms: number;
  bytes: number;
  /** It ended as it should; a page that died leaves this false, and what was written is good all the same. */
  complete: boolean;
  /** The person chose this take. */
  kept: boolean;
  /** `given_at` of the answer that there was when it was recorded or chosen, which it may replace; empty for none. */
  over: string;
  /** Where it is being uploaded to, empty before. */
  upload: string;
  /** The server has every byte. */
  sent: boolean;
  /** Pictures that went to the recorder through the encoder; 0 where the browser does not say. */
  pictures: number;
  /** The page knows that the server has less than this. */
  lacking: boolean;
}

/** The take as the server tells of it; `state` as in TakeView. */
export interface Known {
  state: string;
  duration_ms: number;
  /** Its pictures, and whether some of it never reached the recorder; a job video does not say. */
  frames?: number;
  damaged?: boolean;
}

export interface Situation {
  /** The server's take, null when it has none of this name. */
  take: Known | null;
  /** The take that answers the question now, "text" for a written answer, empty for none. */
  answer: string;
  /** Its `given_at`; empty for none. */
  given: string;
  /** The question is not asked any more, or the team has the answers. */
  closed: boolean;
}

export type Fate =
  | "drop"
  | "wait" // the server is about to say how much it has
  | "send"
  | "rest"; // stays until it expires, and is not sent by itself

export const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
/** Of another place, whose questions this page does not know: so long what was chosen waits to be sent from there. */
const CHOSEN_MS = 12 * KEEP_MS;
/** Two films of one answer may differ by this much at their ends. */
export const TOLERANCE_MS = 1500;
/** The last pictures may be on their way when the sending ends. */
const NEARLY_ALL = 0.98;
const LAST_PICTURES = 4;
/** Shorter ones are a double click. */
const SHORTEST_BYTES = 2000;
/** What the manifest takes on the device: always the same, so that one write replaces it. */
export const MANIFEST_BYTES = 1024;

export function begun(
  id: string,
  about: Pick<Manifest, "application" | "question" | "take" | "kind" | "over">,
  mime: string,
  now: number,
): Manifest {
  return {
    id,
    ...about,
    mime,
    started: now,
    ms: 0,
    bytes: 0,
    complete: false,
    kept: false,
    upload: "",
    sent: false,
    pictures: 0,
    lacking: false,
  };
}

export function expired(manifest: Manifest, now: number, keep = KEEP_MS): boolean {
  return now - manifest.started > keep || manifest.started > now + keep;
}

/** The same of a copy that belongs to another place. */
export function abandoned(manifest: Manifest, now: number): boolean {
  return expired(manifest, now, manifest.kept && !manifest.sent ? CHOSEN_MS : KEEP_MS);
}

/** Whether the server's file holds all that was recorded: as long, nothing lost on the way, every picture. */
export function isWhole(take: Known | null, { ms, pictures }: { ms: number; pictures?: number }): boolean {
  if (take?.state !== "ready" || take.damaged || take.duration_ms < ms - TOLERANCE_MS) return false;
  return (take.frames ?? Infinity) >= (pictures ?? 0) * NEARLY_ALL - LAST_PICTURES;
}

/** What becomes of a copy that nobody is recording or deciding on. */
export function fateOf(manifest: Manifest, situation: Situation, now: number): Fate {
  const fate = wantedOf(manifest, situation);
  const promised = manifest.kept && !manifest.sent && fate !== "rest";
  return expired(manifest, now) && !promised ? "drop" : fate;
}

function wantedOf(manifest: Manifest, { take, answer, given, closed }: Situation): Fate {
  if (closed || manifest.bytes < SHORTEST_BYTES) return "drop";
  if (take && (take.state === "recording" || take.state === "processing")) return "wait";
  if (!manifest.lacking && isWhole(take, manifest)) return "drop";
  if (manifest.sent) return take && take.state !== "failed" ? "drop" : "rest"; // It was compared; or neither is a film.
  if (answer && answer !== manifest.take && given !== (manifest.over ?? "")) return "rest"; // They decided otherwise.
  return "send";
}

/** The one to send first: what they chose, then the latest. */
export function byUrgency(a: Manifest, b: Manifest): number {
  return Number(b.kept) - Number(a.kept) || b.started - a.started;
}

export function write(manifest: Manifest): Uint8Array {
  const bytes = new Uint8Array(MANIFEST_BYTES).fill(32);
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  if (text.length > MANIFEST_BYTES) throw new RangeError("manifest");
  bytes.set(text);
  return bytes;
}

/** Null when it is not one of ours, or was cut. */
export function read(text: string): Manifest | null {
  try {
    const found = JSON.parse(text) as Manifest;
    const { id, application, question, started, bytes } = found;
    const whole = [id, application, question].every((word) => typeof word === "string" && word !== "");
    return whole && Number.isFinite(started) && Number.isFinite(bytes) ? found : null;
  } catch {
    return null;
  }
}

export const VIDEO_BITS = 2_500_000;
export const AUDIO_BITS = 64_000;
const FEWEST_BITS = 600_000;
/** Left for everything else this site and browser keep. */
const SPARE_BYTES = 20_000_000;

/** Bits per second of picture that fit on the device for so many seconds; 0: not even a small picture does. */
export function affordable(freeBytes: number, seconds: number): number {
  const bits = ((freeBytes - SPARE_BYTES) * 8) / Math.max(1, seconds) - AUDIO_BITS;
  return bits < FEWEST_BITS ? 0 : Math.min(VIDEO_BITS, Math.floor(bits));
}
