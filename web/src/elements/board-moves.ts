/**
 * The board's moves on their way: shown at once, sent until the server answers, taken back with a message when it
 * refuses.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Card, StageView } from "../live/protocol.gen.ts";
import { Failure, newKey, sentence } from "../lib/api.ts";
import { declining } from "../lib/declining.ts";
import { shortName } from "../lib/me.ts";
import { sendMove } from "../lib/moving.ts";
import type { Target } from "../lib/moves.ts";
import { alarm, toast } from "../lib/toast.ts";

interface Board extends ReactiveControllerHost {
  stage(id: string): StageView | undefined;
  /** The server's word about a card that was moved. */
  moved(card: Card, key: string): void;
  /** Something of the board is not what we thought. */
  refresh(): void;
  say(words: string): void;
}

export class BoardMoves implements ReactiveController {
  /** Moves without an answer, by card. */
  pending: ReadonlyMap<string, Target> = new Map();
  private keys = new Set<string>();

  constructor(private board: Board) {
    board.addController(this);
  }

  hostConnected(): void {
    // Nothing to begin: moves are made by people.
  }

  /** Whether an event is the echo of a move of ours. */
  ours(key: string | null): boolean {
    return key !== null && this.keys.has(key);
  }

  /** Moves a card; it stands there until it is answered, through every outage. */
  make(card: Card, target: Target): void {
    this.set(card.id, target);
    void this.bring(card, target);
  }

  private async bring(card: Card, target: Target): Promise<void> {
    const declines = target.stage !== card.stage && this.board.stage(target.stage)?.kind === "declined";
    // The card stands where it was put while the question is open, and goes back on "Cancel".
    const said = declines ? await declining(card) : { message: "" };
    if (!said) return this.settle(card.id, target);
    const key = newKey();
    this.keys.add(key);
    try {
      const wanted = () => this.pending.get(card.id) === target; // else a later move has taken this one's place
      const moved = await sendMove({ card, target, key, wanted, ...said });
      if (moved) this.board.moved(moved, key);
    } catch (error) {
      if (this.pending.get(card.id) === target) this.refuse(card, error);
    } finally {
      this.settle(card.id, target);
    }
  }

  private settle(id: string, target: Target): void {
    if (this.pending.get(id) === target) this.set(id, null);
  }

  private set(id: string, target: Target | null): void {
    const pending = new Map(this.pending);
    if (target) pending.set(id, target);
    else pending.delete(id);
    this.pending = pending;
    this.board.requestUpdate();
  }

  private refuse(card: Card, error: unknown): void {
    const code = error instanceof Failure ? error.code : "";
    const words = `**${shortName(card.name)}** is back where it was. ${sentence(error)}`;
    if (code === "moved_meanwhile") toast(sentence(error), { name: `refused-${card.id}`, stays: 12_000 });
    else alarm(words, { name: `refused-${card.id}` });
    this.board.say(`${card.name} was not moved. ${sentence(error)}`);
    if (error instanceof Failure && [404, 409].includes(error.status)) this.board.refresh();
  }
}
