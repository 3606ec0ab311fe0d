/** The lists of home: new answers, who waits for us, what I look after, where I was mentioned. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { HomeCard, HomeMention, HomeView } from "../live/protocol.gen.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { firstName, may, me, path } from "../lib/me.ts";
import { partsOf } from "../lib/mentions.ts";
import { candidateFace, latePicture } from "../lib/picture.ts";
import { promiseUsed, promiseWords } from "../lib/promise.ts";
import { properties } from "../lib/style.ts";
import { age, ago, clock, exactly, many } from "../lib/time.ts";

/** As many as the server gives at once of a list that is looked at alone. */
const PAGE = 100;

export type Show = "" | "answers" | "waiting" | "reviews" | "mentions" | "meetings";

/** Where a list is looked at alone. */
export const showing = (show: Show): string => path(show ? `home?show=${show}` : "home");

const page = (card: HomeCard): string => path(`applications/${card.id}`);

export function heading(id: string, title: string, more: unknown, rest: TemplateResult | typeof nothing = nothing) {
  return html`<header class="sec">
    <h2 id="desk-${id}">${title}</h2>
    ${more}<span class="grow"></span>${rest}
  </header>`;
}

function all(show: Show, shown: number, count: number, alone: boolean) {
  if (alone || count <= shown) return nothing;
  return html`<a class="button quiet" href=${showing(show)}>See all ${count}</a>`;
}

/** The way through a list that is longer than its page. */
export function pages(view: HomeView, show: Exclude<Show, "" | "meetings">): TemplateResult | typeof nothing {
  const { skipped, [show]: here, [`${show}_count` as const]: count } = view;
  const end = skipped + here.length;
  if (end - skipped >= count) return nothing;
  const step = (label: string, wanted: boolean, skip: number) =>
    wanted
      ? html`<a class="button" href="${showing(show)}${skip ? `&skip=${skip}` : ""}">${label}</a>`
      : html`<a class="button" role="link" aria-disabled="true">${label}</a>`;
  return html`<nav class="row pages" aria-label="Pages">
    <span class="muted num grow">${skipped + 1} to ${end} of ${count}</span>
    ${step("Previous", skipped > 0, Math.max(0, skipped - PAGE))}${step("Next", end < count, end)}
  </nav>`;
}

/** Answers that nobody of the team has opened, as pictures. */
export function freshAnswers({ answers, answers_count: count }: HomeView, alone: boolean, now: number) {
  if (!answers.length) return nothing;
  return html`<section class="fresh" aria-labelledby="desk-answers">
    ${heading("answers", "New answers", html`<span class="muted num">${count}</span>`, all("answers", answers.length, count, alone))}
    <ol class="reels">
      ${repeat(
        answers,
        (card) => card.id,
        (card) =>
          html`<li class="card reel">
            <a href=${page(card)}>
              <span class="pic ${card.poster ? "" : "idle"}">
                ${card.poster ? latePicture(card.poster) : candidateFace(card.candidate, card.name, null, "large")}
                <span class="glass"
                  >${icon(card.answers_ms ? "play" : "text")}${many(card.answers, "answer")}${
                    card.answers_ms ? `, ${clock(card.answers_ms / 1000)}` : ""
                  }</span
                >
              </span>
              <span class="row who">
                <span class="grow"
                  ><b class="cut" dir="auto">${card.name}</b
                  ><span class="muted cut"><bdi>${card.title}</bdi></span></span
                >
                <time class="muted" datetime=${card.since} title=${ago(card.since, now)}>${age(card.since, now)}</time>
              </span>
            </a>
          </li>`,
      )}
    </ol>
  </section>`;
}

/** Whoever was promised an answer or has asked something, the most urgent first. */
export function waiting({ waiting, waiting_count: count, overdue }: HomeView, alone: boolean, now: number) {
  if (!waiting.length) return nothing;
  const late = overdue ? html`<span class="badge bad">${overdue} past their promise</span>` : nothing;
  return html`<section class="waits" aria-labelledby="desk-waiting">
    ${heading("waiting", "Waiting for us", late, all("waiting", waiting.length, count, alone))}
    <ol class="card deskrows">
      ${repeat(
        waiting,
        (card) => card.id,
        (card) => waiter(card, now),
      )}
    </ol>
  </section>`;
}

function waiter(card: HomeCard, now: number) {
  const late = card.promised !== null && Date.parse(card.promised) <= now;
  const word = !may.write ? "Open" : card.waiting || late ? "Reply" : "Decide";
  const why = card.waiting ? `wrote ${ago(card.since, now)}` : `handed in ${ago(card.since, now)}`;
  return html`<li>
    ${candidateFace(card.candidate, card.name, card.poster)}
    <span class="grow">
      <a class="cut name" dir="auto" href=${page(card)} title=${card.name}>${card.name}</a>
      <span class="muted cut"><bdi>${card.title}</bdi>, ${why}</span>
    </span>
    ${card.promised ? promise(card, now) : html`<span class="pledge none"></span>`}
    <a class="button ${late ? "primary" : ""}" href=${page(card)} aria-label="${word}: ${card.name}">${word}</a>
  </li>`;
}

/** The time left of a promise, and how much of it is used up. */
function promise(card: HomeCard, now: number) {
  const due = card.promised!;
  const { words, spoken, tone } = promiseWords(due, now);
  const used = promiseUsed(card.promised_at ?? due, due, now);
  return html`<span class="pledge ${tone}" title="${spoken}: ${exactly(due)}">
    <b>${words}</b><span class="sr"> of the promise</span>
    <i aria-hidden="true" ${properties({ "--used": `${used}%` })}></i>
  </span>`;
}

/** What I own or review, what I have not seen first. */
export function reviews({ reviews, reviews_count: count }: HomeView, alone: boolean, now: number) {
  if (!reviews.length) return nothing;
  return html`<section class="mine" aria-labelledby="desk-reviews">
    ${heading("reviews", "My reviews", html`<span class="muted num">${count}</span>`, all("reviews", reviews.length, count, alone))}
    <ol class="card deskrows">
      ${repeat(
        reviews,
        (card) => card.id,
        (card) => review(card, now),
      )}
    </ol>
  </section>`;
}

function review(card: HomeCard, now: number) {
  const news = card.opened || !card.answers ? (card.unseen ? `${card.unseen} unseen` : "") : "New";
  return html`<li>
    ${candidateFace(card.candidate, card.name, card.poster)}
    <span class="grow">
      <a class="cut name" dir="auto" href=${page(card)} title=${card.name}>${card.name}</a>
      <span class="muted cut"
        ><bdi>${card.title}</bdi>, <bdi>${card.stage}</bdi>${card.part === "owner" ? ", you own" : ""}</span
      >
    </span>
    ${news ? html`<span class="badge accent">${news}</span>` : html`<time class="muted" datetime=${card.since}>${age(card.since, now)}</time>`}
  </li>`;
}

/** Notes that name me, until I have seen them. */
export function mentions({ mentions, mentions_count: count }: HomeView, alone: boolean, now: number) {
  if (!mentions.length) return nothing;
  return html`<section class="named" aria-labelledby="desk-mentions">
    ${heading("mentions", "Mentions", html`<span class="muted num">${count}</span>`, all("mentions", mentions.length, count, alone))}
    <ol class="card quotes">
      ${repeat(
        mentions,
        (mention) => mention.notice,
        (mention) => quote(mention, now),
      )}
    </ol>
  </section>`;
}

function quote({ application, name, note }: HomeMention, now: number) {
  return html`<li>
    <a href=${path(`applications/${application}`)}>
      ${avatar(note.author.id, note.author.colour)}
      <span class="grow">
        <span class="row"
          ><b class="cut"><bdi>${firstName(note.author.name)}</bdi></b
          ><span class="muted cut grow">on <bdi>${name}</bdi></span
          ><time class="muted" datetime=${note.created_at} title=${ago(note.created_at, now)}
            >${age(note.created_at, now)}</time
          ></span
        >
        <span class="said" dir="auto"
          >${partsOf(note.body, note.mentions).map(({ text, who }) =>
            who ? html`<span class="mention ${who === me.id ? "me" : ""}">${text}</span>` : text,
          )}</span
        >
      </span>
    </a>
  </li>`;
}
