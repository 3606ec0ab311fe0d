/**
 * `<gr-application>`: the team's page of one candidate. The answers play on the left; on the right stand two threads that
 * cannot be confused, the team's notes and the conversation with the candidate.
 */
import { html, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type {
  AnswerView,
  AnyPayload,
  ApplicationView,
  Card,
  MessageView,
  NoteView,
  Present,
  StageView,
  TypingPerson,
} from "../live/protocol.gen.ts";
import { applyToApplication, Optimistic } from "../live/store.ts";
import { newKey, send, sentence } from "../lib/api.ts";
import { pageData } from "../lib/data.ts";
import { declining } from "../lib/declining.ts";
import { doingWith, tellWatching } from "../lib/doing.ts";
import { RestingElement } from "../lib/element.ts";
import { faceElement } from "../lib/face-element.ts";
import { icon } from "../lib/icons.ts";
import { follow, since, stoppedTyping, tellTyping } from "../lib/live.ts";
import { api, firstName, may, me, path, shortName } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { openMenu } from "../lib/menu.ts";
import { nextStage } from "../lib/moves.ts";
import { sendMove } from "../lib/moving.ts";
import { lane } from "../lib/outbox.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import { alarm, toast } from "../lib/toast.ts";
import "./bell.ts";
import { answerStrip, blankAnswer, captionsOf, hints, statusOf, writtenAnswer } from "./answers.ts";
import "./player.ts";
import type { Player } from "./player.ts";
import "./thread.ts";
import { markRead, neighbour, soFar, stagePick, teamPick, threadTab } from "./application-parts.ts";
import { offerHere, type Reviewed } from "./application-keys.ts";
import { messageLine, noteLine } from "./lines.ts";
import { openTeam } from "./team-picker.ts";

type Tab = "notes" | "messages";

@customElement("gr-application")
export class Application extends RestingElement {
  private truth = new Optimistic(pageData<ApplicationView>(), applyToApplication);
  @state() private view = this.truth.state;
  @state() private question = this.firstPlayable();
  @state() private tab: Tab = "notes";
  @state() private people: readonly Present[] = [];
  @state() private noteTypists: readonly TypingPerson[] = [];
  @state() private messageTypists: readonly TypingPerson[] = [];
  @state() private unseen: Record<Tab, number> = { notes: 0, messages: 0 };
  @query("gr-player") private player!: Player | null;
  private leaving: (() => void)[] = [];
  private leaveJob: (() => void) | null = null;
  private unoffer: (() => void) | null = null;
  private resync = () => this.reload();

  private get applicationId(): string {
    return this.view.card.id;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.listen();
    this.leaveJob = follow(`job:${this.view.card.job}`, {
      state: doingWith(this.view.card),
      onEvent: (payload) => {
        if (payload.type === "job") this.refresh();
      },
    });
    this.unoffer = offerHere(() => this.desk);
    void markRead(this.applicationId);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
    this.leaveJob?.();
    this.unoffer?.();
  }

  private firstPlayable(): number {
    const at = this.view.answers.findIndex((answer) => statusOf(answer).tone === "ready");
    return Math.max(0, at);
  }

  // What happened

  /** Follows both topics from where the page's data stands. */
  private listen(): void {
    const before = this.leaving;
    const team = `application:${this.applicationId}`;
    const talk = `conversation:${this.applicationId}`;
    const own = `member:${me.id}`;
    const onEvent = (payload: AnyPayload) => this.apply(payload);
    this.leaving = [
      follow(team, {
        ...since(team, this.view),
        state: doingWith(this.view.card),
        onEvent,
        onResync: this.resync,
        onPresence: (people) => (this.people = people),
        onTyping: (people) => (this.noteTypists = people),
      }),
      follow(talk, {
        ...since(talk, this.view),
        onEvent,
        onResync: this.resync,
        onTyping: (people) => (this.messageTypists = people),
      }),
      follow(own, { ...since(own, this.view), onEvent }),
    ];
    for (const leave of before) leave();
  }

  private apply(payload: AnyPayload): void {
    const { stage } = this.truth.confirmed.card;
    this.truth.apply(payload);
    this.view = this.truth.state;
    if (payload.type === "note") this.arrived("notes", payload.note.author.id);
    if (payload.type === "message") this.arrived("messages", payload.message.author?.id ?? this.view.card.candidate);
    if (payload.type === "application" && payload.card.stage !== stage) {
      const { by } = payload;
      if (by && by.id !== me.id) {
        const words = `${firstName(by.name)} moved **${shortName(this.view.name)}** to ${this.stage(payload.card.stage)?.name ?? ""}`;
        toast(words, { before: faceElement(by.id, by.colour), name: "moved" });
      }
      this.refresh();
    }
  }

  private arrived(tab: Tab, author: string): void {
    stoppedTyping(`${tab === "notes" ? "application" : "conversation"}:${this.applicationId}`, author);
    if (author !== me.id && tab !== this.tab) this.unseen = { ...this.unseen, [tab]: this.unseen[tab] + 1 };
  }

  private async reload(): Promise<ApplicationView> {
    const view = await send<ApplicationView>("GET", api(`applications/${this.applicationId}`));
    this.truth.replace(view);
    this.view = this.truth.state;
    return view;
  }

  /** Events that the fetched data does not hold yet, though we had them already, are asked for again. */
  private refresh(): void {
    this.reload().then(
      () => this.isConnected && this.listen(),
      () => undefined,
    );
  }

  // Moving on

  private stage(id: string): StageView | undefined {
    return this.view.stages.find((stage) => stage.id === id);
  }

  /** Shows the new stage at once; it stays through every outage, until the server has answered. */
  private async move(stage: StageView): Promise<void> {
    const { card } = this.view;
    if (stage.id === card.stage) return;
    const said = stage.kind === "declined" ? await declining(card) : { message: "" };
    if (!said) return;
    const key = newKey();
    this.truth.add(key, (view) => ({ ...view, card: { ...view.card, stage: stage.id } }));
    this.view = this.truth.state;
    try {
      const moved = await sendMove({ card, target: { stage: stage.id, before: null }, key, ...said });
      if (moved) this.apply({ type: "application", card: moved, by: null, key });
      const from = this.stage(card.stage);
      toast(`**${shortName(this.view.name)}** is in ${stage.name} now`, {
        name: "moved",
        ...(from && !said.message ? { action: { label: "Undo", run: () => void this.move(from) } } : {}),
      });
    } catch (error) {
      this.truth.reject(key);
      this.view = this.truth.state;
      alarm(sentence(error), { name: "moved" });
      this.refresh();
    }
  }

  private chooseStage(anchor: HTMLElement): void {
    void openMenu(
      anchor,
      "Move to",
      this.view.stages.map((stage) => ({
        label: stage.name,
        colour: stage.colour,
        checked: stage.id === this.view.card.stage,
        apart: stage.kind === "declined",
        run: () => void this.move(stage),
      })),
    );
  }

  private chooseTeam(anchor: HTMLElement): void {
    const changed = (card: Card) => this.apply({ type: "application", card, by: null, key: null });
    const heard = (following: boolean) => this.apply({ type: "following", application: this.applicationId, following });
    void openTeam(anchor, this.view.card, changed, { on: this.view.following, heard });
  }

  /** What keys and the palette can do here. */
  private get desk(): Reviewed {
    return {
      view: this.view,
      move: (stage) => void this.move(stage),
      chooseStage: () => this.chooseStage(this.find(".stagepick")!),
      chooseTeam: () => this.chooseTeam(this.find(".teampick")!),
      write: (tab) => this.showTab(tab, true),
      answer: (at) => this.choose(at),
    };
  }

  private choose(index: number, play = true): void {
    this.question = index;
    if (play) void this.updateComplete.then(() => this.player?.play());
  }

  private ended(): void {
    const next = this.view.answers.findIndex(
      (answer, index) => index > this.question && statusOf(answer).tone === "ready",
    );
    if (next >= 0) this.choose(next, false);
  }

  // Drawing

  protected override render() {
    return html`${this.bar()}
      <div class="panes">
        <section class="watch" aria-label="Answers">${this.watch()}</section>
        ${this.talk()}
      </div>`;
  }

  private bar() {
    const { view } = this;
    const stage = this.stage(view.card.stage);
    const declined = view.stages.find((one) => one.kind === "declined");
    const next = nextStage(view.stages, view.card.stage);
    return html`<header class="bar">
      <a class="button quiet icon" href=${path(`jobs/${view.job.id}`)} aria-label="Back to the board"
        >${icon("left")}</a
      >
      ${candidateFace(view.card.candidate, view.name, view.card.poster, "large")}
      <div class="whois">
        <h1 class="cut" title=${view.name}>
          <a href=${path(`candidates/${view.card.candidate}?application=${view.card.id}`)}><bdi>${view.name}</bdi></a>
        </h1>
        <p class="muted cut">
          <bdi>${view.job.title}</bdi> · <a href="mailto:${view.email}"><bdi>${view.email}</bdi></a>
        </p>
      </div>
      ${stagePick(stage, this.truth.waiting, (anchor) => this.chooseStage(anchor))}
      ${teamPick(view.card, view.people, (anchor) => this.chooseTeam(anchor))}
      <span class="grow"></span>
      ${presenceStack(this.people, "Looking at this candidate now")}
      <nav class="row pair" aria-label="Candidates of this stage">
        <span class="muted num nowrap">${view.place} of ${view.places}</span>
        ${neighbour(view.previous, "Previous candidate", "left")}${neighbour(view.next, "Next candidate", "right")}
      </nav>
      <gr-bell compact></gr-bell>
      ${
        may.move && declined && stage?.kind !== "declined"
          ? html`<button type="button" class="button danger decline" @click=${() => this.move(declined)}>
              Decline
            </button>`
          : nothing
      }
      ${
        may.move && next
          ? html`<button type="button" class="button primary advance" @click=${() => this.move(next)}>
              <span class="cut">Advance<span class="to"> to ${next.name}</span></span>
            </button>`
          : nothing
      }
    </header>`;
  }

  private watch() {
    const { answers, card } = this.view;
    const answer = answers[this.question];
    if (!answer) {
      return html`<div class="empty wide">
        ${icon("video")}<strong>No answers yet</strong
        ><span>${firstName(this.view.name)} has not answered a question.</span>
      </div>`;
    }
    return html`${this.stageFor(answer)}
      <div class="row heading">
        <h2 class="grow">${answer.question.text}</h2>
        <p class="keys muted" aria-hidden="true">
          <kbd>Space</kbd> play <kbd>J</kbd><kbd>L</kbd> 10 s <kbd>1</kbd>–<kbd>${answers.length}</kbd> question
        </p>
      </div>
      ${hints(answer)} ${captionsOf(answer)}
      ${card.progress === "submitted" ? nothing : html`<p class="muted small-note">${soFar(card)}</p>`}
      ${answerStrip(answers, this.question, card, (index) => this.choose(index))}`;
  }

  /** The big place: the player, the written words, or why there is nothing to play. */
  private stageFor(answer: AnswerView) {
    const { take } = answer;
    const status = statusOf(answer);
    if (answer.kind === "text") return writtenAnswer(answer);
    if (take?.url && status.tone === "ready") {
      return html`<gr-player
        keys
        .src=${take.url}
        .film=${take}
        .poster=${answer.kind === "audio" ? "" : path(`recordings/${take.recording}/poster`)}
        .length=${take.duration_ms / 1000}
        .sound=${answer.kind === "audio"}
        .label="${this.view.name}, answer ${answer.question.position}"
        @ended=${this.ended}
        @watching=${(event: CustomEvent<number | null>) =>
          tellWatching(this.view.card, answer.question.position, event.detail)}
      ></gr-player>`;
    }
    return blankAnswer(this.view.card, status);
  }

  // The two threads

  private showTab(tab: Tab, write = false): void {
    this.tab = tab;
    this.unseen = { ...this.unseen, [tab]: 0 };
    if (write) void this.updateComplete.then(() => this.find<HTMLElement>(`#panel-${tab} textarea`)?.focus());
  }

  private tabKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    this.showTab(this.tab === "notes" ? "messages" : "notes");
    void this.updateComplete.then(() => this.find<HTMLElement>(`#tab-${this.tab}`)?.focus());
  }

  private talk() {
    const first = firstName(this.view.name);
    return html`<section class="card talk ${this.tab}" aria-label="Notes and conversation">
      <div class="tabs segment" role="tablist" aria-label="Threads" @keydown=${this.tabKey}>
        ${this.tabButton("notes", "lock", "Team notes")}${this.tabButton("messages", "chat", first)}
      </div>
      <div class="panel" id="panel-notes" role="tabpanel" aria-labelledby="tab-notes" ?hidden=${this.tab !== "notes"}>
        <gr-thread
          secret
          .colleagues=${this.view.people}
          .name="application:${this.applicationId}"
          .url=${api(`applications/${this.applicationId}/notes`)}
          .lane=${lane(this.applicationId)}
          .lines=${this.view.notes.map(noteLine)}
          .typing=${this.noteTypists}
          .tellTyping=${() => tellTyping(`application:${this.applicationId}`)}
          placeholder="Write a note for the team"
          audience="Only your team sees this"
          @sent=${(event: CustomEvent<NoteView>) => this.sent({ type: "note", note: event.detail })}
        ></gr-thread>
      </div>
      <div
        class="panel"
        id="panel-messages"
        role="tabpanel"
        aria-labelledby="tab-messages"
        ?hidden=${this.tab !== "messages"}
      >
        <gr-thread
          .name="conversation:${this.applicationId}"
          .url=${api(`applications/${this.applicationId}/messages`)}
          .lane=${lane(this.applicationId)}
          .lines=${this.view.messages.map((message) => messageLine(message, this.view.card))}
          .typing=${this.messageTypists}
          .tellTyping=${() => tellTyping(`conversation:${this.applicationId}`)}
          ?silent=${!may.write}
          placeholder="Write to ${first}"
          audience="${first} sees this"
          @sent=${(event: CustomEvent<MessageView>) => this.sent({ type: "message", message: event.detail })}
        ></gr-thread>
      </div>
    </section>`;
  }

  private sent(payload: AnyPayload): void {
    this.truth.apply(payload);
    this.view = this.truth.state;
  }

  private tabButton(tab: Tab, name: string, label: string) {
    const look = { icon: name, label, count: this.view[tab].length, fresh: this.unseen[tab], chosen: this.tab === tab };
    return threadTab(tab, look, () => this.showTab(tab));
  }
}
