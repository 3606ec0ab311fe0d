/** The reply promise in words: how long there is to keep it, or how late it is. Pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface PromiseWords {
  /** "2 d left", "3 h over". */
  words: string;
  /** The same for sentences and screen readers. */
  spoken: string;
  /** "" in time, "warn" less than a day is left, "bad" broken. */
  tone: "" | "warn" | "bad";
}

export function promiseWords(due: string, now = Date.now()): PromiseWords {
  const left = Date.parse(due) - now;
  const [short, long] = span(Math.abs(left));
  if (left <= 0) return { words: `${short} over`, spoken: `The promised answer is ${long} late`, tone: "bad" };
  return { words: `${short} left`, spoken: `${long} left of the promise`, tone: left < DAY ? "warn" : "" };
}

function span(ms: number): [string, string] {
  const [count, short, long] =
    ms >= DAY
      ? [Math.floor(ms / DAY), "d", "day"]
      : ms >= HOUR
        ? [Math.floor(ms / HOUR), "h", "hour"]
        : [Math.max(1, Math.floor(ms / MINUTE)), "m", "minute"];
  return [`${count} ${short}`, `${count} ${long}${count === 1 ? "" : "s"}`];
}

/** How much of a promise is used up, in percent. */
export function promiseUsed(made: string, due: string, now = Date.now()): number {
  const all = Date.parse(due) - Date.parse(made);
  return all <= 0 ? 100 : Math.max(0, Math.min(100, Math.round(((now - Date.parse(made)) / all) * 100)));
}

/** "Friday, 4 December": as a candidate reads it, in their own zone. */
export function promisedDay(due: string): string {
  const at = new Date(due);
  const weekday = at.toLocaleDateString("en-GB", { weekday: "long" });
  return `${weekday}, ${at.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
}
