/**
 * `<gr-thread>`: one thread and its composer. What is sent shows at once with a clock, then a tick. Through an outage it
 * waits and is sent again by itself; what the server refused keeps its words and says why.
 */
import { html, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { TypingPerson } from "../live/protocol.gen.ts";
import { newKey, sentence } from "../lib/api.ts";
import { RestingElement } from "../lib/element.ts";
import { avatar, initialsAvatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { firstName, me, shortName } from "../lib/me.ts";
import { change, outbox } from "../lib/outbox.ts";
import { candidateFace } from "../lib/picture.ts";
import { ago, age, day, exactly } from "../lib/time.ts";
import { Ticking } from "../lib/ticking.ts";
import { LONGEST } from "../lib/placeholders.ts";
import { templatesButton } from "../lib/template-button.ts";
import { typingWords } from "../lib/typing.ts";
import { update } from "../lib/update.ts";
import { marked, partsOf, type Named } from "../lib/mentions.ts";
import { MentionList, type Colleague } from "./mention-list.ts";

/** A note or a message. `author` is a member's id, or the candidate's. */
export interface Line {
  id: string;
  key: string | null;
  author: string;
  name: string;
  colour: number;
  /** A still of the candidate, when they are the author and there is one. */
  picture?: string | null;
  body: string;
  /** Members whom it names. */
  mentions?: readonly Named[];
  at: string;
  /** It tells of something that happened, in nobody's name. */
  update?: boolean;
}

interface Unsent {
  key: string;
  body: string;
  at: string;
  /** Why the server refused it. */
  failed: string | null;
}

const GROUP = 5 * 60_000; // lines of one person within five minutes share a heading

@customElement("gr-thread")
export class Thread extends RestingElement {
  @property({ attribute: false }) lines: readonly Line[] = [];
  /** Where a line is posted; the reply is handed on as a `sent` event. */
  @property() url = "";
  /** After what else it is sent. */
  @property() lane = "";
  /** Under which name an unfinished text is kept in this tab. */
  @property() name = "";
  @property() placeholder = "";
  /** Who will read it, said right where it is written. */
  @property() audience = "";
  @property({ type: Boolean }) secret = false;
  /** Reading only: this role does not write here. */
  @property({ type: Boolean }) silent = false;
  @property({ attribute: false }) typing: readonly TypingPerson[] = [];
  /** Called at every key. */
  @property({ attribute: false }) tellTyping: () => void = () => undefined;
  /** Who can be named here; nobody where candidates read. */
  @property({ attribute: false }) colleagues: readonly Colleague[] = [];
  /** The candidate who is written to; templates are offered, filled for them. */
  @property({ attribute: false }) about: { name: string; job: string } | null = null;
  @state() private unsent: readonly Unsent[] = [];
  @state() private draft = "";
  @state() private just = new Set<string>();
  @query(".thread") private list!: HTMLElement;
  private atEnd = true;
  private unwatch: (() => void) | null = null;
  private naming = new MentionList(`naming-${Math.random().toString(36).slice(2)}`, () => this.requestUpdate());

  constructor() {
    super();
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.draft = sessionStorage.getItem(this.draftName) ?? "";
    this.unwatch = outbox.observe(() => this.unsent.length && this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unwatch?.();
  }

  private get draftName(): string {
    return `greenroom-draft:${this.name}`;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("lines")) {
      const arrived = new Set(this.lines.map((line) => line.key));
      this.unsent = this.unsent.filter((unsent) => !arrived.has(unsent.key));
    }
    if (this.list) this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 48;
  }

  protected override updated(): void {
    if (this.atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  private write(event: Event): void {
    this.draft = (event.target as HTMLTextAreaElement).value;
    sessionStorage.setItem(this.draftName, this.draft);
    if (this.draft.trim()) this.tellTyping();
    if (this.colleagues.length) this.naming.look(event.target as HTMLTextAreaElement, this.colleagues);
  }

  private key(event: KeyboardEvent): void {
    if (this.naming.key(event, event.target as HTMLTextAreaElement)) return;
    if (event.key === "Escape") this.list.focus(); // out of writing: the page's keys work again
    const finger = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || finger) return;
    event.preventDefault();
    this.submit();
  }

  private submit(event?: Event): void {
    event?.preventDefault();
    const body = marked(this.draft.trim(), this.colleagues);
    if (!body) return;
    this.draft = "";
    sessionStorage.removeItem(this.draftName);
    this.atEnd = true;
    const unsent: Unsent = { key: newKey(), body, at: new Date().toISOString(), failed: null };
    this.unsent = [...this.unsent, unsent];
    void this.post(unsent);
    this.find("textarea")?.focus();
  }

  private async post(unsent: Unsent): Promise<void> {
    this.mark(unsent.key, null);
    try {
      const line = await change<object>({
        lane: this.lane,
        key: unsent.key,
        method: "POST",
        path: this.url,
        body: { body: unsent.body },
        words: `“${shortName(unsent.body)}” was not sent.`,
      });
      this.unsent = this.unsent.filter((other) => other.key !== unsent.key);
      if (!line) return; // taken back
      this.just = new Set(this.just).add(unsent.key);
      this.dispatchEvent(new CustomEvent("sent", { detail: { ...line, key: unsent.key } }));
    } catch (error) {
      this.mark(unsent.key, sentence(error));
    }
  }

  private mark(key: string, failed: string | null): void {
    this.unsent = this.unsent.map((other) => (other.key === key ? { ...other, failed } : other));
  }

  private discard(unsent: Unsent): void {
    outbox.withdraw(unsent.key);
    this.unsent = this.unsent.filter((other) => other !== unsent);
    if (!this.draft)
      this.draft = this.spoken(unsent.body)
        .map((part) => part.text)
        .join("");
    this.find("textarea")?.focus();
  }

  protected override render() {
    const typing = this.typing.filter((person) => person.id !== me.id);
    const names = typing.map((person) => firstName(person.name));
    return html`
      <div class="thread" role="log" aria-label=${this.audience} tabindex="0">
        ${this.lines.length || this.unsent.length ? this.all() : this.blank()}
        ${
          names.length
            ? html`<div class="typing">
                ${typing[0]!.colour ? avatar(typing[0]!.id, typing[0]!.colour, "small") : initialsAvatar(typing[0]!.id, typing[0]!.name, "small")}
                <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span
                ><span class="cut">${typingWords(names)}</span>
              </div>`
            : nothing
        }
      </div>
      ${this.silent ? html`<p class="muted silent">${icon("lock")}Reviewers read here. Recruiters write.</p>` : this.composer()}
    `;
  }

  private composer() {
    return html`<form class="composer" @submit=${this.submit}>
      <textarea
        rows="2"
        maxlength=${LONGEST}
        aria-label=${this.placeholder}
        placeholder=${this.placeholder}
        aria-autocomplete=${this.colleagues.length ? "list" : nothing}
        aria-controls=${this.naming.controls}
        aria-activedescendant=${this.naming.active}
        .value=${this.draft}
        @input=${this.write}
        @keydown=${this.key}
        @blur=${() => this.naming.close()}
      ></textarea>
      ${this.naming.draw(() => this.find<HTMLTextAreaElement>("textarea")!)}
      <footer>
        <span class="audience grow"
          >${icon(this.secret ? "lock" : "eye")}<span class="cut">${this.audience}</span></span
        >
        ${this.about ? templatesButton(() => ({ area: () => this.find("textarea"), about: this.about })) : nothing}
        <button class="button primary icon" aria-label="Send" ?disabled=${!this.draft.trim()}>${icon("send")}</button>
      </footer>
    </form>`;
  }

  private blank() {
    return html`<div class="empty">
      ${icon(this.secret ? "lock" : "chat")}
      <strong>${this.secret ? "Notes for the team" : "No messages yet"}</strong>
      <span
        >${
          this.secret
            ? "What you write here, only your colleagues read."
            : "What you write here goes to the candidate, and by e-mail when they are away."
        }</span
      >
    </div>`;
  }

  private all() {
    const now = Date.now();
    const mine = { author: me.id, name: me.name, colour: me.colour };
    const rows = [
      ...this.lines.map((line) => ({ line, unsent: null })),
      ...this.unsent.map((unsent) => ({ line: { ...unsent, ...mine, id: unsent.key }, unsent })),
    ];
    return repeat(
      rows,
      ({ line }) => line.key ?? line.id,
      ({ line, unsent }, index) => this.row(line, unsent, rows[index - 1]?.line ?? null, now),
    );
  }

  private row(line: Line, unsent: Unsent | null, before: Line | null, now: number) {
    const newDay = day(line.at, now) !== (before && day(before.at, now));
    if (line.update) {
      return html`${newDay ? html`<div class="day">${day(line.at, now)}</div>` : nothing}
        <article class="update" aria-label="Update, ${ago(line.at, now)}">
          ${update(line.body, html`<time datetime=${line.at} title=${exactly(line.at)}>${age(line.at, now)}</time>`)}
        </article>`;
    }
    const follows = !newDay && before?.author === line.author && Date.parse(line.at) - Date.parse(before.at) < GROUP;
    return html`${newDay ? html`<div class="day">${day(line.at, now)}</div>` : nothing}
      <article class="message ${follows ? "follows" : ""}" aria-label="${line.name}, ${ago(line.at, now)}">
        ${
          follows
            ? nothing
            : html`${line.colour ? avatar(line.author, line.colour) : candidateFace(line.author, line.name, line.picture ?? null)}
                <header>
                  <b title=${line.name}><bdi>${line.author === me.id ? "You" : firstName(line.name)}</bdi></b>
                  <time datetime=${line.at} title=${exactly(line.at)}>${age(line.at, now)}</time>
                </header>`
        }
        <div class="bubble ${line.author === me.id ? "mine" : ""} ${unsent ? "sending" : ""}" dir="auto">
          <span class="words">${this.words(line)}</span>
        </div>
        ${this.stateOf(line, unsent)}
      </article>`;
  }

  private spoken(body: string, named: readonly Named[] = []) {
    return partsOf(body, [...named, ...this.colleagues]);
  }

  /** No blanks of the template's own between the parts: every one of them would be seen. */
  private words(line: Line) {
    return this.spoken(line.body, line.mentions).map(({ text, who }) =>
      who ? html`<bdi class="mention ${who === me.id ? "me" : ""}">${text}</bdi>` : text,
    );
  }

  private stateOf(line: Line, unsent: Unsent | null) {
    if (unsent?.failed) {
      return html`<span class="state failed" role="alert">
        ${icon("alert")}${unsent.failed}
        <button type="button" @click=${() => this.post(unsent)}>Try again</button>
        <button type="button" @click=${() => this.discard(unsent)}>Take back</button>
      </span>`;
    }
    if (unsent && outbox.failing) {
      return html`<span class="state waiting">
        ${icon("clock")}Kept. It is sent when the connection is back.
        <button type="button" @click=${() => this.discard(unsent)}>Take back</button>
      </span>`;
    }
    if (unsent) return html`<span class="state">${icon("clock")}Sending</span>`;
    const last = this.lines.at(-1);
    return line.key && this.just.has(line.key) && last?.id === line.id
      ? html`<span class="state">${icon("check")}Sent</span>`
      : nothing;
  }
}
