/** What somebody does just now, in words, and how a candidate's page tells it of us. */
import type { Card, Doing, Present } from "../live/protocol.gen.ts";
import { tellDoing } from "./live.ts";
import { me } from "./me.ts";
import { clock } from "./time.ts";

/** Which answer plays, and where in it, in seconds. */
export interface Spot {
  answer: number;
  at: number;
}

/** What I do on a candidate's page: watch the answer at `spot`, or only look. */
export function doingWith(card: Card, spot: Spot | null = null): Doing {
  if (!spot) return { view: "application", card: card.id };
  return { view: "answer", card: card.id, answer: spot.answer, at: Math.floor(spot.at) };
}

/** Tells those who look at the same candidate, or at the job's board, what I watch. */
export function tellWatching(card: Card, answer: number, at: number | null): void {
  const doing = doingWith(card, at === null ? null : { answer, at });
  tellDoing(`application:${card.id}`, doing);
  tellDoing(`job:${card.job}`, doing);
}

/** The candidate whose page or answers somebody looks at. */
export function cardOf(person: Present): string | null {
  const { state } = person;
  return state.view === "application" || state.view === "answer" ? state.card : null;
}

/** "Ade, watching answer 2 at 1:07". */
export function described(person: Present): string {
  if (person.id === me.id) return `${person.name} (you)`;
  if (person.idle) return `${person.name}, idle`;
  const { state } = person;
  switch (state.view) {
    case "answer":
      return `${person.name}, watching answer ${state.answer} at ${clock(state.at)}`;
    case "edit":
      return `${person.name}, editing the job`;
    case "recording":
      return `${person.name}, recording`;
    default:
      return person.name;
  }
}
