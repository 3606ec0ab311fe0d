/** The columns of a list: their words in the address, their headings, and what a line shows in them. Pure. */
import { html, nothing, type TemplateResult } from "lit";
import type { ListField, ListRow, Person, StageView } from "../live/protocol.gen.ts";
import { WHERE } from "../lib/found.ts";
import { icon } from "../lib/icons.ts";
import { promiseWords } from "../lib/promise.ts";
import { tagRow } from "../lib/tag-row.ts";
import { age, ago, date, exactly, many } from "../lib/time.ts";
import { stateOf } from "./card.ts";
import { teamStack } from "./team-picker.ts";

export interface Look {
  stages: readonly StageView[];
  people: readonly Person[];
  stageOf: (row: ListRow) => string;
  now: number;
}

export interface ListColumn {
  /** Its word in the address. */
  name: string;
  title: string;
  /** What Enter does in it. */
  edit: "open" | "stage" | "owner" | "tags" | "field" | "";
  /** Wide, middling or narrow, numbers at the end. */
  look: string;
  cell: (row: ListRow, look: Look) => TemplateResult | string | number | typeof nothing;
  field?: ListField;
}

export const DEFAULT = ["stage", "score", "waiting", "answers", "tags", "source", "owner", "changed"];

const none = html`<span class="muted none" aria-label="none">–</span>`;
const text = (words: string) => (words ? html`<span class="cut" title=${words}><bdi>${words}</bdi></span>` : none);
const number = (count: number) => (count ? html`<span class="num">${count}</span>` : none);
const stars = (score: number | null) =>
  score === null ? none : html`<span class="score num">${icon("star")}${score.toFixed(1)}</span>`;
const moment = (at: string, now: number) =>
  html`<time class="muted" datetime=${at} title=${exactly(at)} aria-label=${ago(at, now)}>${age(at, now)}</time>`;

function waiting({ card }: ListRow, now: number) {
  const state = card.progress === "recording" ? stateOf(card) : null;
  const asks = card.waiting
    ? html`<span class="fresh" title="Waits for an answer from us"
        >${icon("chat")}<span class="sr">Wrote last</span></span
      >`
    : nothing;
  if (state) return html`<span class="badge bad pulsing">${state.words}</span>${asks}`;
  if (!card.promised) return card.waiting ? html`<span class="row">${asks}<span>Waits for us</span></span>` : none;
  const words = promiseWords(card.promised, now);
  return html`<span class="row owed ${words.tone}"><b title=${words.spoken}>${words.words}</b>${asks}</span>`;
}

function answers({ card }: ListRow) {
  const state = stateOf(card);
  return state
    ? html`<span class="badge ${state.tone} ${state.live ? "pulsing" : ""}"
        >${state.icon ? icon(state.icon) : nothing}${state.words}</span
      >`
    : none;
}

const TAGS = 2; // in a cell, the others are counted

function tags({ card }: ListRow) {
  return card.tags.length ? html`<span class="taglist">${tagRow(card.tags, TAGS)}</span>` : none;
}

function stage(row: ListRow, { stages, stageOf }: Look) {
  const found = stages.find((one) => one.id === stageOf(row));
  return html`<span class="row"
    ><span class="dot c${found?.colour ?? 1}"></span><span class="cut"><bdi>${found?.name ?? ""}</bdi></span></span
  >`;
}

function member(id: string | null, people: readonly Person[]) {
  const found = people.find((person) => person.id === id);
  return id ? text(found?.name ?? "A colleague") : none;
}

const FIXED: readonly ListColumn[] = [
  { name: "stage", title: "Stage", edit: "stage", look: "mid", cell: stage },
  { name: "waiting", title: "Waiting", edit: "", look: "mid", cell: (row, { now }) => waiting(row, now) },
  { name: "score", title: "Score", edit: "", look: "end", cell: ({ score }) => stars(score) },
  { name: "answers", title: "Answers", edit: "", look: "mid", cell: answers },
  { name: "tags", title: "Tags", edit: "tags", look: "wide", cell: tags },
  { name: "source", title: "Source", edit: "", look: "mid", cell: (row) => text(row.source) },
  {
    name: "owner",
    title: "Owner",
    edit: "owner",
    look: "mid",
    cell: ({ card }, { people }) => member(card.owner, people),
  },
  {
    name: "reviewers",
    title: "Reviewers",
    edit: "owner",
    look: "mid",
    cell: ({ card }, { people }) => (card.reviewers.length ? teamStack({ ...card, owner: null }, people) : none),
  },
  { name: "email", title: "E-mail", edit: "", look: "wide", cell: (row) => text(row.card.line) },
  { name: "phone", title: "Phone", edit: "", look: "mid", cell: (row) => text(row.phone) },
  { name: "location", title: "Location", edit: "", look: "mid", cell: (row) => text(row.location) },
  { name: "headline", title: "Headline", edit: "", look: "wide", cell: (row) => text(row.headline) },
  { name: "notes", title: "Notes", edit: "", look: "end", cell: ({ card }) => number(card.notes) },
  { name: "messages", title: "Messages", edit: "", look: "end", cell: ({ card }) => number(card.messages) },
  { name: "added", title: "Added", edit: "", look: "end", cell: ({ card }, { now }) => moment(card.created_at, now) },
  {
    name: "changed",
    title: "Last change",
    edit: "",
    look: "end",
    cell: ({ card }, { now }) => moment(card.changed_at, now),
  },
];

function ofField(field: ListField): ListColumn {
  const said = (row: ListRow) => row.fields[field.id] ?? "";
  return {
    name: `field:${field.id}`,
    title: field.name,
    edit: "field",
    look: field.kind === "number" ? "end" : "mid",
    field,
    cell: (row, { now }) => {
      const value = said(row);
      if (!value) return none;
      if (field.kind === "date") return html`<time datetime=${value} title=${value}>${date(value, now)}</time>`;
      if (field.kind === "link")
        return html`<a class="cut" href=${value} target="_blank" rel="noopener noreferrer" tabindex="-1"
          ><bdi>${value.replace(/^https?:\/\//, "")}</bdi></a
        >`;
      return text(value);
    },
  };
}

/** All columns that there can be, in the order of the menu. */
export function allColumns(fields: readonly ListField[]): ListColumn[] {
  return [...FIXED, ...fields.map(ofField)];
}

/** The columns that an address asks for, besides the name, which always comes first. */
export function columnsOf(query: string, fields: readonly ListField[]): ListColumn[] {
  const all = new Map(allColumns(fields).map((column) => [column.name, column]));
  const asked = new URLSearchParams(query).getAll("columns").join(",");
  const names = new Set(asked ? asked.split(",") : DEFAULT);
  return [...names].flatMap((name) => all.get(name) ?? []);
}

/** By which column the list is sorted, and whether from the end. */
export function orderOf(query: string): { name: string; down: boolean } {
  const word = new URLSearchParams(query).get("sort") ?? "stage";
  return { name: word.replace(/^-/, ""), down: word.startsWith("-") };
}

/** A line in words, for who hears it. */
export function spoken(row: ListRow): string {
  const { card } = row;
  return [
    card.name,
    stateOf(card)?.words,
    card.messages ? many(card.messages, "message") : "",
    row.found ? WHERE[row.found.where] : "",
  ]
    .filter(Boolean)
    .join(", ");
}
