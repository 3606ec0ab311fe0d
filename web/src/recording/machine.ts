/**
 * The life of one take, as a pure state machine.
 *
 * think -> ready -> countdown -> (hold) -> recording -> grace -> finishing -> review -> keeping -> kept
 *
 * `step(state, event, now)` returns the next state and the effects to carry out; it reads no clock, touches no DOM and
 * starts nothing, so that every path is tested in plain Node. `now` is any monotonic time in milliseconds, the limits
 * are seconds as the questions carry them.
 */

export type Phase =
  | "think" // reading and thinking, `until` 0 when there is no clock
  | "ready" // the clock ran out: "are you ready?"
  | "countdown" // 3-2-1; ticket and connection are being made
  | "hold" // the countdown is over, the connection is not there yet
  | "recording"
  | "grace" // time is up; a few seconds to finish the sentence
  | "finishing" // the last packets are on their way
  | "review" // the take can be watched, kept or made again
  | "keeping"
  | "kept";

export interface Limits {
  /** Seconds to think, 0: no limit. */
  think: number;
  /** Longest answer in seconds. */
  longest: number;
  /** Takes that may still be recorded, this one included. */
  takesLeft: number;
  /** Whether this device may record without a connection and send its own copy later; true when left out. */
  alone?: boolean;
}

export interface State {
  readonly phase: Phase;
  readonly limits: Limits;
  /** When this phase began and when it ends by itself (0: never). */
  readonly since: number;
  readonly until: number;
  /** The one more minute has been used. */
  readonly extended: boolean;
  /** Everything is in place to record: connected, or known that the device records alone. */
  readonly prepared: boolean;
  /** The link to the recorder, as the person should hear about it. */
  readonly link: "up" | "lost";
  /** When the red dot came on, and how long it was on. */
  readonly rolledAt: number;
  readonly recordedMs: number;
  readonly takesLeft: number;
  /** A take is on hand that was not decided on: it can be watched and kept, also instead of a later one. */
  readonly held: boolean;
  /** The "30 seconds left" was said. */
  readonly warned: boolean;
  /** Why the last try did not begin or end well; a stable code, null when all is well. */
  readonly trouble: string | null;
}

export type Event =
  | { type: "tick" }
  | { type: "begin" }
  | { type: "more" }
  | { type: "back"; sure?: boolean } // "sure": asked for by the page, not by a press
  | { type: "prepared" }
  | { type: "refused"; code: string }
  | { type: "lost" }
  | { type: "found" }
  | { type: "finish" }
  | { type: "fault"; code: string }
  | { type: "stopped"; ms: number }
  | { type: "spared" } // the take that just ended broke off: it costs none
  | { type: "watch"; ms: number } // a take on hand, this one or an earlier, instead of recording on
  | { type: "retake" }
  | { type: "keep" }
  | { type: "kept" }
  | { type: "unkept"; code: string };

/** What the machine asks for. `say` names a sentence for screen readers; the page has the words. */
export type Effect =
  | { do: "prepare" }
  | { do: "release" }
  | { do: "roll" }
  | { do: "stop" }
  | { do: "keep" }
  | { do: "say"; what: Announcement };

export type Announcement =
  "think_over" | "countdown" | "hold" | "started" | "thirty_left" | "time_up" | "stopped" | "lost" | "found" | "kept";

export const COUNTDOWN_MS = 3000;
/** "Not yet" stands where "Start now" stood: the second half of a double tap takes nothing back. */
export const DOUBLE_TAP_MS = 600;
export const HOLD_MS = 8000;
export const GRACE_MS = 5000;
export const MORE_MS = 60_000;
export const AMBER_MS = 30_000;
/** A finish in the first moment is a double click, not an answer. */
export const SHORTEST_MS = 800;

export function begin(limits: Limits, now: number): State {
  return {
    phase: "think",
    limits,
    since: now,
    until: limits.think > 0 ? now + limits.think * 1000 : 0,
    extended: false,
    prepared: false,
    link: "up",
    rolledAt: 0,
    recordedMs: 0,
    takesLeft: limits.takesLeft,
    held: false,
    warned: false,
    trouble: null,
  };
}

/** A take that was recorded before the page was opened is watched again. */
export function review(limits: Limits, recordedMs: number, now: number): State {
  return { ...begin(limits, now), phase: "review", until: 0, recordedMs, held: true };
}

export function remainingMs(state: State, now: number): number {
  return state.until === 0 ? 0 : Math.max(0, state.until - now);
}

/** Less than half a minute left, but only where half a minute is not most of the answer. */
export function isAmber(state: State, now: number): boolean {
  if (state.phase === "grace") return true;
  return state.phase === "recording" && remainingMs(state, now) <= amberFrom(state);
}

export function isLive(state: State): boolean {
  return state.phase === "recording" || state.phase === "grace";
}

export function step(state: State, event: Event, now: number): { state: State; effects: Effect[] } {
  switch (event.type) {
    case "tick":
      return tick(state, now);
    case "begin":
      if (state.phase !== "think" && state.phase !== "ready") return stay(state);
      if (state.takesLeft < 1) return stay({ ...state, trouble: "takes_used_up" });
      return to(state, "countdown", now, COUNTDOWN_MS, { prepared: false, trouble: null, link: "up", warned: false }, [
        { do: "prepare" },
        { do: "say", what: "countdown" },
      ]);
    case "more":
      if (state.extended || (state.phase !== "think" && state.phase !== "ready")) return stay(state);
      return stay({
        ...state,
        phase: "think",
        extended: true,
        since: now,
        until: Math.max(now, state.until) + MORE_MS,
      });
    case "back":
      if (state.phase !== "countdown" && state.phase !== "hold") return stay(state);
      if (!event.sure && state.phase === "countdown" && now - state.since < DOUBLE_TAP_MS) return stay(state);
      return to(state, "ready", now, 0, { prepared: false }, [{ do: "release" }]);
    case "prepared":
      if (state.phase === "countdown") return stay({ ...state, prepared: true });
      if (state.phase === "hold") return roll({ ...state, prepared: true }, now);
      return stay(state);
    case "refused":
      if (state.phase !== "countdown" && state.phase !== "hold") return stay(state);
      return to(state, "ready", now, 0, { prepared: false, trouble: event.code }, [{ do: "release" }]);
    case "lost":
      if (state.link === "lost") return stay(state);
      return stay({ ...state, link: "lost" }, isLive(state) ? [{ do: "say", what: "lost" }] : []);
    case "found":
      if (state.link === "up") return stay(state);
      return stay({ ...state, link: "up" }, isLive(state) ? [{ do: "say", what: "found" }] : []);
    case "finish":
      if (!isLive(state) || now - state.rolledAt < SHORTEST_MS) return stay(state);
      return finish(state, now, null);
    case "fault":
      return isLive(state) ? finish(state, now, event.code) : stay({ ...state, trouble: event.code });
    case "stopped":
      if (state.phase !== "finishing") return stay(state);
      return to(state, "review", now, 0, { recordedMs: event.ms, takesLeft: state.takesLeft - 1, held: true });
    case "spared":
      return stay({ ...state, takesLeft: Math.min(state.limits.takesLeft, state.takesLeft + 1) });
    case "watch":
      if (!state.held || !["think", "ready", "review"].includes(state.phase)) return stay(state);
      return to(state, "review", now, 0, { recordedMs: event.ms, trouble: null });
    case "retake":
      if (state.phase !== "review" || state.takesLeft < 1) return stay(state);
      return to(state, "ready", now, 0, { trouble: null, recordedMs: 0 });
    case "keep":
      if (state.phase !== "review") return stay(state);
      return to(state, "keeping", now, 0, { trouble: null }, [{ do: "keep" }]);
    case "kept":
      if (state.phase !== "keeping") return stay(state);
      return to(state, "kept", now, 0, { held: false }, [{ do: "say", what: "kept" }]);
    case "unkept":
      if (state.phase !== "keeping") return stay(state);
      return to(state, "review", now, 0, { trouble: event.code });
  }
}

function tick(state: State, now: number): { state: State; effects: Effect[] } {
  const over = state.until !== 0 && now >= state.until; // a tab that slept hears of the end, not of half a minute
  if (state.phase === "recording" && !over && !state.warned && remainingMs(state, now) <= amberFrom(state)) {
    return stay({ ...state, warned: true }, amberFrom(state) === AMBER_MS ? [{ do: "say", what: "thirty_left" }] : []);
  }
  if (!over) return stay(state);
  switch (state.phase) {
    case "think":
      return to(state, "ready", now, 0, {}, [{ do: "say", what: "think_over" }]);
    case "countdown":
      if (state.prepared) return roll(state, now);
      return to(state, "hold", now, HOLD_MS, {}, [{ do: "say", what: "hold" }]);
    case "hold":
      if (state.limits.alone !== false) return roll(state, now);
      return to(state, "ready", now, 0, { prepared: false, trouble: "no_connection" }, [{ do: "release" }]);
    case "recording":
      return to(state, "grace", now, GRACE_MS, {}, [{ do: "say", what: "time_up" }]);
    case "grace":
      return finish(state, now, null);
    default:
      return stay(state);
  }
}

function roll(state: State, now: number): { state: State; effects: Effect[] } {
  return to(state, "recording", now, state.limits.longest * 1000, { rolledAt: now, prepared: false }, [
    { do: "roll" },
    { do: "say", what: "started" },
  ]);
}

function finish(state: State, now: number, trouble: string | null): { state: State; effects: Effect[] } {
  return to(state, "finishing", now, 0, { recordedMs: now - state.rolledAt, trouble }, [
    { do: "stop" },
    { do: "say", what: "stopped" },
  ]);
}

function amberFrom(state: State): number {
  return Math.min(AMBER_MS, (state.limits.longest * 1000) / 3);
}

function stay(state: State, effects: Effect[] = []): { state: State; effects: Effect[] } {
  return { state, effects };
}

function to(
  state: State,
  phase: Phase,
  now: number,
  lastsMs: number,
  changes: Partial<State> = {},
  effects: Effect[] = [],
): { state: State; effects: Effect[] } {
  return { state: { ...state, ...changes, phase, since: now, until: lastsMs > 0 ? now + lastsMs : 0 }, effects };
}
