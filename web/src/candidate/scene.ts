/** What the question's screen is drawn from, and what its parts ask of it: heading.ts, booth.ts and controls.ts. Pure. */

import type { OwnAnswer, TakeView } from "../live/protocol.gen.ts";
import type { Announcement, State } from "../recording/machine.ts";
import type { Studio } from "../recording/studio.ts";
import { ANNOUNCED, NOTHING_KEPT, RECORDERS_BUSY, RECORDER_AWAY, RECORDER_GONE } from "../recording/words.ts";
import type { Place, Way } from "./place.ts";
import type { Sending } from "./unsent.ts";

/**
 * A recording goes on that this page does not make: what was recorded before a reload, or another tab or device. Or what
 * only this device has of this question is on its way.
 */
export type Saving = "" | "saving" | "elsewhere" | "sending";

export interface Scene {
  place: Place;
  answer: OwnAnswer;
  way: Way;
  saving: Saving;
  /** What is being sent from an earlier visit, of this question or another. */
  sending: Sending | null;
  /** Our server is in reach. */
  networked: boolean;
  /** The way up is too slow for a good picture, as measured before. */
  narrow: boolean;
  /** All other questions are answered. */
  last: boolean;
  go: (way: Way) => void;
  /** An earlier take is watched again instead of the newest. */
  choose: (take: TakeView) => void;
  /** Opens "other ways". */
  more: () => void;
}

export const deciding = (state: State): boolean =>
  state.phase === "review" || state.phase === "keeping" || state.phase === "kept";

export const thinks = (state: State): boolean => state.phase === "think" || state.phase === "ready";

/** What a screen reader says of it; `networked`: our server is in reach, whatever became of the recorder. */
export function spokenOf(what: Announcement, studio: Studio | null, networked: boolean): string {
  if (what === "started" && studio && !studio.reached && networked) {
    return studio.busy ? RECORDERS_BUSY.said : RECORDER_AWAY.said;
  }
  if (what === "lost" && studio?.uncopied) return NOTHING_KEPT.said;
  return what === "lost" && networked ? RECORDER_GONE.said : ANNOUNCED[what];
}

/** The number of the take that is being recorded or watched. */
export function number(scene: Scene, studio: Studio): number {
  const { state } = studio;
  if (deciding(state) && studio.take?.ticket) return studio.take.ticket.number;
  // `takesLeft` counts the take down when it ends, not when it begins.
  const begun = deciding(state) ? 0 : 1;
  return Math.max(1, scene.answer.question.takes - state.takesLeft + begun);
}
