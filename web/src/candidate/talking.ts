/**
 * `<gr-talking>`: the conversation with the team, and where the candidate writes.
 *
 * Properties: `conversation`, `tellTyping` (called at every key). Ask for an update when the conversation changed.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { avatar } from "../lib/faces.ts";
import { day, exactly, timeOfDay } from "../lib/time.ts";
import { typingWords } from "../lib/typing.ts";
import { update } from "../lib/update.ts";
import type { MessageView } from "../live/protocol.gen.ts";
import type { Conversation, Draft } from "./conversation.ts";
import { session } from "./remembered.ts";

const TALLEST = 180; // pixels that the field grows to

@customElement("gr-talking")
export class TalkingElement extends LightElement {
  @property({ attribute: false }) conversation!: Conversation;
  @property({ attribute: false }) tellTyping!: () => void;
  #seen = 0;

  get #field(): HTMLTextAreaElement | null {
    return this.querySelector("#say");
  }

  /** Under which name an unfinished message is kept in this tab. */
  get #draftName(): string {
    return `message.${this.conversation.place.view.application}`;
  }

  /** Takes the cursor to where they write. */
  write(): void {
    this.#field?.focus();
  }

  #compose(event: Event): void {
    event.preventDefault();
    const field = this.#field;
    const body = field?.value.trim() ?? "";
    if (!field || body === "") return;
    field.value = "";
    this.#grow(field);
    session.set(this.#draftName, "");
    this.conversation.say(body);
  }

  #typed(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    this.#grow(field);
    session.set(this.#draftName, field.value);
    if (field.value) this.tellTyping();
  }

  #grow(field: HTMLTextAreaElement): void {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight, TALLEST)}px`);
  }

  #key(event: KeyboardEvent): void {
    // Enter sends where there is a keyboard; on a phone it makes a new line.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches)
      this.#compose(event);
  }

  protected override firstUpdated(): void {
    const field = this.#field;
    if (!field) return;
    field.value = session.get(this.#draftName);
    this.#grow(field);
  }

  protected override updated(): void {
    const count = this.conversation.messages.length + this.conversation.drafts.length;
    if (count === this.#seen) return;
    this.#seen = count;
    const roll = this.querySelector<HTMLElement>(".roll");
    roll?.scrollTo({ top: roll.scrollHeight });
  }

  protected override render(): TemplateResult {
    const team = this.conversation.place.view.job.workspace_name;
    return html`<section class="talking" id="talk" aria-labelledby="talk-title">
      <header>
        <div class="grow">
          <h2 id="talk-title">You and ${team}</h2>
          <small>Everybody of the hiring team can read and answer here</small>
        </div>
      </header>
      <div class="roll" tabindex="0" role="log" aria-label="Messages">
        <div class="thread">${this.#messages()}</div>
      </div>
      ${
        this.conversation.online
          ? nothing
          : html`<p class="notice info thin" role="status">
              ${icon("offline")}<span>Reconnecting. What you write is kept and sent.</span>
            </p>`
      }
      <p class="typing" role="status">${this.#typing()}</p>
      <div class="writing">
        <form class="composer" @submit=${(event: Event) => this.#compose(event)}>
          <label class="sr" for="say">Message to ${team}</label>
          <textarea
            id="say"
            rows="1"
            maxlength="10000"
            placeholder="Write to ${team}"
            @input=${(event: Event) => this.#typed(event)}
            @keydown=${(event: KeyboardEvent) => this.#key(event)}
          ></textarea>
          <footer>
            <span class="grow hint">Read by the hiring team of ${team}</span>
            <button class="button quiet icon" aria-label="Send">${icon("send")}</button>
          </footer>
        </form>
      </div>
    </section>`;
  }

  #messages(): TemplateResult {
    const all = [...this.conversation.messages];
    if (all.length === 0 && this.conversation.drafts.length === 0) {
      return html`<div class="hello">
        <span class="seal">${icon("chat")}</span>
        <p class="title">Hello ${this.conversation.place.view.name.split(/\s+/)[0]}</p>
        <p>
          Questions about the job, the dates, or how this works? Ask here. It is the same conversation until the very
          end.
        </p>
      </div>`;
    }
    return html`${repeat(
      all,
      (message) => message.id,
      (message, at) => {
        const before = all[at - 1];
        const newDay = !before || day(before.created_at) !== day(message.created_at);
        return html`${newDay ? html`<p class="day"><span>${day(message.created_at)}</span></p>` : nothing}${this.#message(message)}`;
      },
    )}
    ${this.conversation.drafts.map((draft) => this.#draft(draft))}`;
  }

  #message(message: MessageView): TemplateResult {
    const time = html`<time datetime=${message.created_at} title=${exactly(message.created_at)}
      >${timeOfDay(message.created_at)}</time
    >`;
    if (message.about) {
      return html`<div class="update">${update(message.body, html`${message.author_name}, ${time}`)}</div>`;
    }
    if (!message.author) {
      return html`<div class="message mine">
        <header><span class="sr">You</span>${time}</header>
        <div class="bubble">${message.body}</div>
      </div>`;
    }
    return html`<div class="message">
      ${avatar(message.author.id, message.author.colour)}
      <header><b>${message.author_name}</b>${time}</header>
      <div class="bubble">${message.body}</div>
    </div>`;
  }

  #draft(draft: Draft): TemplateResult {
    return html`<div class="message mine ${draft.failed ? "" : "pending"}">
      <header><span class="sr">You</span><time>${timeOfDay(draft.at)}</time></header>
      <div class="bubble">${draft.body}</div>
      ${
        draft.failed
          ? html`<span class="receipted bad" role="alert"
              >${icon("alert")}Not sent. ${draft.failed}
              <button type="button" class="textlink" @click=${() => void this.conversation.send(draft)}>
                Try again
              </button></span
            >`
          : html`<span class="receipted">${icon("clock")}Sending</span>`
      }
    </div>`;
  }

  #typing(): TemplateResult | typeof nothing {
    const names = this.conversation.typing.map((person) => person.name);
    if (names.length === 0) return nothing;
    return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${typingWords(names)}`;
  }
}
