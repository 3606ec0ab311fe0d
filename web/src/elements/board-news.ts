/** What a board says of colleagues' moves, beside showing them. */
import type { AnyPayload, Person, StageView } from "../live/protocol.gen.ts";
import { faceElement } from "../lib/face-element.ts";
import { firstName, me, shortName } from "../lib/me.ts";
import { many } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import type { BoardMoves } from "./board-moves.ts";

/** Says so when somebody else moved one card, or many, to another stage. */
export function tellNews(payload: AnyPayload, moves: BoardMoves, stage: (id: string) => StageView | undefined): void {
  if (payload.type === "card") {
    const { card, verb, by, key, left } = payload;
    const into = stage(card.stage);
    // Where a move of our own is under way, the answer to it says who was first.
    if (verb !== "moved" || !by || !left || !into || moves.ours(key) || moves.pending.has(card.id)) return;
    say(by, `**${shortName(card.name)}** to ${shortName(into.name)}`, `moved-${card.id}`);
  } else if (payload.type === "cards" && !moves.ours(payload.key)) {
    const into = new Set(payload.cards.map(({ card }) => stage(card.stage)?.name ?? ""));
    const where = payload.verb === "moved" && into.size === 1 ? ` to ${shortName([...into][0]!)}` : "";
    const what = { moved: "moved", tagged: "tagged", messaged: "wrote to", assigned: "assigned" }[payload.verb];
    say(payload.by, `${many(payload.cards.length, "candidate")}${where}`, `moved-by-${payload.by.id}`, what);
  }
}

function say(by: Person, what: string, name: string, did = "moved"): void {
  if (by.id === me.id) return;
  toast(`${firstName(by.name)} ${did} ${what}`, { before: faceElement(by.id, by.colour), name });
}
