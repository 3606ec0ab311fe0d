/**
 * The board's moves on their way: shown at once, sent until the server answers, and for ten seconds taken back by Z.
 *
 * What the server refuses goes back with a message. When somebody else was first, it is said who did what, and the person
 * chooses between that and their own move.
 */
import type { Card, JobRow, StageView } from "../live/protocol.gen.ts";
import { Failure, newKey, sentence } from "../lib/api.ts";
import { firstName, shortName } from "../lib/me.ts";
import { asked, type Said, sendMove, sendMoves } from "../lib/moving.ts";
import type { Target } from "../lib/moves.ts";
import { outbox } from "../lib/outbox.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";

const UNDO_MS = 10_000;

interface Board {
  requestUpdate(): void;
  job(): Pick<JobRow, "id" | "title">;
  stage(id: string): StageView | undefined;
  card(id: string): Card | undefined;
  /** Make a move as a person does. */
  move(id: string, target: Target): void;
  /** The server's word about a card that was moved. */
  moved(card: Card, key: string): void;
  /** Something of the board is not what we thought; resolves when it is as it is. */
  refresh(): Promise<void>;
  /** Loads more of a stage, where not all of it is loaded. */
  more?(stage: string): Promise<void>;
  readonly selection: { choose(ids: readonly string[]): void };
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
  /** Whom it was asked for; some may stand there already. */
  chosen: readonly string[];
  until: number;
  undoes: boolean;
  /** The request's, once there is one. */
  key?: string;
  /** What goes with it, which nothing takes back once it has arrived. */
  said?: Said;
  /** It is sent whatever has become of the card since. */
  sure?: boolean;
  /** It stops this one on its way, by its key: whichever of the two comes first, the other does not count. */
  stops?: Done;
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
  make(steps: readonly Step[], chosen: readonly string[] = []): void {
    const done = { steps, chosen, until: Infinity, undoes: false };
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
    if (!last.key) {
      this.tellBack(steps);
      return this.settle(last.steps); // it is still being asked what is said: nobody was moved
    }
    const back: Done = { steps, chosen: [], until: 0, undoes: true };
    const stops = last.until === Infinity && Boolean(last.said?.message || last.said?.callOff);
    const tried = stops && outbox.withdraw(last.key);
    if (stops) Object.assign(back, { key: last.key, stops: last, sure: true });
    this.tellBack(steps, stops ? tried && fate(last, "open") : last.said?.known && "What was called off stays so");
    this.show(steps);
    void this.bring(back).then(async () => {
      const declined = steps.filter((step) => this.declines(step)).map(({ card }) => card);
      if (declined.length) await (await import("../lib/calling-off.ts")).remind(declined);
    });
  }

  private tellBack(steps: readonly Step[], more?: string | false | 0): void {
    const [first] = steps;
    const words = steps.length > 1 ? `${steps.length} candidates are` : `**${shortName(first!.card.name)}** is`;
    const place = steps.length > 1 ? "where they were" : `in ${this.name(first!.target.stage)}`;
    const told = `${words} back ${place}${more ? `. ${more}` : ""}`;
    toast(told, { name: "moved" });
    this.board.say(told.replaceAll("**", ""));
  }

  private name(stage: string): string {
    return shortName(this.board.stage(stage)?.name ?? "");
  }

  private bring(done: Done): Promise<void> {
    return done.steps.length === 1 ? this.bringOne(done, done.steps[0]!) : this.bringMany(done);
  }

  private async bringOne(done: Done, step: Step): Promise<void> {
    const { card, target } = step;
    const said = await this.said(done);
    if (!said) return;
    const key = (done.key ??= this.key());
    try {
      // Else a later move has taken this one's place.
      const wanted = () => done.sure || this.pending.get(card.id) === target;
      const moved = await sendMove({ card, target, key, wanted, ...said });
      if (moved) {
        this.board.moved(moved, key);
        this.offer(done);
        if (done.stops) this.tellBack(done.steps, fate(done.stops, "stopped"));
      } else {
        this.forget(done);
      }
      await this.land([step]);
      this.settle([step]);
    } catch (error) {
      if (done.stops && arrived(error)) return this.tooLate(done, done.stops);
      const mine = this.pending.get(card.id) === target;
      this.giveUp(done);
      done.steps = [];
      if (mine) this.refuse(step, error);
    }
  }

  /** What is said to those who are declined. The cards stand where they were put until that is answered; null: back. */
  private async said(done: Done): Promise<Said | null> {
    if (done.said) return done.said;
    const declined = done.undoes ? [] : done.steps.filter((step) => this.declines(step));
    if (!declined.length) return { message: "" };
    const cards = declined.map(({ card }) => card);
    const wanted = () => this.done.includes(done);
    const said = await asked(cards, this.board.job().title, Math.max(0, done.chosen.length - cards.length), wanted);
    if (!wanted()) return null; // taken back meanwhile
    if (!said) {
      this.giveUp(done);
      if (done.chosen.length) this.board.selection.choose(done.chosen);
      return null;
    }
    return (done.said = said);
  }

  private declines({ target, back }: Step): boolean {
    return target.stage !== back.stage && this.board.stage(target.stage)?.kind === "declined";
  }

  private async bringMany(done: Done): Promise<void> {
    const said = await this.said(done);
    if (!said) return;
    const key = (done.key ??= this.key());
    try {
      const reply = await sendMoves(this.board.job().id, done.steps, key, said);
      for (const card of reply?.moved ?? []) this.board.moved(card, key);
      for (const { card } of reply?.refused ?? []) this.board.moved(card, key);
      await this.land(done.steps);
      this.settle(done.steps);
      const late = new Map(reply?.refused.map((refusal) => [refusal.card.id, refusal.message]));
      done.steps = done.steps.filter(({ card }) => !late.has(card.id));
      this.offer(done);
      if (done.stops && done.steps.length) this.tellBack(done.steps, fate(done.stops, "stopped"));
      for (const [id, message] of late) toast(message, { name: `refused-${id}`, stays: 12_000 });
    } catch (error) {
      if (done.stops && arrived(error)) return this.tooLate(done, done.stops);
      this.giveUp(done);
      alarm(`${many(done.steps.length, "candidate")} went back. ${sentence(error)}`, { name: "refused-many" });
      void this.board.refresh();
    }
  }

  /** What was to be stopped had arrived before: it is asked for the reply that it was given, and the cards go back. */
  private async tooLate({ steps }: Done, stopped: Done): Promise<void> {
    stopped.sure = true;
    await this.bring(stopped);
    const words = stopped.steps.length && fate(stopped, "gone");
    if (words) alarm(words, { name: "gone" });
    const went = new Set(stopped.steps.map(({ card }) => card.id)); // not whom a colleague had moved first
    const back = steps.filter(({ card }) => went.has(card.id));
    this.settle(steps.filter((step) => !back.includes(step)));
    if (back.length) await this.bring({ steps: back, chosen: [], until: 0, undoes: true });
  }

  /** What stands behind the end of what is loaded is drawn where it was put until that is loaded. */
  private land(steps: readonly Step[]): Promise<unknown> {
    return Promise.all(steps.map(({ target }) => !target.before && target.after && this.board.more?.(target.stage)));
  }

  /** Something else than a move was done, and can be taken back for a while. `back` gets the key of that request. */
  offerBack(words: string, back: (key: string) => Promise<void>): void {
    const until = Date.now() + UNDO_MS;
    const done = { steps: [], chosen: [], until, undoes: false, back: () => void back(this.key()) };
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
    if (!first) return this.forget(done);
    if (!this.done.includes(done)) return;
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
      this.asking = this.asking.then(() => this.ask(card, target, error)).catch(() => alarm(sentence(error)));
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
    const { chosen } = await import("../lib/confirm.ts");
    const answer = await chosen({
      title: "Somebody was first",
      text: `${sentence(error)} You were moving ${firstName(card.name)} to ${this.name(target.stage)}.`,
      yes: `Move to ${this.name(target.stage)}`,
      no: theirs ? `Leave in ${this.name(theirs)}` : "Leave it there",
    });
    if (answer === "yes") this.board.move(card.id, target);
  }
}

/** The request that was to be stopped had been answered under the same key. */
function arrived(error: unknown): boolean {
  return error instanceof Failure && error.code === "key_reused";
}

/** What became of what nobody can take back: not known yet, gone, or stopped. */
function fate({ said, steps }: Done, how: "open" | "gone" | "stopped"): string {
  const to = steps.length === 1 ? ` to **${shortName(steps[0]!.card.name)}**` : "";
  const off = said?.known ? "What was planned is called off." : "";
  if (!said?.message) {
    return { open: "What was planned may be called off", gone: off, stopped: "Nothing was called off" }[how];
  }
  if (how === "gone") return `Your message${to} had gone before. ${off}`.trim();
  return `Your message${to} ${how === "open" ? "may have gone" : "did not go"}`;
}
