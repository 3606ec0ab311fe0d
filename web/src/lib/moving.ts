/**
 * Sends moves of cards. A move says at which version its card was seen; after a move of our own, the version that one
 * brought counts as seen, while what somebody else did meanwhile does not: the server then says who was first.
 */
import type { Card, ManyMoved } from "../live/protocol.gen.ts";
import { newKey } from "./api.ts";
import { api, shortName } from "./me.ts";
import type { Target } from "./moves.ts";
import { change, lane } from "./outbox.ts";

const ours = new Map<string, number>(); // by card: the version of our last move

export interface Move {
  card: Card;
  target: Target;
  /** The message that must be out before, when somebody is declined with words. */
  message?: string;
  key?: string;
  /** Asked when its turn comes: a later move may have taken this one's place. */
  wanted?: () => boolean;
}

/** The moved card; `undefined` when it was not wanted any more. Rejects with a refusal, of the move or its message. */
export async function sendMove({ card, target, message, key = newKey(), wanted }: Move): Promise<Card | undefined> {
  const { id, version } = card;
  const words = `**${shortName(card.name)}** was not moved.`;
  const first = message ? newKey() : null;
  const said = first
    ? change({
        lane: lane(id),
        key: first,
        method: "POST",
        path: api(`applications/${id}/messages`),
        body: { body: message },
        words: `Your message to **${shortName(card.name)}** was not sent.`,
      })
    : null;
  const move = change<Card>({
    lane: lane(id),
    key,
    method: "POST",
    path: api(`applications/${id}/moves`),
    body: () => (wanted?.() === false ? undefined : { ...target, version: Math.max(version, ours.get(id) ?? 0) }),
    words,
    ...(first ? { needs: first } : {}),
  });
  const [moved] = await Promise.all([move, said]);
  if (moved) ours.set(id, moved.version);
  return moved;
}

/** One of many cards, and where it goes. */
export interface Placed {
  card: Card;
  target: Target;
}

/** Many cards of a job, together and in this order. What somebody else had moved first is told of in the reply. */
export async function sendMoves(job: string, placed: readonly Placed[], key: string): Promise<ManyMoved | undefined> {
  const done = await change<ManyMoved>({
    lane: `cards:${job}`,
    key,
    method: "POST",
    path: api(`jobs/${job}/moves`),
    body: () => ({
      cards: placed.map(({ card: { id, version }, target }) => ({
        card: id,
        ...target,
        version: Math.max(version, ours.get(id) ?? 0),
      })),
    }),
    words: `${placed.length} candidates were not moved.`,
  });
  for (const { id, version } of done?.moved ?? []) ours.set(id, version);
  return done;
}
