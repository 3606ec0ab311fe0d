/** Times and durations as people read them. Pure: whoever wants "3 m ago" to move on passes a new `now`. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// Made once and when first needed: each takes longer to make than hundreds of words to write with it.
let counting: Intl.NumberFormat | undefined;
let passing: Intl.RelativeTimeFormat | undefined;

/** A whole number with its thousands apart: "12,400". */
export function grouped(number: number): string {
  return (counting ??= new Intl.NumberFormat("en-GB")).format(number);
}

/** "now", "9m", "2h", "3d", "5w", then the date. */
export function age(at: string, now = Date.now()): string {
  const past = now - Date.parse(at);
  if (past < MINUTE) return "now";
  if (past < HOUR) return `${Math.floor(past / MINUTE)}m`;
  if (past < DAY) return `${Math.floor(past / HOUR)}h`;
  if (past < 14 * DAY) return `${Math.floor(past / DAY)}d`;
  if (past < 60 * DAY) return `${Math.floor(past / (7 * DAY))}w`;
  return date(at, now);
}

/** "just now", "9 minutes ago", "yesterday": for sentences and for screen readers. */
export function ago(at: string, now = Date.now()): string {
  const past = Math.max(0, now - Date.parse(at));
  if (past < MINUTE) return "just now";
  const words = (passing ??= new Intl.RelativeTimeFormat("en", { numeric: "auto" }));
  if (past < HOUR) return words.format(-Math.floor(past / MINUTE), "minute");
  if (past < DAY) return words.format(-Math.floor(past / HOUR), "hour");
  if (past < 14 * DAY) return words.format(-Math.floor(past / DAY), "day");
  return `on ${date(at, now)}`;
}

/** "3 Nov", with the year when it is another one. */
export function date(at: string, now = Date.now()): string {
  const day = new Date(at);
  const sameYear = day.getFullYear() === new Date(now).getFullYear();
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** The heading above a day's messages: "Today", "Yesterday", "Mon 3 Nov". */
export function day(at: string, now = Date.now()): string {
  const that = new Date(at).toDateString();
  if (that === new Date(now).toDateString()) return "Today";
  if (that === new Date(now - DAY).toDateString()) return "Yesterday";
  return `${new Date(at).toLocaleDateString("en-GB", { weekday: "short" })} ${date(at, now)}`;
}

/** "14:05", in the reader's own zone. */
export function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** Everything, for a tooltip. */
export function exactly(at: string): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short" });
}

/** Seconds as a player shows them: "1:07". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Seconds in words: "45 s", "2 min", "2 min 30 s". */
export function span(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  return [minutes ? `${minutes} min` : "", rest || !minutes ? `${rest} s` : ""].filter(Boolean).join(" ");
}

/** "1 answer", "3 answers". */
export function many(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}
