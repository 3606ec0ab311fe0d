/** Parts of the board that hold nothing: its title row, and what an empty stage says. */
import { html, nothing, type TemplateResult } from "lit";
import type { Board, JobRow, JobState, Present, StageView } from "../live/protocol.gen.ts";
import { cardOf } from "../lib/doing.ts";
import { icon } from "../lib/icons.ts";
import { may, me, path } from "../lib/me.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import { many } from "../lib/time.ts";
import { copyLink } from "./board-actions.ts";

/** Where the heading's other buttons stand behind its last one. */
const NARROW = "(max-width: 760px)";

async function more(event: Event, job: JobRow, activity: () => void): Promise<void> {
  const button = event.currentTarget as HTMLElement;
  const { openTransfer } = await import("./transfer-menu.ts");
  await openTransfer(button, job, matchMedia(NARROW).matches ? activity : null);
}

/** The job, who is here, and what can be done with it; `activity` shows what happened. */
export function boardTitle(
  board: Pick<Board, "job">,
  people: readonly Present[],
  activity: () => void,
): TemplateResult {
  const { job } = board;
  const total = board.job.people;
  const place = [job.remote ? "Remote" : "", job.location].filter(Boolean).join(", ");
  const tone = { open: "good", draft: "", closed: "warn" }[job.state];
  return html`<div class="row title">
    <h1><bdi>${job.title}</bdi></h1>
    <span class="badge ${tone}">${{ open: "Open", draft: "Draft", closed: "Closed" }[job.state]}</span>
    <span class="muted cut about">${[place, many(total, "candidate")].filter(Boolean).join(" · ")}</span>
    <span class="grow"></span>
    ${presenceStack(people, "On this board now")}
    <button
      type="button"
      class="button icon spare"
      aria-haspopup="dialog"
      aria-label="Activity"
      title="Activity"
      @click=${activity}
    >
      ${icon("pulse")}
    </button>
    <gr-hearing class="spare" .job=${job}></gr-hearing>
    <button
      type="button"
      class="button icon ${may.edit ? "" : "narrow"}"
      title="More for this job"
      aria-label="More for this job"
      aria-haspopup="menu"
      aria-expanded="false"
      @click=${(event: Event) => void more(event, job, activity)}
    >
      ${icon("more")}
    </button>
    ${
      may.edit
        ? html`<a class="button edit spare" href=${path(`jobs/${job.id}/edit`)}
            >${icon("write")}<span>Edit job</span></a
          >`
        : nothing
    }
    ${
      job.state === "open"
        ? html`<button type="button" class="button primary share spare" @click=${() => void copyLink(job.id)}>
            ${icon("link")}<span>Copy candidate link</span>
          </button>`
        : nothing
    }
  </div>`;
}

/** How somebody comes here first. */
export const FIRST: Readonly<Record<JobState, string>> = {
  draft: "The job is a draft, and has no link yet. Once it is open, whoever applies shows up here by itself.",
  open: "Share the candidate link. Whoever applies shows up here by itself.",
  closed: "The job is closed: nobody new can apply.",
};

/** Explains what comes here next. */
export function emptyColumn(stage: StageView, job: JobState): TemplateResult {
  const words: Partial<Record<StageView["kind"], string>> = {
    inbox: FIRST[job],
    questions: "Candidates who are answering stand here.",
    review: "Finished answers wait here for the team.",
    hired: "Here is to the first one.",
    declined: "Nobody declined.",
  };
  return html`<li class="empty">
    <strong>No one here yet</strong
    ><span>${words[stage.kind] ?? (may.move ? "Drag a candidate here, or press M on a card." : "")}</span>
  </li>`;
}

/** On a filtered board: what the first column holds when there is nobody in any. */
export function nobodyFits(
  stage: StageView,
  { stages, count }: { stages: readonly StageView[]; count: ReadonlyMap<string, number> },
) {
  if (stage !== stages[0] || [...count.values()].some(Boolean)) return nothing;
  return html`<li class="empty">
    <strong>Nobody fits</strong><span>Try fewer letters, or take a filter away.</span>
  </li>`;
}

/** How many people stand in a stage, and that they are more than the team wants there at once. */
export function stageCount(stage: StageView, count: number): TemplateResult {
  const crowded = stage.hint > 0 && count > stage.hint;
  const words = crowded
    ? `${many(count, "candidate")}, more than the ${stage.hint} meant to be here`
    : many(count, "candidate");
  return html`<span
    class="num ${crowded ? "crowded" : "muted"}"
    role="img"
    aria-label=${words}
    title=${crowded ? words : nothing}
    >${count}${crowded ? ` / ${stage.hint}` : ""}</span
  >`;
}

/** Who else looks at which candidate's page, by card. */
export function watchersOf(people: readonly Present[]): Map<string, Present[]> {
  const watchers = new Map<string, Present[]>();
  for (const person of people) {
    const card = cardOf(person);
    if (person.id !== me.id && card) watchers.set(card, [...(watchers.get(card) ?? []), person]);
  }
  return watchers;
}

/** The keys that help, where there is room for them. */
export function boardHints(): TemplateResult | typeof nothing {
  if (!may.move) return nothing;
  return html`<span class="hints muted" aria-hidden="true"
    ><kbd>Alt</kbd><kbd>←</kbd><kbd>→</kbd> move <kbd>M</kbd> move to <kbd>I</kbd> assign <kbd>Q</kbd> mine
    <kbd>Space</kbd> peek <kbd>Enter</kbd> open</span
  >`;
}
