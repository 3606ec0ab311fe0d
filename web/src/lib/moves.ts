/**
 * Where cards stand, with the moves that are still on their way to the server. Pure state: no DOM, no requests.
 *
 * The server orders a stage; a move that it has not answered yet is drawn over that order, and taken away again when it
 * is refused.
 */
import type { Card, StageView } from "../live/protocol.gen.ts";

export interface Target {
  stage: string;
  before: string | null;
}

/** Ranks compare as plain bytes (they are ASCII), ties by id: the same order as the server's. */
export function byRank(one: Card, other: Card): number {
  if (one.rank !== other.rank) return one.rank < other.rank ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** The cards of every stage in order; unanswered moves stand where they were put. */
export function columns(
  stages: readonly StageView[],
  cards: Iterable<Card>,
  moves: ReadonlyMap<string, Target>,
): Map<string, Card[]> {
  const result = new Map<string, Card[]>(stages.map((stage) => [stage.id, []]));
  const moving: Card[] = [];
  for (const card of cards) {
    if (moves.has(card.id)) moving.push(card);
    else result.get(card.stage)?.push(card);
  }
  for (const list of result.values()) list.sort(byRank);
  for (const card of moving) put(result, card, moves.get(card.id)!);
  return result;
}

function put(result: Map<string, Card[]>, card: Card, target: Target): void {
  const list = result.get(target.stage) ?? result.get(card.stage);
  if (!list) return;
  const at = target.before === null ? -1 : list.findIndex((other) => other.id === target.before);
  list.splice(at < 0 ? list.length : at, 0, card);
}

/** Whether a move would change nothing. */
export function stays(columnsNow: ReadonlyMap<string, readonly Card[]>, card: Card, target: Target): boolean {
  const list = columnsNow.get(target.stage) ?? [];
  const at = list.findIndex((other) => other.id === card.id);
  if (at < 0) return false;
  return target.before === card.id || (list[at + 1]?.id ?? null) === target.before;
}

/** Lower case without accents, so that "ines" finds "Inês". */
export function plainName(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
