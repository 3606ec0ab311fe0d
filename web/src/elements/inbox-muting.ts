/** Whether a job is muted, until when, and for how long it can be. Pure. */
import type { JobHearing } from "../live/protocol.gen.ts";
import { date, timeOfDay } from "../lib/time.ts";

const HOUR = 60 * 60_000;
export const DAY = 24 * HOUR;

/** How many days of the calendar lie between. */
export function daysBetween(at: Date, now: Date): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  return Math.round((midnight(now) - midnight(at)) / DAY);
}

/** Whether a mute is in force. */
export function isMuted(hearing: JobHearing | undefined, now = Date.now()): hearing is JobHearing {
  return Boolean(hearing?.muted && (hearing.until === null || Date.parse(hearing.until) > now));
}

/** "muted", "muted to 15:40", "muted to Tue". */
export function mutedWords(hearing: JobHearing, now = Date.now()): string {
  if (hearing.until === null) return "muted";
  const days = -daysBetween(new Date(hearing.until), new Date(now));
  if (days <= 0) return `muted to ${timeOfDay(hearing.until)}`;
  if (days < 7) return `muted to ${new Date(hearing.until).toLocaleDateString("en-GB", { weekday: "short" })}`;
  return `muted to ${date(hearing.until, now)}`;
}

export interface MuteChoice {
  label: string;
  until: string | null;
}

const MORNING = 8; // o'clock, where the reader is

/** For how long a job can be muted: an hour, and mornings of the reader's own. */
export function muteChoices(now = Date.now()): readonly MuteChoice[] {
  const morning = (days: number): Date => {
    const day = new Date(now);
    day.setDate(day.getDate() + days);
    day.setHours(MORNING, 0, 0, 0);
    return day;
  };
  const monday = (8 - new Date(now).getDay()) % 7 || 7;
  const later = [2, ...(monday > 2 ? [monday] : [7])].map(morning);
  return [
    { label: "For 1 hour", until: new Date(now + HOUR).toISOString() },
    { label: "Until tomorrow", until: morning(1).toISOString() },
    ...later.map((day) => ({
      label: `Until ${daysBetween(new Date(now), day) === 7 ? "next " : ""}${day.toLocaleDateString("en-GB", { weekday: "long" })}`,
      until: day.toISOString(),
    })),
    { label: "For good", until: null },
  ];
}
