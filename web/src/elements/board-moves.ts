/**
 * The board's moves on their way: shown at once, sent until the server answers, and for ten seconds taken back by Z.
 *
 * What the server refuses goes back with a message. When somebody else was first, it is said who did what, and the person
 * chooses between that and their own move.
 */
import type { Card, StageView } from "../live/protocol.gen.ts";
import { Failure, newKey, sentence } from "../lib/api.ts";
import { chosen } from "../lib/confirm.ts";
import { declining } from "../lib/declining.ts";
import { firstName, shortName } from "../lib/me.ts";
import { sendMove } from "../lib/moving.ts";
import type { Target } from "../lib/moves.ts";
import { alarm, toast } from "../lib/toast.ts";

const UNDO_MS = 10_000;

interface Board {
  requestUpdate(): void;
  stage(id: string): StageView | undefined;
  card(id: string): Card | undefined;
  /** Make a move as a person does. */
  move(id: string, target: Target): void;
  /** The server's word about a card that was moved. */
  moved(card: Card, key: string): void;
  /** Something of the board is not what we thought; resolves when it is as it is. */
  refresh(): Promise<void>;
  say(words: string): void;
}

/** A move that can be taken back: the card as it was seen before, and where it stood. */
interface Done {
  card: Card;
  back: Target;
  target: Target;
  until: number;
}

export class BoardMoves {
  /** Moves without an answer, by card. */
  pending: ReadonlyMap<string, Target> = new Map();
  private keys = new Set<string>();
  private done: Done[] = [];
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private board: Board) {}

  /** Whether an event is the echo of a move of ours. */
  ours(key: string | null): boolean {
    return key !== null && this.keys.has(key);
  }

  /** Moves a card, from where it stood; it stands there until it is answered, through every outage. */
  make(card: Card, target: Target, back: Target): void {
    this.set(card.id, target);
    const done = { card, back, target, until: Infinity };
    this.done = [...this.done.filter((other) => other.until > Date.now()), done];
    void this.bring(done);
  }

  /** Takes the last move back. Somebody else's move of that card since then is not undone with it: they were first. */
  undo(): void {
    const last = this.done.findLast((done) => done.until > Date.now());
    if (!last) return this.board.say("There is nothing to undo.");
    this.forget(last);
    const { card, back } = last;
    this.set(card.id, back);
    this.board.say(`${card.name} goes back to ${this.name(back.stage)}`);
    toast(`**${shortName(card.name)}** is back in ${this.name(back.stage)}`, { name: "moved" });
    void this.bring({ card, back: last.target, target: back, until: 0 });
  }

  private name(stage: string): string {
    return shortName(this.board.stage(stage)?.name ?? "");
  }

  private async bring(done: Done): Promise<void> {
    const { card, target, back } = done;
    const declines = target.stage !== back.stage && this.board.stage(target.stage)?.kind === "declined";
    // The card stands where it was put while the question is open, and goes back on "Cancel".
    const said = declines && done.until ? await declining(card) : { message: "" };
    if (!said) return this.giveUp(done);
    const key = newKey();
    this.keys.add(key);
    try {
      const wanted = () => this.pending.get(card.id) === target; // else a later move has taken this one's place
      const moved = await sendMove({ card, target, key, wanted, ...said });
      if (moved) {
        this.board.moved(moved, key);
        this.offer(done);
      } else {
        this.forget(done);
      }
      this.settle(card.id, target);
    } catch (error) {
      const mine = this.pending.get(card.id) === target;
      this.giveUp(done);
      if (mine) this.refuse(done, error);
    }
  }

  private giveUp(done: Done): void {
    this.forget(done);
    this.settle(done.card.id, done.target);
  }

  private forget(done: Done): void {
    this.done = this.done.filter((other) => other !== done);
  }

  /** From now on the move can be taken back for a while, and the page says so. */
  private offer(done: Done): void {
    if (!this.done.includes(done)) return;
    done.until = Date.now() + UNDO_MS;
    if (done.target.stage === done.back.stage) return;
    toast(`Moved **${shortName(done.card.name)}** to ${this.name(done.target.stage)}`, {
      name: "moved",
      stays: UNDO_MS,
      action: { label: "Undo", key: "Z", run: () => this.undo() },
    });
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

  private refuse({ card, target }: Done, error: unknown): void {
    this.board.say(`${card.name} was not moved. ${sentence(error)}`);
    if (error instanceof Failure && error.code === "moved_meanwhile") {
      this.asking = this.asking.then(() => this.ask(card, target, error));
      return;
    }
    alarm(`**${shortName(card.name)}** is back where it was. ${sentence(error)}`, { name: `refused-${card.id}` });
    if (error instanceof Failure && [404, 409].includes(error.status)) void this.board.refresh();
  }

  /** Theirs or mine. */
  private async ask(card: Card, target: Target, error: Failure): Promise<void> {
    await this.board.refresh();
    const theirs = this.board.card(card.id)?.stage;
    if (theirs === target.stage) return void toast(sentence(error), { name: `refused-${card.id}` });
    const answer = await chosen({
      title: "Somebody was first",
      text: `${sentence(error)} You were moving ${firstName(card.name)} to ${this.name(target.stage)}.`,
      yes: `Move to ${this.name(target.stage)}`,
      no: theirs ? `Leave in ${this.name(theirs)}` : "Leave it there",
    });
    if (answer === "yes") this.board.move(card.id, target);
  }
}
