/**
 * The conversation as the candidate's page holds it: what was said, what is on its way, and who types.
 *
 * A message stands in the thread the moment it is written; the echo that comes back carries the same key and takes its
 * place. Team notes never get here: they travel on topics that candidates cannot subscribe to.
 */

import { Failure, newKey, sentence } from "../lib/api.ts";
import type { MessageView, TypingPerson } from "../live/protocol.gen.ts";
import type { Place } from "./place.ts";

/** Milliseconds until what did not get through is sent again. */
const AGAIN = 4_000;

/** A message on its way: written here, not yet confirmed. */
export interface Draft {
  key: string;
  body: string;
  at: string;
  failed: string;
}

export class Conversation {
  messages: readonly MessageView[];
  drafts: readonly Draft[] = [];
  typing: readonly TypingPerson[] = [];
  online = true;
  readonly place: Place;
  readonly #changed: () => void;

  constructor(place: Place, changed: () => void) {
    this.place = place;
    this.messages = place.view.messages;
    this.#changed = changed;
  }

  /** What is known anew of the connection or of who types. */
  told(news: { online?: boolean; typing?: readonly TypingPerson[] }): void {
    Object.assign(this, news);
    this.#changed();
  }

  arrived(message: MessageView): void {
    this.drafts = this.drafts.filter((draft) => draft.key !== message.key);
    if (!this.messages.some((known) => known.id === message.id)) this.messages = [...this.messages, message];
    this.#changed();
  }

  /** The place was fetched again. */
  reread(): void {
    this.messages = this.place.view.messages;
    this.#changed();
  }

  say(body: string): void {
    void this.send({ key: newKey(), body, at: new Date().toISOString(), failed: "" });
  }

  async send(draft: Draft): Promise<void> {
    this.drafts = [...this.drafts.filter((other) => other.key !== draft.key), { ...draft, failed: "" }];
    this.#changed();
    try {
      this.arrived(await this.place.say(draft.body, draft.key));
      this.drafts = this.drafts.filter((other) => other.key !== draft.key);
    } catch (error) {
      const failed = sentence(error);
      this.drafts = this.drafts.map((other) => (other.key === draft.key ? { ...other, failed } : other));
      if (error instanceof Failure && error.passing) setTimeout(() => this.#again(draft.key), AGAIN);
    }
    this.#changed();
  }

  /** The network or the server was away: once more by itself, with the same key, so that nothing is said twice. */
  #again(key: string): void {
    const waiting = this.drafts.find((draft) => draft.key === key && draft.failed);
    if (waiting) void this.send(waiting);
  }
}
