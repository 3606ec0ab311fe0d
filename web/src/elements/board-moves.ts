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
import { sendMove, sendMoves } from "../lib/moving.ts";
import type { Target } from "../lib/moves.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";

const UNDO_MS = 10_000;

interface Board {
  requestUpdate(): void;
  job(): string;
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

/** One card's move: the card as it was seen before, where it goes, and where it stood. */
export interface Step {
  card: Card;
  target: Target;
  back: Target;
}

/** What was done at once, and can be taken back until then; `undoes`: it is itself such a way back. */
interface Done {
  steps: readonly Step[];
  until: number;
  undoes: boolean;
  /** How it is taken back, where that is not by moving cards. */
  back?: () => void;
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

  /** Moves cards, from where they stood; they stand there until they are answered, through every outage. */
  make(steps: readonly Step[]): void {
    const done = { steps, until: Infinity, undoes: false };
    this.done = [...this.done.filter((other) => other.until > Date.now()), done];
    this.show(steps);
    void this.bring(done);
  }

  /** Takes the last move back. Somebody else's move of that card since then is not undone with it: they were first. */
  undo(): void {
    const last = this.done.findLast((done) => done.until > Date.now());
    if (!last) return this.board.say("There is nothing to undo.");
    this.forget(last);
    if (last.back) return last.back();
    // Backwards, so that each finds the neighbour that it had.
    const steps = last.steps.map(({ card, target, back }) => ({ card, target: back, back: target })).reverse();
    const [first] = steps;
    const words = steps.length > 1 ? `${steps.length} candidates are` : `**${shortName(first!.card.name)}** is`;
    const place = steps.length > 1 ? "where they were" : `in ${this.name(first!.target.stage)}`;
    toast(`${words} back ${place}`, { name: "moved" });
    this.board.say(`${words.replaceAll("**", "")} back ${place}`);
    this.show(steps);
    void this.bring({ steps, until: 0, undoes: true });
  }

  private name(stage: string): string {
    return shortName(this.board.stage(stage)?.name ?? "");
  }

  private bring(done: Done): Promise<void> {
    return done.steps.length === 1 ? this.bringOne(done, done.steps[0]!) : this.bringMany(done);
  }

  private async bringOne(done: Done, step: Step): Promise<void> {
    const { card, target, back } = step;
    const declines = target.stage !== back.stage && this.board.stage(target.stage)?.kind === "declined";
    // The card stands where it was put while the question is open, and goes back on "Cancel".
    const said = declines && !done.undoes ? await declining(card) : { message: "" };
    if (!said) return this.giveUp(done);
    const key = this.key();
    try {
      const wanted = () => this.pending.get(card.id) === target; // else a later move has taken this one's place
      const moved = await sendMove({ card, target, key, wanted, ...said });
      if (moved) {
        this.board.moved(moved, key);
        this.offer(done);
      } else {
        this.forget(done);
      }
      this.settle([step]);
    } catch (error) {
      const mine = this.pending.get(card.id) === target;
      this.giveUp(done);
      if (mine) this.refuse(step, error);
    }
  }

  private async bringMany(done: Done): Promise<void> {
    const key = this.key();
    try {
      const reply = await sendMoves(this.board.job(), done.steps, key);
      for (const card of reply?.moved ?? []) this.board.moved(card, key);
      for (const { card } of reply?.refused ?? []) this.board.moved(card, key);
      this.settle(done.steps);
      const late = new Map(reply?.refused.map((refusal) => [refusal.card.id, refusal.message]));
      done.steps = done.steps.filter(({ card }) => !late.has(card.id));
      this.offer(done);
      for (const [id, message] of late) toast(message, { name: `refused-${id}`, stays: 12_000 });
    } catch (error) {
      this.giveUp(done);
      alarm(`${many(done.steps.length, "candidate")} went back. ${sentence(error)}`, { name: "refused-many" });
      void this.board.refresh();
    }
  }

  /** Something else than a move was done, and can be taken back for a while. `back` gets the key of that request. */
  offerBack(words: string, back: (key: string) => Promise<void>): void {
    const until = Date.now() + UNDO_MS;
    const done = { steps: [], until, undoes: false, back: () => void back(this.key()) };
    this.done = [...this.done.filter((other) => other.until > Date.now()), done];
    const action = { label: "Undo", key: "Z", run: () => this.undo() };
    toast(words, { name: "moved", stays: UNDO_MS, action });
  }

  /** A key for a request, whose echo is ours. */
  key(): string {
    const key = newKey();
    this.keys.add(key);
    return key;
  }

  private giveUp(done: Done): void {
    this.forget(done);
    this.settle(done.steps);
  }

  private forget(done: Done): void {
    this.done = this.done.filter((other) => other !== done);
  }

  /** From now on the move can be taken back for a while, and the page says so. */
  private offer(done: Done): void {
    const [first, more] = done.steps;
    if (!first || !this.done.includes(done)) return;
    done.until = Date.now() + UNDO_MS;
    if (first.target.stage === first.back.stage && !more) return;
    const who = more ? many(done.steps.length, "candidate") : `**${shortName(first.card.name)}**`;
    toast(`Moved ${who} to ${this.name(first.target.stage)}`, {
      name: "moved",
      stays: UNDO_MS,
      action: { label: "Undo", key: "Z", run: () => this.undo() },
    });
  }

  private show(steps: readonly Step[]): void {
    const pending = new Map(this.pending);
    for (const { card, target } of steps) {
      pending.delete(card.id); // the last one made comes last
      pending.set(card.id, target);
    }
    this.set(pending);
  }

  private settle(steps: readonly Step[]): void {
    const pending = new Map(this.pending);
    for (const { card, target } of steps) if (pending.get(card.id) === target) pending.delete(card.id);
    this.set(pending);
  }

  private set(pending: ReadonlyMap<string, Target>): void {
    this.pending = pending;
    this.board.requestUpdate();
  }

  private refuse({ card, target }: Step, error: unknown): void {
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
