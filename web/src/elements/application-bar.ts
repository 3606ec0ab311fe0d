/** The bar over a candidate's page: who they are, where they stand, who looks after them, and the way on. Holds nothing. */
import { html, nothing, type TemplateResult } from "lit";
import type { ApplicationView, Present, StageView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { may, path } from "../lib/me.ts";
import { nextStage } from "../lib/moves.ts";
import { candidateFace } from "../lib/picture.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import { jumpButton, neighbour, stagePick, teamPick } from "./application-parts.ts";
import "./meetings.ts";

export interface Bar {
  view: ApplicationView;
  people: readonly Present[];
  /** A move is under way. */
  pending: boolean;
  /** It is looked up what is to be asked before they are declined. */
  asking: boolean;
  move: (stage: StageView) => void;
  chooseStage: (anchor: HTMLElement) => void;
  chooseTeam: (anchor: HTMLElement) => void;
}

/** "Advance" means the stage after the next one once it was pressed: pressed twice at once, or held, it was meant once. */
export function applicationBar(bar: Bar): TemplateResult {
  const { view, people, pending, asking, move, chooseStage, chooseTeam } = bar;
  const stage = view.stages.find((one) => one.id === view.card.stage);
  const declined = view.stages.find((one) => one.kind === "declined");
  const next = nextStage(view.stages, view.card.stage);
  return html`<header class="bar">
    <a class="button quiet icon" href=${path(`jobs/${view.job.id}`)} aria-label="Back to the board">${icon("left")}</a>
    ${candidateFace(view.card.candidate, view.name, view.card.poster, "large")}
    <div class="whois">
      <h1 class="cut" dir="auto" title=${view.name}>
        <a href=${path(`candidates/${view.card.candidate}?application=${view.card.id}`)}>${view.name}</a>
      </h1>
      <p class="muted cut">
        <bdi>${view.job.title}</bdi> · <a href="mailto:${view.email}"><bdi>${view.email}</bdi></a>
      </p>
    </div>
    ${stagePick(stage, pending, chooseStage)} ${teamPick(view.card, view.people, chooseTeam)}
    <gr-meetings .card=${view.card}></gr-meetings>
    <span class="grow"></span>
    ${presenceStack(people, "Looking at this candidate now")}
    <nav class="row pair" aria-label="Candidates of this stage">
      <span class="muted num nowrap">${view.place} of ${view.places}</span>
      ${neighbour(view.previous, "Previous candidate", "left")}${neighbour(view.next, "Next candidate", "right")}
    </nav>
    ${jumpButton()}
    <gr-bell compact></gr-bell>
    ${
      may.move && declined && stage?.kind !== "declined"
        ? html`<button type="button" class="button danger decline" aria-busy=${asking} @click=${() => move(declined)}>
            Decline
          </button>`
        : nothing
    }
    ${
      may.move && next
        ? html`<button
            type="button"
            class="button primary advance"
            @click=${(event: MouseEvent) => event.detail > 1 || move(next)}
            @keydown=${(event: KeyboardEvent) => event.repeat && event.key === "Enter" && event.preventDefault()}
          >
            <span class="cut">Advance<span class="to"> to ${next.name}</span></span>
          </button>`
        : nothing
    }
  </header>`;
}
