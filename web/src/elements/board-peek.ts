/**
 * A candidate in passing: answers, score, the last note and message, tags and owner, beside the board. Arrow keys go on to the
 * next card as on the board, Enter opens the candidate's page, Space or Escape closes and the focus is on the card.
 */
import { html, nothing, render } from "lit";
import type { AnyPayload, ApplicationView, Card, SheetView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { icon } from "../lib/icons.ts";
import { plain } from "../lib/keys.ts";
import { api, firstName, path } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { SidePanel } from "../lib/side-panel.ts";
import { ago, many } from "../lib/time.ts";
import { answerStrip, blankAnswer, statusOf, writtenAnswer } from "./answers.ts";
import type { Board, Panel } from "./board-panels.ts";
import { stateOf } from "./card.ts";
import "./player.ts";
import { scoreLine } from "./scorecard-parts.ts";
import { teamStack, teamWords } from "./team-picker.ts";

const PATIENCE = 120; // milliseconds: who walks on quickly asks for none of those in between
const AGAIN = 400; // after something happened

export class Peek implements Panel {
  private readonly panel: SidePanel;
  private view: ApplicationView | null = null;
  private sheet: SheetView | null = null;
  private question = 0;
  private fault = "";
  private timer = 0;

  constructor(
    private readonly board: Board,
    private id: string,
  ) {
    this.panel = new SidePanel("peek", () => {
      clearTimeout(this.timer);
      board.tell({ view: "board" });
      board.show(this.id, true);
      return null;
    });
    this.panel.element.addEventListener("keydown", (event) => this.pressed(event));
    this.turn(id, 0);
  }

  get open(): boolean {
    return this.panel.isOpen;
  }

  heard(payload: AnyPayload): void {
    const concerned =
      payload.type === "card"
        ? payload.card.id === this.id
        : payload.type === "cards" && payload.cards.some(({ card }) => card.id === this.id);
    if (!concerned) return;
    this.draw();
    this.ask(AGAIN);
  }

  private turn(id: string, patience = PATIENCE): void {
    this.id = id;
    this.view = this.sheet = null;
    this.fault = "";
    this.board.tell({ view: "application", card: id });
    this.board.show(id, false);
    this.draw();
    this.ask(patience);
    const card = this.board.card(id);
    if (card) this.board.say([card.name, stateOf(card)?.words, this.board.stage(card.stage)?.name].join(", "));
  }

  private ask(patience: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(), patience);
  }

  private async fetch(): Promise<void> {
    const { id } = this;
    try {
      const view = await send<ApplicationView>("GET", api(`applications/${id}`));
      if (id !== this.id || !this.open) return;
      if (!this.view) {
        this.question = Math.max(
          0,
          view.answers.findIndex((answer) => statusOf(answer).tone === "ready"),
        );
      }
      this.view = view;
      void this.score(view.card);
    } catch (error) {
      if (id !== this.id) return;
      this.fault = sentence(error);
    }
    this.draw();
  }

  /** As far as I may see it: it is asked for by itself, since it travels with nothing that everybody hears. */
  private async score({ id, scored }: Card): Promise<void> {
    const sheet = scored
      ? await send<SheetView>("GET", api(`applications/${id}/scorecard`)).catch(() => this.sheet)
      : null;
    if (id !== this.id || !this.open) return;
    this.sheet = sheet;
    this.draw();
  }

  private pressed(event: KeyboardEvent): void {
    event.stopPropagation();
    const target = event.target as HTMLElement;
    if (!plain(event) || target.closest("input, textarea, video")) return;
    const onPanel = target === this.panel.element;
    if (/^Arrow/.test(event.key)) {
      event.preventDefault();
      void this.walk(event.key);
    } else if (onPanel && event.key === "Enter") {
      location.assign(path(`applications/${this.id}`));
    } else if (onPanel && event.key === " ") {
      event.preventDefault();
      this.panel.close();
    }
  }

  private async walk(key: string): Promise<void> {
    const card = this.board.card(this.id);
    const next = card && (await this.board.next(card, key));
    if (!next || !this.open) return;
    this.turn(next);
    this.panel.element.focus({ preventScroll: true });
  }

  private draw(): void {
    const card = this.view?.card ?? this.board.card(this.id);
    this.panel.title = card?.name ?? "Candidate";
    if (!card) return;
    render(
      html`${this.head(this.board.card(this.id) ?? card)}
        ${
          this.view
            ? html`${this.answers(this.view)}${this.lastWords(this.view)}`
            : html`<div class="skeleton player"></div>
                <p class=${this.fault ? "muted" : "sr"} role="status">${this.fault || "One moment"}</p>`
        }
        <footer>
          <a class="button primary" href=${path(`applications/${this.id}`)}>Open<kbd aria-hidden="true">Enter</kbd></a>
          <span class="grow"></span>
          <button
            type="button"
            class="button icon"
            aria-label="Previous candidate"
            @click=${() => this.walk("ArrowUp")}
          >
            ${icon("up")}
          </button>
          <button type="button" class="button icon" aria-label="Next candidate" @click=${() => this.walk("ArrowDown")}>
            ${icon("down")}
          </button>
        </footer>`,
      this.panel.body,
    );
  }

  private head(card: Card) {
    const state = stateOf(card);
    const stage = this.board.stage(card.stage);
    const team = teamWords(card, this.board.people());
    return html`<div class="row who">
        ${candidateFace(card.candidate, card.name, card.poster, "large")}
        <div class="grow">
          <p class="row">
            <span class="badge c${stage?.colour ?? 7}"
              ><span class="dot"></span><span class="cut">${stage?.name ?? ""}</span></span
            >
            ${state ? html`<span class="badge ${state.tone}">${state.words}</span>` : nothing}
          </p>
          <p class="muted cut"><bdi>${card.line}</bdi></p>
        </div>
      </div>
      ${
        card.tags.length
          ? html`<p class="tags">
              ${card.tags.map((tag) => html`<span class="tag c${tag.colour}"><bdi>${tag.name}</bdi></span>`)}
            </p>`
          : nothing
      }
      <p class="row muted team">
        ${team ? html`${teamStack(card, this.board.people())}<span class="cut">${team}</span>` : "Nobody looks after them yet"}
      </p>
      ${this.sheet ? scoreLine(this.sheet) : nothing}`;
  }

  private answers({ answers, card }: ApplicationView) {
    const answer = answers[this.question];
    if (!answer || answers.every((one) => statusOf(one).tone === "none")) {
      return html`<p class="muted">${firstName(card.name)} has not answered a question yet.</p>`;
    }
    const { take } = answer;
    const status = statusOf(answer);
    const choose = (index: number) => {
      this.question = index;
      this.draw();
    };
    return html`${
        answer.kind === "text"
          ? writtenAnswer(answer)
          : take?.url && status.tone === "ready"
            ? html`<gr-player
                .src=${take.url}
                .film=${take}
                .poster=${answer.kind === "audio" ? "" : path(`recordings/${take.recording}/poster`)}
                .length=${take.duration_ms / 1000}
                .sound=${answer.kind === "audio"}
                .label="${card.name}, answer ${answer.question.position}"
              ></gr-player>`
            : blankAnswer(card, status)
      }
      <p class="question" dir="auto">${answer.question.text}</p>
      ${answers.length > 1 ? answerStrip(answers, this.question, card, choose) : nothing}`;
  }

  private lastWords({ notes, messages, card }: ApplicationView) {
    const note = notes.at(-1);
    const message = messages.at(-1);
    const last = (name: string, sign: string, who: string, body: string, at: string) =>
      html`<section class="lastword">
        <h3>${icon(sign)}${name}</h3>
        <p class="muted"><bdi>${who}</bdi>, ${ago(at)}</p>
        <blockquote dir="auto">${body}</blockquote>
      </section>`;
    const named = (body: string) =>
      (note?.mentions ?? []).reduce((text, one) => text.replaceAll(`<@${one.id}>`, `@${one.name}`), body);
    return html`${
      note
        ? last(`Last of ${many(notes.length, "note")}`, "lock", note.author.name, named(note.body), note.created_at)
        : nothing
    }
    ${
      message
        ? last(
            card.waiting ? "Waiting for an answer" : `Last of ${many(messages.length, "message")}`,
            "chat",
            message.author?.name ?? message.author_name,
            message.body,
            message.created_at,
          )
        : nothing
    }`;
  }
}
