/** One card of the board as a template, and the words for its state. Pure: everything it shows is handed in. */
import { html, nothing, type TemplateResult } from "lit";
import type { Card, Person, Present } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { firstName, path } from "../lib/me.ts";
import { candidateFace, latePicture } from "../lib/picture.ts";
import { promiseWords } from "../lib/promise.ts";
import { tagRow } from "../lib/tag-row.ts";
import { age, ago, clock, exactly, many } from "../lib/time.ts";
import { teamStack } from "./team-picker.ts";

export interface CardLook {
  /** The one card that Tab reaches. */
  current: boolean;
  lifted: boolean;
  pending: boolean;
  selected: boolean;
  watchers: readonly Present[];
  movable: boolean;
  /** Show the first picture of new answers. */
  strip: boolean;
  /** Instead of the line below the name: where the words stand that are looked for. */
  found: TemplateResult | undefined;
  /** The average of its scorecards, where there is one that I may see. */
  score: number | undefined;
  /** Those who may look after it. */
  people: readonly Person[];
  /** Where it stands in its stage, from 1, and how many stand there: most of them are not in the document. */
  place: number;
  places: number;
  now: number;
}

interface State {
  words: string;
  tone: string;
  icon?: string;
  live?: boolean;
}

/** The one thing to know about a card; the most urgent wins. */
export function stateOf(card: Card): State | null {
  if (card.progress === "recording") {
    return { words: card.answering ? `Recording answer ${card.answering}` : "Recording", tone: "bad", live: true };
  }
  if (card.progress === "submitted") {
    if (!card.opened) return { words: "New", tone: "accent" };
    const asked = card.reviewers.length;
    if (card.reviewed && card.reviewed < asked) return { words: `${card.reviewed} of ${asked} scored`, tone: "" };
    return card.answers ? { words: many(card.answers, "answer"), tone: "", icon: "check" } : null;
  }
  if (card.progress === "answering") {
    return { words: card.answers ? `Answered ${card.answers} of ${card.questions}` : "Started", tone: "info" };
  }
  return { words: "Not started", tone: "" };
}

export function cardTemplate(card: Card, look: CardLook): TemplateResult {
  const state = stateOf(card);
  const watcher = look.watchers[0];
  const classes = [
    "card person",
    look.lifted ? "lifted" : "",
    look.pending ? "pending" : "",
    look.selected ? "selected" : "",
    look.current ? "current" : "",
    look.movable ? "movable" : "",
    watcher ? `watched c${watcher.colour}` : "",
  ];
  const index = look.current ? 0 : -1;
  return html`<li
    class=${classes.join(" ")}
    data-card=${card.id}
    aria-posinset=${look.place}
    aria-setsize=${look.places}
  >
    ${watcher ? html`<span class="flag">${watching(look.watchers)}</span>` : nothing}
    <div class="who">
      ${candidateFace(card.candidate, card.name, card.poster, "large")}
      <div class="grow">
        <h3 class="cut" dir="auto">
          <a
            href=${path(`applications/${card.id}`)}
            draggable="false"
            tabindex=${index}
            aria-label=${[card.name, state?.words, look.score && `score ${look.score}`, look.selected && "selected"].filter(Boolean).join(", ")}
            >${card.name}</a
          >
        </h3>
        ${look.found ?? (card.line ? html`<p class="muted cut line" dir="auto">${card.line}</p>` : nothing)}
      </div>
      ${
        look.score
          ? html`<span class="score num" title=${many(card.scored, "scorecard")}
              >${icon("star")}${look.score.toFixed(1)}</span
            >`
          : nothing
      }
      ${
        look.movable
          ? html`<button
              type="button"
              class="button quiet icon mover"
              tabindex=${index}
              aria-haspopup="menu"
              aria-expanded="false"
              aria-label="Move ${card.name}"
            >
              ${icon("move")}
            </button>`
          : nothing
      }
    </div>
    ${tags(card)}${look.strip ? strip(card) : nothing}
    <footer>
      ${
        state
          ? html`<span class="badge ${state.tone} ${state.live ? "pulsing" : ""}">
              ${state.icon ? icon(state.icon) : nothing}${state.words}
            </span>`
          : html`<span></span>`
      }
      ${
        card.preparing === null
          ? nothing
          : html`<span class="muted cut num preparing" title="The video is prepared for every browser"
              >Video ${card.preparing} %</span
            >`
      }
      <span class="row meta">
        ${teamStack(card, look.people)}
        ${count("chat", card.messages, "message", card.waiting)}${count("note", card.notes, "note")}
        ${card.promised ? promised(card.promised, look.now) : aged(card, look.now)}
      </span>
    </footer>
  </li>`;
}

function aged(card: Card, now: number) {
  return html`<time datetime=${card.changed_at} title=${ago(card.changed_at, now)}>${age(card.changed_at, now)}</time>`;
}

/** How long they wait against what they were promised. */
function promised(due: string, now: number) {
  const { words, spoken, tone } = promiseWords(due, now);
  return html`<time class="due ${tone}" datetime=${due} title="${spoken}: ${exactly(due)}">${words}</time>`;
}

/** Whether cards in a stage of this kind show the first picture of new answers. */
export function showsAnswers(kind: string | undefined): boolean {
  return kind === "inbox" || kind === "questions" || kind === "review";
}

/** Whether a card has a picture of its answers to show. */
export function pictured(card: Card): boolean {
  return card.progress === "submitted" && card.poster !== null;
}

const TAGS = 3; // on a card, the others are counted

function tags({ tags }: Card) {
  return tags.length ? html`<p class="tags">${tagRow(tags, TAGS)}</p>` : nothing;
}

function strip(card: Card) {
  if (!pictured(card) || !card.poster) return nothing;
  return html`<div class="strip">
    ${latePicture(card.poster)}
    <span class="glass">${icon("play")}${many(card.answers, "answer")} · ${clock(card.answers_ms / 1000)}</span>
  </div>`;
}

/** `fresh`: the last word is the candidate's. */
function count(name: string, number: number, word: string, fresh = false) {
  if (!number) return nothing;
  return html`<span class="row tally num ${fresh ? "fresh" : ""}" title=${many(number, word)}>
    ${icon(name)}${number}<span class="sr">${number === 1 ? word : `${word}s`}</span>
  </span>`;
}

function watching(watchers: readonly Present[]): string {
  const first = firstName(watchers[0]!.name);
  return watchers.length === 1 ? `${first} is watching` : `${first} and ${watchers.length - 1} more`;
}
