/** Meetings in words and in time. Pure: whoever wants "now" to move on passes a new one. */
import { date } from "./time.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const EARLY = 10 * MINUTE; // from when on one can join

/** When something is, and for how long. */
export interface Timed {
  starts_at: string;
  minutes: number;
}

export const begins = ({ starts_at }: Timed): number => Date.parse(starts_at);
export const ends = (meeting: Timed): number => begins(meeting) + meeting.minutes * MINUTE;
export const over = (meeting: Timed, now: number): boolean => ends(meeting) <= now;
export const running = (meeting: Timed, now: number): boolean => begins(meeting) <= now && !over(meeting, now);

/** Whose candidate was declined, and who is expected all the same. */
export const stillPlanned = (meeting: Timed & { declined: boolean }, now: number): boolean =>
  meeting.declined && begins(meeting) > now;
export const STILL = "Declined, but still planned";

/** From ten minutes before until the end. */
export const joinable = (meeting: Timed, now: number): boolean => begins(meeting) - EARLY <= now && !over(meeting, now);

/** The day on the reader's calendar, as a word that two times of one day share: "2026-12-03". */
export function calendarDay(at: number | string): string {
  const day = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** "Today", "Tomorrow", "Yesterday", "Thu 3 Dec", with the year when it is another one. */
export function dayName(at: string, now: number): string {
  const noon = (time: number) => new Date(time).setHours(12, 0, 0, 0);
  const away = Math.round((noon(Date.parse(at)) - noon(now)) / DAY);
  if (away === 0) return "Today";
  if (away === 1) return "Tomorrow";
  if (away === -1) return "Yesterday";
  return `${new Date(at).toLocaleDateString("en-GB", { weekday: "short" })} ${date(at, now)}`;
}

/** "14:05", on the clocks of a zone, else on the reader's own. */
export function clockIn(at: number | string, zone?: string): string {
  return new Date(at).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(zone ? { timeZone: zone } : {}),
  });
}

/** "10:00 to 10:45". */
export const fromTo = (meeting: Timed): string => `${clockIn(meeting.starts_at)} to ${clockIn(ends(meeting))}`;

/** "Today, 10:00", "Thu 3 Dec, 10:00". */
export const when = ({ starts_at }: Timed, now: number): string => `${dayName(starts_at, now)}, ${clockIn(starts_at)}`;

/** "45 min", "1 h", "1 h 30 min". */
export function long(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours ? `${hours} h` : "", rest ? `${rest} min` : ""].filter(Boolean).join(" ");
}

/** "in 4 min", "in 2 h"; "now" while it goes on; "" when it is further away than a few hours, or over. */
export function soon(meeting: Timed, now: number): string {
  if (running(meeting, now)) return "now";
  const left = Math.ceil((begins(meeting) - now) / MINUTE);
  if (left <= 0 || left > 180) return "";
  return left <= 60 ? `in ${left} min` : `in ${Math.round(left / 60)} h`;
}

/** The reader's own zone by its IANA name. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** "Lisbon time (UTC+1)", as it is on that day. */
export function zoneWords(zone: string, at: number | string): string {
  const away = offset(zone, at);
  const place = zone.split("/").slice(1).at(-1)?.replaceAll("_", " ");
  return place && !zone.startsWith("Etc/") ? `${place} time (${away})` : away;
}

function offset(zone: string, at: number | string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(
    new Date(at),
  );
  return (parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC")
    .replace("GMT", "UTC")
    .replace(/[+-]0$/, "");
}

/** Their clocks show something else than the reader's at that moment. */
export const elsewhere = (zone: string, at: string): boolean => offset(zone, at) !== offset(ownZone(), at);

/** "With you and Ade", "With Ade, Ben and 3 others"; "" without anybody. `me` is said as "you", and first. */
export function withWhom(members: readonly { id: string; name: string }[], me: string): string {
  const others = members.filter(({ id }) => id !== me).map(({ name }) => name.trim().split(/\s+/u)[0]!);
  const names = members.some(({ id }) => id === me) ? ["you", ...others] : others;
  return names.length ? `With ${listed(names)}` : "";
}

/** "Ada", "Ada and Ben", "Ada, Ben and 3 others". */
export function listed(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 2).join(", ")} and ${names.length - 2} others`;
  const last = names.at(-1) ?? "";
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${last}` : last;
}

/** The half hour after the next hour, when people work then; else ten o'clock on the next working day. */
export function proposed(now: number): { day: string; time: string } {
  const at = new Date(now + 60 * MINUTE);
  at.setMinutes(Math.ceil(at.getMinutes() / 30) * 30, 0, 0);
  const weekend = () => at.getDay() === 0 || at.getDay() === 6;
  if (weekend() || at.getHours() < 8 || at.getHours() >= 18) {
    if (at.getHours() >= 18) at.setDate(at.getDate() + 1);
    while (weekend()) at.setDate(at.getDate() + 1);
    at.setHours(10, 0);
  }
  return { day: calendarDay(at.getTime()), time: clockIn(at.getTime()) };
}

/** What the fields for day and time say, as an instant on the reader's clocks; null when they say none. */
export function instant(day: string, time: string): string | null {
  const at = new Date(`${day}T${time}`);
  return day && time && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}

/** The reader's clocks are put forward over this time, and never show it. */
export function skipped(day: string, time: string): boolean {
  const at = instant(day, time);
  return at !== null && clockIn(at) !== time.slice(0, 5);
}

/** A title in a sentence, whichever way its script runs. */
export const quoted = (title: string): string =>
  `“\u2068${title.length > 48 ? `${title.slice(0, 47)}…` : title}\u2069”`;
