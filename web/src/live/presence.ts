/** Who is in a topic and who types there, as the frames tell it. No DOM, no socket. */
import type { Dragging, Present, TypingPerson } from "./protocol.gen.ts";

export const TYPING_MS = 5_000;
export const GESTURE_MS = 3_000;
const LATE_MS = 300; // what arrives so soon after an end was overtaken by it

/** The people of one topic: each once, those who came first in front. */
export class People {
  private byId = new Map<string, Present>();
  known = false;

  list(): Present[] {
    return [...this.byId.values()].sort((one, other) => one.since - other.since || (one.id < other.id ? -1 : 1));
  }

  replace(people: readonly Present[]): void {
    this.known = true;
    this.byId = new Map(people.map((person) => [person.id, person]));
  }

  change(joined: readonly Present[], left: readonly string[]): void {
    for (const person of joined) this.byId.set(person.id, person);
    for (const id of left) this.byId.delete(id);
  }
}

/** Who types just now; each is forgotten 5 s after the last sign. `changed` is called whenever the list changes. */
export class Typists {
  private people = new Map<string, { person: TypingPerson; timer: ReturnType<typeof setTimeout> }>();

  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  list(): TypingPerson[] {
    return [...this.people.values()].map(({ person }) => person);
  }

  add(person: TypingPerson): void {
    const known = this.people.get(person.id);
    clearTimeout(known?.timer);
    this.people.set(person.id, { person, timer: setTimeout(() => this.stop(person.id), TYPING_MS) });
    if (!known) this.changed();
  }

  stop(id: string): void {
    clearTimeout(this.people.get(id)?.timer);
    if (this.people.delete(id)) this.changed();
  }

  /** Forget everybody, without a word. */
  clear(): void {
    for (const { timer } of this.people.values()) clearTimeout(timer);
    this.people.clear();
  }
}

/** A hand and what it does just now. */
export interface Hand {
  person: TypingPerson;
  gesture: Dragging;
}

/** What hands do just now; each is forgotten 3 s after its last sign. `changed` is called at every sign. */
export class Hands {
  private hands = new Map<string, Hand & { timer: ReturnType<typeof setTimeout> }>();
  private ended = new Map<string, number>();
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  list(): Hand[] {
    return [...this.hands.values()];
  }

  take(person: TypingPerson, gesture: Dragging | null): void {
    if (!gesture) {
      this.ended.set(person.id, Date.now());
      return this.stop(person.id);
    }
    if (Date.now() - (this.ended.get(person.id) ?? 0) < LATE_MS) return;
    clearTimeout(this.hands.get(person.id)?.timer);
    this.hands.set(person.id, { person, gesture, timer: setTimeout(() => this.stop(person.id), GESTURE_MS) });
    this.changed();
  }

  stop(id: string): void {
    clearTimeout(this.hands.get(id)?.timer);
    if (this.hands.delete(id)) this.changed();
  }

  /** Forget everybody; true when there was anybody. */
  clear(): boolean {
    for (const { timer } of this.hands.values()) clearTimeout(timer);
    const any = this.hands.size > 0;
    this.hands.clear();
    return any;
  }
}
