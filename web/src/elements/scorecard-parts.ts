/** Parts of a scorecard. Pure: everything they show is handed in. */
import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import type { CriterionView, Hire, ScorecardView, SheetView } from "../live/protocol.gen.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { me } from "../lib/me.ts";
import { exactly, many } from "../lib/time.ts";
import type { Draft } from "./scorecard-draft.ts";

const MOST = 5;
const HIRE: readonly { value: Exclude<Hire, "">; words: string; tone: string }[] = [
  { value: "no", words: "No", tone: "bad" },
  { value: "unsure", words: "Unsure", tone: "" },
  { value: "yes", words: "Yes", tone: "good" },
  { value: "strong_yes", words: "Strong yes", tone: "good" },
];

/** Of what was rated, as it is shown; "–" without any. */
export function averageOf(ratings: Draft["ratings"], among: readonly CriterionView[]): string {
  if (!among.length) return "–";
  return points(among.reduce((sum, { id }) => sum + (ratings[id] ?? 0), 0) / among.length);
}

/** With one decimal, halves up, as the server rounds. */
export function points(score: number): string {
  return (Math.floor(Math.round(score * 100) / 10 + 0.5) / 10).toFixed(1);
}

export function overall(big: string, words: string, below: string): TemplateResult {
  return html`<div class="overall">
    <span class="big num">${big}</span>
    <div>
      <b>${words}</b>
      <p class="muted">${below}</p>
    </div>
  </div>`;
}

/** Hears digits from 1 to `most`, each a choice; for the page, digits are answers. */
function digits(most: number, chosen: (value: number, line: HTMLElement) => void) {
  return (event: KeyboardEvent) => {
    const value = Number(event.key);
    if (!(value >= 1 && value <= most) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    chosen(value, event.currentTarget as HTMLElement);
  };
}

/** One line to be rated; the number that is chosen already takes it back. */
export function criterion({ id, name }: CriterionView, chosen: number, rate: (value: number) => void): TemplateResult {
  const numbers = Array.from({ length: MOST }, (_, at) => at + 1);
  const key = digits(MOST, (value, line) => {
    if (value !== chosen) rate(value);
    line.nextElementSibling?.querySelector<HTMLInputElement>("input")?.focus();
  });
  return html`<fieldset class="criterion ${chosen ? "rated" : ""}" @keydown=${key}>
    <legend><bdi>${name}</bdi></legend>
    ${
      chosen
        ? html`<button type="button" class="clear" aria-label="Clear ${name}" @click=${() => rate(chosen)}>
            Clear
          </button>`
        : nothing
    }
    <div class="scale">
      ${numbers.map(
        (value) =>
          html`<label class="pip"
            ><input
              type="radio"
              name="criterion-${id}"
              aria-label="${value} of ${MOST}"
              .checked=${live(value === chosen)}
              @change=${() => rate(value)}
            /><span>${value}</span></label
          >`,
      )}
    </div>
  </fieldset>`;
}

export function verdict(chosen: Hire, choose: (value: Hire) => void): TemplateResult {
  const key = digits(HIRE.length, (value) => choose(HIRE[value - 1]!.value));
  return html`<fieldset class="criterion ${chosen ? "rated" : ""}" @keydown=${key}>
    <legend>Would you hire them?</legend>
    <div class="scale verdict">
      ${HIRE.map(
        ({ value, words, tone }) =>
          html`<label class="pip ${tone}"
            ><input type="radio" name="hire" .checked=${live(value === chosen)} @change=${() => choose(value)} /><span
              >${words}</span
            ></label
          >`,
      )}
    </div>
  </fieldset>`;
}

function hireBadge(hire: Hire) {
  const found = HIRE.find(({ value }) => value === hire);
  return found ? html`<span class="badge ${found.tone}">${found.words}</span>` : nothing;
}

/** A scorecard that was submitted, to be read. */
function reading(card: ScorecardView, criteria: readonly CriterionView[]) {
  const rated = criteria.filter(({ id }) => card.ratings[id]);
  return html`${
    rated.length
      ? html`<dl class="ratings">
          ${rated.map(
            ({ id, name }) =>
              html`<div>
                <dt class="cut" title=${name}><bdi>${name}</bdi></dt>
                <dd class="num">${card.ratings[id]}</dd>
              </div>`,
          )}
        </dl>`
      : nothing
  }${card.why ? html`<p class="why" dir="auto">${card.why}</p>` : nothing}`;
}

/** Mine, once it counts. */
export function said({ mine, criteria }: SheetView) {
  if (!mine) return nothing;
  return html`<section class="one" aria-label="Your scorecard">
    <div class="row">
      <span class="grow"><b>You</b></span>
      ${hireBadge(mine.hire)}
      ${mine.average === null ? nothing : html`<b class="num" title="Average">${points(mine.average)}</b>`}
    </div>
    ${reading(mine, criteria)}
  </section>`;
}

/** What the team thinks, or why it is not shown yet. */
/** In one line, for whoever reads no scorecard now: the score, or that it waits for mine. */
export function scoreLine({ submitted, hidden, score }: SheetView): TemplateResult {
  const cards = many(submitted.length, "scorecard");
  return html`<p class="row muted scoreline">
    ${
      hidden
        ? html`${icon("lock")}<span class="cut">${cards}, open to you once you submit yours</span>`
        : html`${score === null ? nothing : html`<span class="score num">${icon("star")}${points(score)}</span>`}<span
              class="cut"
              >${cards}: <bdi>${submitted.map((person) => person.name).join(", ")}</bdi></span
            >`
    }
  </p>`;
}

export function teams(sheet: SheetView) {
  const { submitted, others, hidden, score, criteria } = sheet;
  const theirs = submitted.filter((person) => person.id !== me.id);
  if (!theirs.length) return nothing;
  if (hidden) {
    return html`<p class="muted row waits">
      <span class="stack">${theirs.slice(0, 4).map((person) => avatar(person.id, person.colour, "small"))}</span>
      ${theirs.length === 1 ? `${theirs[0]!.name} has` : `${many(theirs.length, "colleague")} have`} submitted theirs
    </p>`;
  }
  return html`<section class="team" aria-labelledby="team-scores">
    <h3 id="team-scores" class="sr">The team’s scorecards</h3>
    ${score === null ? nothing : overall(points(score), "The team’s score", many(submitted.length, "scorecard"))}
    ${repeat(
      others,
      (card) => card.author.id,
      (card) =>
        html`<details class="one">
          <summary class="row" title=${card.submitted_at ? exactly(card.submitted_at) : nothing}>
            ${avatar(card.author.id, card.author.colour, "small")}<span class="grow cut"
              ><bdi>${card.author.name}</bdi></span
            >
            ${hireBadge(card.hire)}
            ${card.average === null ? nothing : html`<b class="num" title="Average">${points(card.average)}</b>`}
            ${icon("down")}
          </summary>
          ${reading(card, criteria)}
        </details>`,
    )}
  </section>`;
}
