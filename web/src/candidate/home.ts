/**
 * `<gr-home>`: the candidate's own place. The conversation with the team, what happens next, and their own answers.
 *
 * A message stands in the thread the moment it is written; the echo that comes back carries the same key and takes its
 * place. Team notes never reach this page: they travel on topics it cannot subscribe to.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../lib/icons.ts";
import { Failure, newKey, sentence } from "../lib/api.ts";
import { avatar } from "../lib/faces.ts";
import { day, exactly, timeOfDay } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import type { MessageView, OwnAnswer, TypingPerson } from "../live/protocol.gen.ts";
import "../recording/playback.ts";
import { follow, type Following } from "./live.ts";
import { Place, session } from "./place.ts";
import { summary, thumbnail } from "./receipt.ts";

/** Milliseconds until what did not get through is sent again. */
const AGAIN = 4_000;

/** Stages in the words that candidates read; the server never sends a decision's. */
const WATCHING = "The team is watching";
const FURTHER: ReadonlySet<string> = new Set(["In conversation", "Interview"]);

type Tab = "talk" | "next" | "answers";

/** A message on its way: written here, not yet confirmed. */
interface Draft {
  key: string;
  body: string;
  at: string;
  failed: string;
}

export class HomeElement extends LitElement {
  static override properties = {
    _messages: { state: true },
    _drafts: { state: true },
    _typing: { state: true },
    _tab: { state: true },
    _watching: { state: true },
    _copied: { state: true },
    _online: { state: true },
  };
  declare _messages: readonly MessageView[];
  declare _drafts: readonly Draft[];
  declare _typing: readonly TypingPerson[];
  declare _tab: Tab;
  declare _watching: string;
  declare _copied: string;
  declare _online: boolean;
  readonly place = new Place();
  #following: Following | null = null;
  #seen = 0;

  constructor() {
    super();
    this._messages = this.place.view.messages;
    this._drafts = [];
    this._typing = [];
    this._tab = location.hash === "#answers" ? "answers" : location.hash === "#next" ? "next" : "talk";
    this._watching = this._copied = "";
    this._online = true;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#following = follow(this.place, {
      message: (message) => this.#arrived(message),
      typing: (people) => (this._typing = people),
      online: (online) => (this._online = online),
      fresh: () => (this._messages = this.place.view.messages),
      take: () => void this.#refresh(),
      place: () => void this.#refresh(),
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#following?.stop();
  }

  async #refresh(): Promise<void> {
    try {
      await this.place.refresh();
      this._messages = this.place.view.messages;
      this.requestUpdate();
    } catch {
      // What is on the page stays; the live connection says when there is more.
    }
  }

  #arrived(message: MessageView): void {
    this._drafts = this._drafts.filter((draft) => draft.key !== message.key);
    if (message.author) this.#following?.stoppedTyping(message.author.id);
    if (this._messages.some((known) => known.id === message.id)) return;
    this._messages = [...this._messages, message];
  }

  async #send(draft: Draft): Promise<void> {
    this._drafts = [...this._drafts.filter((other) => other.key !== draft.key), { ...draft, failed: "" }];
    try {
      this.#arrived(await this.place.say(draft.body, draft.key));
      this._drafts = this._drafts.filter((other) => other.key !== draft.key);
    } catch (error) {
      const failed = sentence(error);
      this._drafts = this._drafts.map((other) => (other.key === draft.key ? { ...other, failed } : other));
      if (error instanceof Failure && error.passing) setTimeout(() => this.#again(draft.key), AGAIN);
    }
  }

  /** The network or the server was away: once more by itself, with the same key, so that nothing is said twice. */
  #again(key: string): void {
    const waiting = this._drafts.find((draft) => draft.key === key && draft.failed);
    if (waiting && this.isConnected) void this.#send(waiting);
  }

  #compose(event: Event): void {
    event.preventDefault();
    const field = this.querySelector<HTMLTextAreaElement>("#say");
    const body = field?.value.trim() ?? "";
    if (!field || body === "") return;
    field.value = "";
    this.#grow(field);
    session.set(`message.${this.place.view.application}`, "");
    void this.#send({ key: newKey(), body, at: new Date().toISOString(), failed: "" });
  }

  #typed(event: Event): void {
    const field = event.target as HTMLTextAreaElement;
    this.#grow(field);
    session.set(`message.${this.place.view.application}`, field.value);
    if (field.value) this.#following?.typing();
  }

  #grow(field: HTMLTextAreaElement): void {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${Math.min(field.scrollHeight, 180)}px`);
  }

  #key(event: KeyboardEvent): void {
    // Enter sends where there is a keyboard; on a phone it makes a new line.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches)
      this.#compose(event);
  }

  async #keepLink(): Promise<void> {
    try {
      const url = await this.place.link();
      this._copied = url;
      await navigator.clipboard.writeText(url);
      toast("Your personal link is copied. Keep it somewhere safe.");
    } catch (error) {
      if (!this._copied) toast(sentence(error), { tone: "error" });
    }
  }

  #show(tab: Tab): void {
    this._tab = tab;
  }

  protected override firstUpdated(): void {
    const field = this.querySelector<HTMLTextAreaElement>("#say");
    if (!field) return;
    field.value = session.get(`message.${this.place.view.application}`);
    this.#grow(field);
  }

  protected override updated(): void {
    const count = this._messages.length + this._drafts.length;
    if (count === this.#seen) return;
    this.#seen = count;
    const roll = this.querySelector<HTMLElement>(".roll");
    roll?.scrollTo({ top: roll.scrollHeight });
  }

  get #todo(): OwnAnswer | null {
    return this.place.submitted ? null : this.place.open();
  }

  protected override render(): TemplateResult {
    return html`<div class="place" data-tab=${this._tab}>
      <div class="glance only-narrow">
        ${this.#nextStep()}
        <div class="tabs segment" role="group" aria-label="Your page">
          ${(["talk", "next", "answers"] as const).map(
            (tab) =>
              html`<button
                type="button"
                aria-pressed=${this._tab === tab ? "true" : "false"}
                @click=${() => this.#show(tab)}
              >
                ${tab === "talk" ? "Talk" : tab === "next" ? "Next" : "Answers"}
              </button>`,
          )}
        </div>
      </div>
      ${this.#talking()}
      <aside class="rail" aria-label="Your application">
        <section class="card" id="next">
          <h2>What happens next</h2>
          <div class="only-wide">${this.#nextStep()}</div>
          ${this.#road()}
        </section>
        <section class="card" id="answers">
          <h2>My answers</h2>
          ${this.#answers()}
        </section>
        <section class="card" id="keep">
          <h2>Keep this page</h2>
          <p class="hint">
            No account, no password: your personal link is the key. It is in the e-mail to ${this.place.view.email}.
          </p>
          <button type="button" class="button" @click=${() => void this.#keepLink()}>
            ${icon("link")}Copy my personal link
          </button>
          ${this._copied ? html`<input class="input" readonly aria-label="Your personal link" .value=${this._copied} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />` : nothing}
        </section>
      </aside>
    </div>`;
  }

  #nextStep(): TemplateResult {
    const { base, view } = this.place;
    const todo = this.#todo;
    if (todo) {
      const left = view.answers.filter((answer) => answer.kind === null).length;
      return html`<div class="promise turn">
        ${icon("flag")}
        <div>
          <b>${left === view.answers.length ? "Your turn: the questions" : `Your turn: ${left} to go`}</b>
          <p>About ${view.job.minutes} minutes in all, when it suits you.</p>
        </div>
        <a class="button primary" href="${base}/check">${left === view.answers.length ? "Begin" : "Go on"}</a>
      </div>`;
    }
    if (!this.place.submitted) {
      return html`<div class="promise turn">
        ${icon("flag")}
        <div>
          <b>Everything is answered</b>
          <p>Send it, and the team can watch.</p>
        </div>
        <a class="button primary" href="${base}/record">Send</a>
      </div>`;
    }
    return html`<div class="promise">
      ${icon("check")}
      <div>
        <b>The team has your answers</b>
        <p>They write to you here and by e-mail, whatever the answer is.</p>
      </div>
    </div>`;
  }

  #road(): TemplateResult {
    const { view } = this.place;
    const sent = this.place.submitted;
    const answered = view.answers.filter((answer) => answer.kind !== null).length;
    const heard = this._messages.some((message) => message.author);
    const on = FURTHER.has(view.stage);
    const note = view.stage === "Interview" || (heard && on) ? view.stage : "";
    const step = (mark: "ok" | "on" | "next", n: number, title: string, note: string): TemplateResult =>
      html`<li>
        <span class="n ${mark}">${mark === "ok" ? icon("check") : mark === "on" ? icon("flag") : n}</span>
        <h3>${title} ${note ? html`<span>${note}</span>` : nothing}</h3>
      </li>`;
    return html`<ol class="road">
      ${step("ok", 1, "You applied", "")}
      ${step(sent ? "ok" : "on", 2, view.answers.length === 1 ? "One answer" : `${view.answers.length} answers`, sent ? (view.submitted_at ? day(view.submitted_at) : "") : `${answered} of ${view.answers.length} kept`)}
      ${
        sent && on
          ? step("ok", 3, "The team has your answers", "")
          : step(
              sent ? "on" : "next",
              3,
              "A person watches every answer",
              sent && view.stage === WATCHING ? view.stage : "",
            )
      }
      ${step(on ? "on" : "next", 4, "You hear from the team", note)}
    </ol>`;
  }

  #answers(): TemplateResult {
    return html`<ul class="got">
      ${this.place.view.answers.map((answer) => this.#answer(answer))}
    </ul>`;
  }

  #answer(answer: OwnAnswer): TemplateResult {
    const { question } = answer;
    const take = answer.takes.find((own) => own.id === answer.accepted);
    const open = this._watching === question.id;
    const what = answer.kind === "text" ? "Read" : "Watch";
    return html`<li class=${open ? "open" : ""}>
      ${thumbnail(answer)}
      <span class="grow">${question.text}<small>${summary(answer)}</small></span>
      ${
        answer.kind === null
          ? html`<a class="button quiet icon" href="${this.place.base}/check" aria-label="Answer: ${question.text}"
              >${icon("right")}</a
            >`
          : html`<button
              type="button"
              class="button quiet icon"
              aria-expanded=${open ? "true" : "false"}
              aria-label="${what}: ${question.text}"
              @click=${() => (this._watching = open ? "" : question.id)}
            >
              ${icon(open ? "up" : answer.kind === "text" ? "file" : "play")}
            </button>`
      }
      ${
        open
          ? html`<div class="shown">
              ${
                answer.kind === "text"
                  ? html`<p class="written-answer">${answer.text}</p>`
                  : take?.url
                    ? html`<gr-playback
                          .src=${take.url}
                          .ms=${take.duration_ms}
                          .sound=${take.kind === "audio" || take.mime.startsWith("audio/")}
                          label="Your answer"
                        ></gr-playback>
                        <a class="button quiet" href=${take.url} download>${icon("download")}Save a copy</a>`
                    : html`<p class="hint">It is being made ready. Look again in a moment.</p>`
              }
              ${
                this.place.submitted
                  ? nothing
                  : html`<a class="button quiet" href="${this.place.base}/record?question=${question.id}"
                      >${icon("again")}Answer it again</a
                    >`
              }
            </div>`
          : nothing
      }
    </li>`;
  }

  #talking(): TemplateResult {
    const team = this.place.view.job.workspace_name;
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
      ${this._online ? nothing : html`<p class="notice info thin" role="status">${icon("offline")}<span>Reconnecting. What you write is kept and sent.</span></p>`}
      <p class="typing" role="status">${this.#typingLine()}</p>
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
    const all = [...this._messages];
    if (all.length === 0 && this._drafts.length === 0) {
      return html`<div class="hello">
        <span class="seal">${icon("chat")}</span>
        <p class="title">Hello ${this.place.view.name.split(/\s+/)[0]}</p>
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
    ${this._drafts.map((draft) => this.#draft(draft))}`;
  }

  #message(message: MessageView): TemplateResult {
    const time = html`<time datetime=${message.created_at} title=${exactly(message.created_at)}
      >${timeOfDay(message.created_at)}</time
    >`;
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
              <button type="button" class="textlink" @click=${() => void this.#send(draft)}>Try again</button></span
            >`
          : html`<span class="receipted">${icon("clock")}Sending</span>`
      }
    </div>`;
  }

  #typingLine(): TemplateResult | typeof nothing {
    const names = this._typing.map((person) => person.name);
    if (names.length === 0) return nothing;
    const [first, second] = names;
    const words =
      names.length === 1
        ? `${first} is typing`
        : names.length === 2
          ? `${first} and ${second} are typing`
          : `${first}, ${second} and ${names.length - 2} more are typing`;
    return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${words}`;
  }
}

customElements.define("gr-home", HomeElement);
