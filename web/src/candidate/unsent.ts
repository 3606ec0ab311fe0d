/**
 * Copies on this device that the server still lacks: found on every visit, and sent without being asked.
 *
 * One tab sends a copy, the others leave it alone. Nothing is sent while this page records, for the answer that is being
 * given needs the line. What the server has whole is dropped here, and only here; so is what is older than a week.
 * What was chosen becomes the answer unless another one was given since.
 */

import { Failure } from "../lib/api.ts";
import type { TakeView } from "../live/protocol.gen.ts";
import { abandoned, byUrgency, fateOf, type Manifest } from "../recording/manifest.ts";
import { shelf, unlessHeld } from "../recording/shelf.ts";
import type { Shelf } from "../recording/shelves.ts";
import type { Place } from "./place.ts";

const SOON_MS = 300;
const AGAIN_MS = 3000;
/** After the server said that there is no room, or that it was too much. */
const LATER_MS = 60_000;
/** The question is not asked any more, or they are signed out: asking again changes nothing. */
const REFUSED: ReadonlySet<string> = new Set(["not_found", "job_closed", "not_signed_in", "link_expired"]);

export interface Sending {
  question: string;
  /** 0..1; -1 while it waits for the network or for the server. */
  part: number;
  /** Why it does not go on; empty when it does. */
  trouble: string;
}

/** `kept`: the person had chosen it, and it is the answer now. */
export type Came = (question: string, take: TakeView | null, kept: boolean) => void;

export class Unsent {
  /** What is on its way; null when there is nothing. */
  sending: Sending | null = null;
  /** The question of a copy of which the server is about to say how much it has; empty when there is none. */
  waiting = "";
  /** Wait until nothing is left; a round answers those who came before it began. */
  #asked: (() => void)[] = [];
  /** Something arrived during this visit. */
  arrived = 0;
  readonly #place: Place;
  readonly #changed: () => void;
  readonly #came: Came;
  readonly #busy: () => boolean;
  #timer = 0;
  #at = Infinity;
  #working = false;
  #stopped = false;
  /** What the server had of a question when its copy was first sent during this visit. */
  readonly #before = new Map<string, ReadonlySet<string>>();
  /** Not taken during this visit. */
  readonly #refused = new Set<string>();
  #controller = new AbortController();

  constructor(options: {
    place: Place;
    changed: () => void;
    /** The server has all of a copy: it is this take now. */
    came: Came;
    busy?: () => boolean;
  }) {
    this.#place = options.place;
    this.#changed = options.changed;
    this.#came = options.came;
    this.#busy = options.busy ?? (() => false);
  }

  /** Looks soon, and again as long as there is something to do. */
  look(ms = SOON_MS): void {
    const at = performance.now() + ms;
    if (this.#stopped || at > this.#at) return;
    this.#at = at;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#round(), ms);
  }

  start(): void {
    this.#stopped = false;
    window.addEventListener("online", this.#onOnline);
    this.look(0);
  }

  stop(): void {
    this.#stopped = true;
    window.removeEventListener("online", this.#onOnline);
    window.clearTimeout(this.#timer);
    this.#at = Infinity;
  }

  /** Resolves when nothing of this place is on the device that could be sent now, or that only time can send. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.look(0);
    });
  }

  /** The line is needed for something else; what is on its way goes on when it is free again. */
  rest(): void {
    this.#controller.abort();
  }

  #onOnline = (): void => this.look();

  async #round(): Promise<void> {
    this.#at = Infinity;
    if (this.#working) return this.look(AGAIN_MS);
    this.#working = true;
    const asked = this.#asked.length;
    let left = false;
    try {
      left = await this.#all();
    } catch {
      // The device does not say: the next visit asks again.
    } finally {
      this.#working = false;
    }
    if (!left) for (const done of this.#asked.splice(0, asked)) done();
  }

  /** Sees to everything that is on the device; whether something of this place is to be seen to again. */
  async #all(): Promise<boolean> {
    const place = await shelf();
    if (!place || this.#stopped) return false;
    let left = false;
    for (const manifest of (await place.list()).sort(byUrgency)) {
      if (this.#busy()) {
        this.look(AGAIN_MS);
        return true;
      }
      if (manifest.application === this.#place.view.application) left = (await this.#see(place, manifest)) || left;
      else if (abandoned(manifest, Date.now())) await unlessHeld(manifest.id, () => place.drop(manifest.id));
    }
    return left;
  }

  async #see(shelf: Shelf, { id }: Manifest): Promise<boolean> {
    let left = false;
    const mine = await unlessHeld(id, async () => {
      const manifest = (await shelf.list()).find((other) => other.id === id);
      if (!manifest) return; // Another tab was faster.
      const fate = this.#fate(manifest);
      this.#wait(manifest.question, fate === "wait" && !manifest.sent);
      if (fate === "drop") return shelf.drop(manifest.id);
      if (this.#refused.has(manifest.id)) return;
      if (fate === "send") left = await this.#send(shelf, manifest);
      if (fate === "wait") {
        left = !manifest.sent; // What the server has every byte of needs nobody here.
        await this.#place.refresh().catch(() => undefined);
        this.look(AGAIN_MS);
      }
    });
    if (!mine) this.look(AGAIN_MS); // A page that is just being closed holds what it recorded for a moment.
    return left;
  }

  #fate(manifest: Manifest): ReturnType<typeof fateOf> {
    const answer = this.#place.answer(manifest.question);
    const take = answer?.takes.find((own) => own.id === manifest.take) ?? null;
    const given = answer?.kind === "text" ? "text" : (answer?.accepted ?? "");
    const situation = { take, answer: given, given: this.#place.given(manifest.question), closed: !answer };
    return fateOf(manifest, situation, Date.now());
  }

  /** Replies whether it has to be tried again soon. */
  async #send(shelf: Shelf, manifest: Manifest): Promise<boolean> {
    const { id, question, kind } = manifest;
    const over = manifest.over ?? "";
    if (!this.#before.has(id)) this.#before.set(id, this.#place.takesOf(question));
    const blob = await shelf.file(id);
    if (!blob) {
      await shelf.drop(id);
      return false;
    }
    const known = this.#place.answer(question)?.takes.some((own) => own.id === manifest.take);
    this.#tell({ question, part: 0, trouble: "" });
    this.#controller = new AbortController();
    try {
      const take = await this.#place.sendCopy({
        question,
        take: known ? manifest.take : "",
        kind,
        kept: manifest.kept,
        over,
        before: this.#before.get(id)!,
        blob,
        signal: this.#controller.signal,
        upload: manifest.upload,
        addressed: (upload) => void shelf.note(id, { upload }),
        progress: (part) => this.#tell({ question, part, trouble: "" }),
      });
      await shelf.note(id, { sent: true, take: take?.id ?? manifest.take });
      const kept = manifest.kept && (take === null || (await this.#accept(question, take, over)));
      this.arrived++;
      this.#tell(null);
      this.#came(question, take, kept);
      this.look(AGAIN_MS);
      return false;
    } catch (error) {
      return this.#failed(shelf, manifest, error);
    }
  }

  /** Whether it is the answer now: another one that was given since stays. */
  async #accept(question: string, take: TakeView, over: string): Promise<boolean> {
    if (this.#place.answer(question)?.accepted === take.id) return true;
    try {
      await this.#place.accept(take.id, over);
      return true;
    } catch (error) {
      if (error instanceof Failure && error.code === "answered_since") return false;
      throw error;
    }
  }

  async #failed(shelf: Shelf, manifest: Manifest, error: unknown): Promise<boolean> {
    const failure = error instanceof Failure ? error : new Failure("unavailable", "", 0);
    if (failure.code === "answers_opened" || REFUSED.has(failure.code)) {
      this.#tell(null);
      this.#refused.add(manifest.id);
      if (failure.code === "answers_opened") await shelf.drop(manifest.id);
      return false;
    }
    const passing = failure.passing || failure.code === "unavailable";
    this.#tell({ question: manifest.question, part: -1, trouble: passing ? "" : failure.message });
    this.look(passing ? AGAIN_MS : LATER_MS);
    return passing;
  }

  #wait(question: string, begins: boolean): void {
    const waiting = begins ? question : this.waiting === question ? "" : this.waiting;
    if (waiting === this.waiting) return;
    this.waiting = waiting;
    this.#changed();
  }

  #tell(sending: Sending | null): void {
    this.sending = sending;
    this.#changed();
  }
}
