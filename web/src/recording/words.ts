/** Words and numbers of the recorder that both its pages use. Pure. */

import type { Announcement } from "./machine.ts";
import type { Safety } from "./studio.ts";

/** Seconds as "1:24". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 0.001));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Seconds as a person would say them: "30 seconds", "2 minutes", "1 minute 30". */
export function spoken(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes === 0) return `${rest} seconds`;
  const whole = `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return rest === 0 ? whole : `${whole} ${rest}`;
}

export const ANNOUNCED: Record<Announcement, string> = {
  think_over: "The time to think is over. Are you ready? Nothing is recorded yet.",
  countdown: "Recording starts in three, two, one.",
  started: "Recording has started.",
  thirty_left: "30 seconds left.",
  time_up: "Time is up. Finish your sentence; recording stops gently in 5 seconds.",
  stopped: "Recording has stopped.",
  lost: "The network is lost. Keep talking, your answer is being saved on this device.",
  found: "The network is back.",
  kept: "Your answer is kept.",
};

export const SAFETY_WORDS: Record<Safety, string> = {
  nothing: "",
  here: "Sending",
  sending: "Sending",
  waiting: "Waiting to send",
  safe: "Sent and safe",
  partly: "Only a part of it arrived",
  gone: "This take did not arrive",
};
