/** Cues as they are edited: times as people write them, one cue after the other. Pure. */
import type { CueView } from "../live/protocol.gen.ts";

/** "1:02.5" for 62.5 seconds; whole seconds without a point. */
export function written(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1000;
  const [whole, rest = ""] = String(seconds).split(".");
  return `${minutes}:${whole!.padStart(2, "0")}${rest ? `.${rest}` : ""}`;
}

/** Milliseconds of "1:02.5", "62.5" or "0:01:02,5"; null when it is no time. */
export function readTime(text: string): number | null {
  const found = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,4})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (!found) return null;
  const [, hours = "0", minutes = "0", seconds = "0", rest = ""] = found;
  if (found[2] !== undefined && Number(seconds) > 59) return null;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(rest.padEnd(3, "0"));
}

/** The cue that is said at this moment; -1 when none is. */
export function cueAt(cues: readonly CueView[], ms: number): number {
  return cues.findIndex((cue) => cue.start_ms <= ms && ms < cue.end_ms);
}

const USUAL_MS = 3000;

/** A new cue at this moment: as long as people need to read a line, and no longer than until the next one. */
export function newCue(cues: readonly CueView[], ms: number, length: number): CueView {
  const start = Math.max(0, Math.round(ms / 100) * 100);
  const next = Math.min(...cues.map((cue) => cue.start_ms).filter((other) => other > start), Infinity);
  const end = Math.min(start + USUAL_MS, next, Math.max(length, start + 500));
  return { start_ms: start, end_ms: end, text: "" };
}

/** In the order in which they are said. */
export function ordered(cues: readonly CueView[]): CueView[] {
  return [...cues].sort((one, other) => one.start_ms - other.start_ms || one.end_ms - other.end_ms);
}
