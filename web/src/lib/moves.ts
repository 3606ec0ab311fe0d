/**
 * Where cards stand, with the moves that are still on their way to the server. Pure state: no DOM, no requests.
 *
 * The server orders a stage; a move that it has not answered yet is drawn over that order, and taken away again when it
 * is refused.
 */
import type { Card, Column, StageView } from "../live/protocol.gen.ts";
import { byRank, loaded } from "../live/store.ts";

/** Before a card; where none is named, or it is there no more, behind another one, else at the stage's end. */
export interface Target {
  stage: string;
  before: string | null;
  after?: string | null | undefined;
}

/** The loaded cards of every stage in order; unanswered moves stand where they were put. */
export function inOrder(
  columns: readonly Column[],
  cards: Iterable<Card>,
  moves: ReadonlyMap<string, Target>,
): Map<string, Card[]> {
  const result = new Map<string, Card[]>(columns.map((column) => [column.stage, []]));
  const known = new Map(columns.map((column) => [column.stage, column]));
  const moving = new Map<string, Card>();
  for (const card of cards) {
    const column = known.get(card.stage);
    if (moves.has(card.id)) moving.set(card.id, card);
    else if (column && loaded(column, card)) result.get(card.stage)!.push(card);
  }
  for (const list of result.values()) list.sort(byRank);
  // In the order in which they were made: a later one may have been put before an earlier one.
  for (const [id, target] of moves) if (moving.has(id)) put(result, moving.get(id)!, target);
  return result;
}

function put(result: Map<string, Card[]>, card: Card, target: Target): void {
  const list = result.get(target.stage) ?? result.get(card.stage);
  if (!list) return;
  const at = target.before === null ? -1 : list.findIndex((other) => other.id === target.before);
  list.splice(at < 0 ? list.length : at, 0, card);
}

/** How many cards stand in every stage, loaded or not; unanswered moves count where they were put. */
export function counts(
  columns: readonly Column[],
  cards: Iterable<Card>,
  moves: ReadonlyMap<string, Target>,
): Map<string, number> {
  const result = new Map(columns.map((column) => [column.stage, column.count]));
  if (!moves.size) return result;
  for (const card of cards) {
    const target = moves.get(card.id);
    if (!target) continue;
    result.set(card.stage, (result.get(card.stage) ?? 0) - 1);
    result.set(target.stage, (result.get(target.stage) ?? 0) + 1);
  }
  return result;
}

/** Whether a move would change nothing. */
export function stays(columnsNow: ReadonlyMap<string, readonly Card[]>, card: Card, target: Target): boolean {
  const list = columnsNow.get(target.stage) ?? [];
  const at = list.findIndex((other) => other.id === card.id);
  if (at < 0) return false;
  return target.before === card.id || (list[at + 1]?.id ?? null) === target.before;
}

/** Where a card stands in its stage: before the next one, and behind the last before it that is not moved with it. */
export function besidesOthers(stage: string, list: readonly Card[], id: string, moved: readonly string[]): Target {
  const at = list.findIndex((other) => other.id === id);
  const after = list.findLast((other, place) => place < at && !moved.includes(other.id));
  return { stage, before: list[at + 1]?.id ?? null, after: after?.id ?? null };
}

/** Where a card stands in a list of cards by stage: before the next of its stage; where none is known, at its end. */
export function standing(cards: readonly Card[], card: Card, stageOf: (card: Card) => string): Target {
  const stage = stageOf(card);
  const at = cards.findIndex((other) => other.id === card.id);
  const among = (other: Card | undefined) => (other && stageOf(other) === stage ? other.id : null);
  return at < 0 ? { stage, before: null } : { stage, before: among(cards[at + 1]), after: among(cards[at - 1]) };
}

/** The stage after `current`; never "Declined", which stands apart. */
export function nextStage(stages: readonly StageView[], current: string): StageView | null {
  const flow = stages.filter((stage) => stage.kind !== "declined");
  const at = flow.findIndex((stage) => stage.id === current);
  return at < 0 ? null : (flow[at + 1] ?? null);
}

type Shown = ReadonlyMap<string, readonly Card[]>;

function spotOf(
  stages: readonly StageView[],
  shown: Shown,
  id: string,
): { column: number; list: readonly Card[]; at: number } | null {
  for (const [column, stage] of stages.entries()) {
    const list = shown.get(stage.id) ?? [];
    const at = list.findIndex((card) => card.id === id);
    if (at >= 0) return { column, list, at };
  }
  return null;
}

/** Where Alt and an arrow key put a card; null at the board's edge. */
export function besides(
  stages: readonly StageView[],
  shown: Shown,
  count: ReadonlyMap<string, number>,
  id: string,
  key: string,
): Target | null {
  const spot = spotOf(stages, shown, id);
  if (!spot) return null;
  const { column, list, at } = spot;
  const stage = stages[column]!.id;
  if (key === "ArrowUp") return at > 0 ? { stage, before: list[at - 1]!.id } : null;
  if (key === "ArrowDown") {
    const next = list[at + 1];
    return next ? { stage, before: list[at + 2]?.id ?? null, after: next.id } : null;
  }
  const next = stages[column + (key === "ArrowRight" ? 1 : -1)];
  if (!next) return null;
  const there = shown.get(next.id) ?? [];
  // As far down as it was; where less is loaded than that, before the last one of it.
  const before = there[at] ?? (there.length < (count.get(next.id) ?? 0) ? there.at(-1) : undefined);
  return { stage: next.id, before: before?.id ?? null };
}

/** The card that an arrow key, Home or End goes to; empty stages are stepped over. */
export function stepFrom(stages: readonly StageView[], shown: Shown, id: string, key: string): string | null {
  const spot = spotOf(stages, shown, id);
  if (!spot) return null;
  const { column, list, at } = spot;
  if (key === "ArrowUp") return list[at - 1]?.id ?? null;
  if (key === "ArrowDown") return list[at + 1]?.id ?? null;
  if (key === "Home") return list[0]!.id;
  if (key === "End") return list.at(-1)!.id;
  const by = key === "ArrowRight" ? 1 : -1;
  for (let next = column + by; next >= 0 && next < stages.length; next += by) {
    const cards = shown.get(stages[next]!.id) ?? [];
    if (cards.length) return (cards[at] ?? cards.at(-1)!).id;
  }
  return null;
}

/** Lower case without accents, so that "ines" finds "Inês". */
export function plainName(name: string): string {
  return name.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
