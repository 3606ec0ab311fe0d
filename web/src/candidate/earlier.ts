/** Takes from an earlier visit, in the words of the recorder: watched and decided on like a fresh one. Pure. */

import type { OwnAnswer, RecordingTicket, TakeView } from "../live/protocol.gen.ts";
import type { Limits } from "../recording/machine.ts";

export function limitsOf(answer: OwnAnswer): Limits {
  return { think: answer.question.think, longest: answer.question.longest, takesLeft: answer.takes_left };
}

/** A take from an earlier visit that was neither kept nor replaced: there is no answer yet, or one from before it. */
export function undecided(answer: OwnAnswer): TakeView | null {
  const given = answer.given_at ? Date.parse(answer.given_at) : -Infinity;
  const usable = answer.takes
    .filter((take) => take.id !== answer.accepted && Date.parse(take.created_at) > given)
    .filter(({ state, url }) => state === "ready" || state === "processing" || (state === "interrupted" && url));
  return usable.sort((a, b) => b.number - a.number)[0] ?? null;
}

/** A take that is being recorded, and not by the page that began these. */
export function runningElsewhere(answers: readonly OwnAnswer[], own: ReadonlySet<string>): TakeView | undefined {
  return answers.flatMap((answer) => answer.takes).find((take) => take.state === "recording" && !own.has(take.id));
}

/** The same, of one question: there will be something newer to decide on in a moment. */
export function runningHere(answer: OwnAnswer, own: ReadonlySet<string>): boolean {
  return runningElsewhere([answer], own) !== undefined;
}

/** A take that this page has waited for: kept on another page before this one heard that it had ended. */
export function keptAlready(answer: OwnAnswer, take: string): TakeView | null {
  return answer.takes.find((own) => own.id === take && own.id === answer.accepted) ?? null;
}

/** Enough of a ticket to look a take up and accept it; its single use is long past. */
export function ticketOf(take: TakeView): RecordingTicket {
  return {
    take: take.id,
    recording: take.recording,
    number: take.number,
    whip_url: "",
    ticket: "",
    ice_servers: [],
    longest: 0,
  };
}
