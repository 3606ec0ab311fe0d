/** Who is in a topic and who types there, as the frames tell it. No DOM, no socket. */
import type { Present, TypingPerson } from "./protocol.gen.ts";

export const TYPING_MS = 5_000;

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
