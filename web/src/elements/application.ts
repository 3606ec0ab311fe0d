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
import { doingWith, tellWatching } from "../lib/doing.ts";
import { RestingElement } from "../lib/element.ts";
import { faceElement } from "../lib/face-element.ts";
import { icon } from "../lib/icons.ts";
import { follow, since, stoppedTyping, tellTyping } from "../lib/live.ts";
import { api, firstName, may, me, path, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { asked, type Said, sendMove } from "../lib/moving.ts";
import { lane } from "../lib/outbox.ts";
import { alarm, toast } from "../lib/toast.ts";
import "./bell.ts";
import { answerStrip, blankAnswer, captionsOf, hints, statusOf, writtenAnswer } from "./answers.ts";
import "./player.ts";
import "./scorecard.ts";
import type { Scorecard } from "./scorecard.ts";
import type { Player } from "./player.ts";
import "./thread.ts";
import { applicationBar } from "./application-bar.ts";
import { soFar, threadTab } from "./application-parts.ts";
import { offerHere, type Reviewed } from "./application-keys.ts";
import type { Meetings } from "./meetings.ts";
import { markRead } from "./inbox-read.ts";
import { messageLine, noteLine } from "./lines.ts";
import { openTeam } from "./team-picker.ts";

type Tab = "notes" | "messages" | "scorecard";

const WIDE = matchMedia("(min-width: 1360px)"); // then the scorecard stands beside the threads

@customElement("gr-application")
export class Application extends RestingElement {
  private truth = new Optimistic(pageData<ApplicationView>(), applyToApplication);
  @state() private view = this.truth.state;
  @state() private question = this.firstPlayable();
  @state() private tab: Tab = "notes";
  @state() private people: readonly Present[] = [];
  @state() private noteTypists: readonly TypingPerson[] = [];
  @state() private messageTypists: readonly TypingPerson[] = [];
  @state() private unseen = { notes: 0, messages: 0 };
  @state() private wide = WIDE.matches;
  @state() private asking = false;
  @query("gr-player") private player!: Player | null;
  private leaving: (() => void)[] = [];
  private leaveJob: (() => void) | null = null;
  private unoffer: (() => void) | null = null;
  private resync = () => this.reload();
  private measured = () => (this.wide = WIDE.matches);

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
    WIDE.addEventListener("change", this.measured);
    void markRead(`applications/${this.applicationId}`);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const leave of this.leaving) leave();
    this.leaveJob?.();
    this.unoffer?.();
    WIDE.removeEventListener("change", this.measured);
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
    if (payload.type === "message" && !payload.message.about) {
      this.arrived("messages", payload.message.author?.id ?? this.view.card.candidate);
    }
    if (payload.type === "application" && payload.card.stage !== stage) {
      const { by } = payload;
      if (by && by.id !== me.id) {
        const words = `${firstName(by.name)} moved **${shortName(this.view.name)}** to ${this.stage(payload.card.stage)?.name ?? ""}`;
        toast(words, { before: faceElement(by.id, by.colour), name: "moved" });
      }
      this.refresh();
    }
  }

  private arrived(tab: "notes" | "messages", author: string): void {
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
    if (stage.id === card.stage || this.asking) return;
    this.asking = stage.kind === "declined";
    const said: Said | null = this.asking ? await asked([card], this.view.job.title) : { message: "" };
    this.asking = false;
    if (!said) return;
    const key = newKey();
    this.truth.add(key, (view) => ({ ...view, card: { ...view.card, stage: stage.id } }));
    this.view = this.truth.state;
    try {
      const moved = await sendMove({ card, target: { stage: stage.id, before: null }, key, ...said });
      if (moved) this.apply({ type: "application", card: moved, by: null, key });
      const from = this.stage(card.stage);
      const off = said.known ? ". What was planned is called off" : "";
      toast(`**${shortName(this.view.name)}** is in ${stage.name} now${off}`, {
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
      score: () => this.score(),
      meet: () => this.find<Meetings>("gr-meetings")?.plan(),
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
    return html`${applicationBar({
        view: this.view,
        people: this.people,
        pending: this.truth.waiting,
        asking: this.asking,
        move: (stage) => void this.move(stage),
        chooseStage: (anchor) => this.chooseStage(anchor),
        chooseTeam: (anchor) => this.chooseTeam(anchor),
      })}
      <div class="panes">
        <section class="watch" aria-label="Answers">${this.watch()}</section>
        ${this.talk()}
      </div>`;
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

  /** The threads' tab that is shown; a scorecard that stands beside them needs none. */
  private get shown(): Tab {
    return this.wide && this.tab === "scorecard" ? "notes" : this.tab;
  }

  private showTab(tab: Tab, write = false): void {
    this.tab = tab;
    if (tab !== "scorecard") this.unseen = { ...this.unseen, [tab]: 0 };
    if (write) void this.updateComplete.then(() => this.find<HTMLElement>(`#panel-${tab} textarea`)?.focus());
  }

  private score(): void {
    if (!this.wide) this.showTab("scorecard");
    void this.updateComplete.then(() => this.find<Scorecard>("gr-scorecard")?.begin());
  }

  private tabKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const tabs: readonly Tab[] = this.wide ? ["notes", "messages"] : ["notes", "messages", "scorecard"];
    const by = event.key === "ArrowRight" ? 1 : tabs.length - 1;
    this.showTab(tabs[(tabs.indexOf(this.shown) + by) % tabs.length]!);
    void this.updateComplete.then(() => this.find<HTMLElement>(`#tab-${this.tab}`)?.focus());
  }

  private talk() {
    const first = firstName(this.view.name);
    const { shown, wide } = this;
    return html`<section class="card talk ${shown}" aria-label="Notes, conversation and scorecard">
      <div class="tabs segment" role="tablist" aria-label="Threads" @keydown=${this.tabKey}>
        ${this.tabButton("notes", "lock", "Team notes")}${this.tabButton("messages", "chat", first)}
        ${wide ? nothing : this.tabButton("scorecard", "star", "Scorecard")}
      </div>
      <div class="panel" id="panel-notes" role="tabpanel" aria-labelledby="tab-notes" ?hidden=${shown !== "notes"}>
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
        ?hidden=${shown !== "messages"}
      >
        <gr-thread
          .name="conversation:${this.applicationId}"
          .url=${api(`applications/${this.applicationId}/messages`)}
          .lane=${lane(this.applicationId)}
          .lines=${this.view.messages.map((message) => messageLine(message, this.view.card))}
          .typing=${this.messageTypists}
          .tellTyping=${() => tellTyping(`conversation:${this.applicationId}`)}
          ?silent=${!may.write}
          .about=${{ name: this.view.name, job: this.view.job.title }}
          placeholder="Write to ${first}"
          audience="${first} sees this"
          @sent=${(event: CustomEvent<MessageView>) => this.sent({ type: "message", message: event.detail })}
        ></gr-thread>
      </div>
      <div
        class="panel"
        id="panel-scorecard"
        role=${wide ? "region" : "tabpanel"}
        aria-label="Scorecard"
        ?hidden=${!wide && shown !== "scorecard"}
      >
        <gr-scorecard .card=${this.view.card}></gr-scorecard>
      </div>
    </section>`;
  }

  private sent(payload: AnyPayload): void {
    this.truth.apply(payload);
    this.view = this.truth.state;
  }

  private tabButton(tab: Tab, name: string, label: string) {
    const [count, fresh] = tab === "scorecard" ? [this.view.card.scored, 0] : [this.view[tab].length, this.unseen[tab]];
    return threadTab(tab, { icon: name, label, count, fresh, chosen: this.shown === tab }, () => this.showTab(tab));
  }
}
