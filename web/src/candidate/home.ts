/**
 * `<gr-home>`: the candidate's own place. The conversation with the team, what happens next, and their own answers.
 *
 * Below a certain width the three are tabs.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { createRef, ref } from "lit/directives/ref.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import { promisedDay } from "../lib/promise.ts";
import { Ticking } from "../lib/ticking.ts";
import { day } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";
import type { OwnAnswer } from "../live/protocol.gen.ts";
import "../recording/playback.ts";
import { Conversation } from "./conversation.ts";
import { undecided } from "./earlier.ts";
import { follow, type Following } from "./live.ts";
import { comingOf, meetingCard, meetingLine, type Hands } from "./meetings.ts";
import type { OwnFilesElement } from "./own-files.ts";
import "./own-files.ts";
import { Place } from "./place.ts";
import { summary, thumbnail, warned } from "./receipt.ts";
import { arrived, compared, onItsWay } from "./safety.ts";
import type { TalkingElement } from "./talking.ts";
import "./talking.ts";
import { Unsent } from "./unsent.ts";

/** Stages in the words that candidates read; the server never sends a decision's. */
const WATCHING = "The team is watching";
const FURTHER: ReadonlySet<string> = new Set(["In conversation", "Interview"]);

type Tab = "talk" | "next" | "answers";

@customElement("gr-home")
export class HomeElement extends LightElement {
  @state() private tab: Tab = location.hash === "#answers" ? "answers" : location.hash === "#next" ? "next" : "talk";
  @state() private watching = "";
  @state() private copied = "";
  readonly place = new Place();
  readonly conversation = new Conversation(this.place, () => {
    this.requestUpdate();
    this.#talking.value?.requestUpdate();
  });
  readonly #talking = createRef<TalkingElement>();
  readonly #files = createRef<OwnFilesElement>();
  #following: Following | null = null;
  readonly #unsent = new Unsent({
    place: this.place,
    changed: () => this.requestUpdate(),
    came: () => this.requestUpdate(),
  });

  constructor() {
    super();
    new Ticking(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#following = follow(this.place, {
      message: (message) => {
        if (message.author) this.#following?.stoppedTyping(message.author.id);
        this.conversation.arrived(message);
      },
      typing: (typing) => this.conversation.told({ typing }),
      online: (online) => this.conversation.told({ online }),
      fresh: () => this.conversation.reread(),
      take: (question, take) => {
        this.place.told(question, take);
        this.requestUpdate();
      },
      place: () => void this.#refresh(),
    });
    this.#unsent.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#following?.stop();
    this.#unsent.stop();
  }

  async #refresh(): Promise<void> {
    try {
      await this.place.refresh();
      this.#unsent.look();
      this.conversation.reread();
      await this.#files.value?.refresh();
    } catch {
      // What is on the page stays; the live connection says when there is more.
    }
  }

  async #keepLink(): Promise<void> {
    try {
      const url = await this.place.link();
      this.copied = url;
      await navigator.clipboard.writeText(url);
      toast("Your personal link is copied. Keep it somewhere safe.");
    } catch (error) {
      if (!this.copied) toast(sentence(error), { tone: "error" });
    }
  }

  #show(tab: Tab): void {
    this.tab = tab;
  }

  readonly #hands: Hands = {
    base: this.place.base,
    ask: () => {
      this.#show("talk");
      void this.updateComplete.then(() => this.#talking.value?.write());
    },
    show: () => {
      this.#show("next");
      void this.updateComplete.then(() => this.find("#meetings")?.focus());
    },
  };

  get #todo(): OwnAnswer | null {
    return this.place.submitted ? null : this.place.open();
  }

  protected override render(): TemplateResult {
    const now = Date.now();
    const coming = comingOf(this.place.view.meetings, now);
    return html`<div class="place" data-tab=${this.tab}>
      <div class="glance only-narrow">
        ${meetingLine(coming, this.#hands, now)} ${coming.length && this.place.submitted ? nothing : this.#nextStep()}
        ${this.#sending()}
        <div class="tabs segment" role="group" aria-label="Your page">
          ${(["talk", "next", "answers"] as const).map(
            (tab) =>
              html`<button
                type="button"
                aria-pressed=${this.tab === tab ? "true" : "false"}
                @click=${() => this.#show(tab)}
              >
                ${tab === "talk" ? "Talk" : tab === "next" ? "Next" : "Answers"}
              </button>`,
          )}
        </div>
      </div>
      <gr-talking
        ${ref(this.#talking)}
        .conversation=${this.conversation}
        .tellTyping=${() => this.#following?.typing()}
      ></gr-talking>
      <aside class="rail" aria-label="Your application">
        ${meetingCard(coming, this.#hands, now)}
        <section class="card" id="next">
          <h2>What happens next</h2>
          <div class="only-wide">${this.#nextStep()}</div>
          ${this.#road()}
        </section>
        <section class="card" id="answers">
          <h2>My answers</h2>
          ${this.#sending()} ${this.#answers()}
        </section>
        ${
          this.place.view.consented
            ? html`<section class="card" id="files-of-mine">
                <h2>My files</h2>
                <gr-own-files ${ref(this.#files)} .base=${this.place.base}></gr-own-files>
              </section>`
            : nothing
        }
        <section class="card" id="keep">
          <h2>Keep this page</h2>
          <p class="hint">
            No account, no password: your personal link is the key. It is in the e-mail to ${this.place.view.email}.
          </p>
          <button type="button" class="button" @click=${() => void this.#keepLink()}>
            ${icon("link")}Copy my personal link
          </button>
          ${this.copied ? html`<input class="input" readonly aria-label="Your personal link" .value=${this.copied} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />` : nothing}
        </section>
      </aside>
    </div>`;
  }

  #nextStep(): TemplateResult {
    const { base, view } = this.place;
    const todo = this.#todo;
    if (!view.consented) {
      return html`<div class="promise turn">
        ${icon("lock")}
        <div>
          <b>Before you answer</b>
          <p>Read how your data is kept, and say whether you agree.</p>
        </div>
        <a class="button primary" href="${base}/consent">Read it</a>
      </div>`;
    }
    if (todo) {
      if (undecided(todo)) {
        return html`<div class="promise turn">
          ${icon("play")}
          <div>
            <b>Question ${this.place.index(todo.question.id) + 1}: recorded, not decided</b>
            <p>Watch it, then keep it or try again.</p>
          </div>
          <a class="button primary" href="${base}/record?question=${todo.question.id}">Watch</a>
        </div>`;
      }
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
    if (view.promised) return this.#promise(view.promised);
    return html`<div class="promise">
      ${icon("check")}
      <div>
        <b>The team has your answers</b>
        <p>They write to you here and by e-mail, whatever the answer is.</p>
      </div>
    </div>`;
  }

  #promise(due: string): TemplateResult {
    const day = promisedDay(due);
    const late = Date.parse(due) <= Date.now();
    return html`<div class="promise">
      ${icon(late ? "clock" : "check")}
      <div>
        <b>${late ? `You were to hear from us by ${day}` : `You will hear from us by ${day}`}</b>
        <p>
          ${
            late
              ? "We are late, and we are sorry. The team has been reminded."
              : "The team has your answers. They write to you here and by e-mail."
          }
        </p>
      </div>
    </div>`;
  }

  #road(): TemplateResult {
    const { view } = this.place;
    const sent = this.place.submitted;
    const answered = view.answers.filter((answer) => answer.kind !== null).length;
    const heard = this.conversation.messages.some((message) => message.author);
    const on = FURTHER.has(view.stage);
    const note = view.stage === "Interview" || (heard && on) ? view.stage : "";
    const step = (mark: "ok" | "on" | "next", n: number, title: string, note: string): TemplateResult =>
      html`<li>
        <span class="n ${mark}">${mark === "ok" ? icon("check") : mark === "on" ? icon("flag") : n}</span>
        <h3>${title} ${note ? html`<span>${note}</span>` : nothing}</h3>
      </li>`;
    return html`<ol class="road">
      ${view.added ? step("ok", 1, `${view.job.workspace_name}’s team added you`, `for ${view.job.title}`) : step("ok", 1, "You applied", "")}
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

  /** What was still on this device, from an earlier visit. */
  #sending(): TemplateResult | typeof nothing {
    const { sending, waiting } = this.#unsent;
    const question = (id: string): string => `Question ${this.place.index(id) + 1}`;
    if (sending) return onItsWay(sending, question(sending.question));
    if (waiting) return compared(question(waiting));
    return this.#unsent.arrived > 0 ? arrived() : nothing;
  }

  #answers(): TemplateResult {
    return html`<ul class="got">
      ${this.place.view.answers.map((answer) => this.#answer(answer))}
    </ul>`;
  }

  #answer(answer: OwnAnswer): TemplateResult {
    const { question } = answer;
    const take = answer.takes.find((own) => own.id === answer.accepted);
    const open = this.watching === question.id;
    const what = answer.kind === "text" ? "Read" : "Watch";
    return html`<li class=${open ? "open" : ""}>
      ${thumbnail(answer)}
      <span class="grow">${question.text}<small>${summary(answer)}</small>${warned(answer)}</span>
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
              @click=${() => (this.watching = open ? "" : question.id)}
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
                          .mime=${take.mime}
                          .mp4=${take.mp4}
                          .movie=${take.movie}
                          .percent=${take.movie_percent}
                          .captions=${take.captions}
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
}
