/**
 * Sends moves of cards. A move says at which version its card was seen; after a move of our own, the version that one
 * brought counts as seen, while what somebody else did meanwhile does not: the server then says who was first.
 */
import type { Card, ManyMoved } from "../live/protocol.gen.ts";
import { Failure, newKey } from "./api.ts";
import { api, shortName } from "./me.ts";
import type { Target } from "./moves.ts";
import { change, lane } from "./outbox.ts";
import { alarm } from "./toast.ts";

const ours = new Map<string, number>(); // by card: the version of our last move

/** By card: words to somebody who was to be declined, and was not. They are there when it is tried again. */
export const unsent = new Map<string, string>();

/** What goes with the move of who is declined, or neither does. */
export interface Said {
  /** What they are told; "" is nothing. */
  message: string;
  /** What is planned with them does not take place. */
  callOff?: boolean;
  /** How many meetings that is, as far as they could be looked up. */
  known?: number;
}

export interface Move extends Partial<Said> {
  card: Card;
  target: Target;
  key?: string;
  /** Asked when its turn comes: a later move may have taken this one's place. */
  wanted?: () => boolean;
}

let question: Promise<unknown> = Promise.resolve();

/**
 * Asks what is said to those who are declined, after what is being asked already: null, nobody is. `others` were declined
 * before. What is not `wanted` any more, when it has come so far, is not asked.
 */
export function asked(cards: readonly Card[], job: string, others = 0, wanted = () => true): Promise<Said | null> {
  const answer = question.then(() => ask(cards, job, others, wanted));
  question = answer;
  return answer;
}

/** Its code comes when it is asked first. */
async function ask(cards: readonly Card[], job: string, others: number, wanted: () => boolean): Promise<Said | null> {
  try {
    const { declining } = await import("./declining.ts");
    return wanted() ? await declining(cards, job, others, wanted) : null;
  } catch {
    const who = cards.length === 1 ? `**${shortName(cards[0]!.name)}** was` : `${cards.length} candidates were`;
    alarm(`${who} not declined: Greenroom cannot be reached just now. Please try again.`);
    return null;
  }
}

/** The moved card; `undefined` when it was not wanted any more. Rejects with a refusal. */
export async function sendMove(move: Move): Promise<Card | undefined> {
  if (move.message || move.callOff) return sendDecline(move);
  const { card, target, key = newKey(), wanted } = move;
  const { id, version } = card;
  const words = `**${shortName(card.name)}** was not moved.`;
  const moved = await change<Card>({
    lane: lane(id),
    key,
    method: "POST",
    path: api(`applications/${id}/moves`),
    body: () => (wanted?.() === false ? undefined : { ...target, version: Math.max(version, ours.get(id) ?? 0) }),
    words,
  });
  if (moved) ours.set(id, moved.version); // before the lane's next move is asked for its version
  return moved;
}

/** What the server is told besides who goes where. */
const saying = ({ message, callOff }: Partial<Said>) => ({ text: message || null, call_off: callOff });

/** The move and its message, together. Whom a colleague has moved first is not written to. */
async function sendDecline(move: Move): Promise<Card | undefined> {
  const { card, target, message, key = newKey(), wanted } = move;
  const { id, version } = card;
  if (message) unsent.set(id, message);
  const done = await change<ManyMoved>({
    lane: lane(id),
    key,
    method: "POST",
    path: api(`jobs/${card.job}/declines`),
    body: () =>
      wanted?.() === false
        ? undefined
        : { ...saying(move), cards: [{ card: id, ...target, version: Math.max(version, ours.get(id) ?? 0) }] },
    words: `**${shortName(card.name)}** was not declined${message ? ", and your message was not sent" : ""}.`,
  });
  const late = done?.refused[0];
  if (late) throw new Failure("moved_meanwhile", late.message, 409);
  const moved = done?.moved[0];
  if (moved) {
    ours.set(id, moved.version);
    unsent.delete(id);
  }
  return moved;
}

/** One of many cards, and where it goes. */
export interface Placed {
  card: Card;
  target: Target;
}

/**
 * Many cards of a job, together and in this order; with something said, all to be declined. What somebody else had moved
 * first stays and is told of in the reply.
 */
export async function sendMoves(
  job: string,
  placed: readonly Placed[],
  key: string,
  said: Said,
): Promise<ManyMoved | undefined> {
  const { message, callOff } = said;
  const declines = message || callOff;
  if (message) for (const { card } of placed) unsent.set(card.id, message);
  const done = await change<ManyMoved>({
    lane: `cards:${job}`,
    key,
    method: "POST",
    path: api(`jobs/${job}/${declines ? "declines" : "moves"}`),
    body: () => ({
      ...(declines ? saying(said) : {}),
      cards: placed.map(({ card: { id, version }, target }) => ({
        card: id,
        ...target,
        version: Math.max(version, ours.get(id) ?? 0),
      })),
    }),
    words: `${placed.length} candidates were not ${declines ? "declined" : "moved"}.`,
  });
  for (const { id, version } of done?.moved ?? []) {
    ours.set(id, version);
    unsent.delete(id);
  }
  return done;
}
