/** Parts of a candidate's page that hold nothing: the way to the next one, and how far they are. */
import { html, nothing, type TemplateResult } from "lit";
import type { Card, Person, StageView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { may, path } from "../lib/me.ts";
import { many } from "../lib/time.ts";
import { teamStack, teamWords } from "./team-picker.ts";

export function neighbour(id: string | null, label: string, name: string): TemplateResult {
  return id
    ? html`<a class="button icon" href=${path(`applications/${id}`)} aria-label=${label} title=${label}
        >${icon(name)}</a
      >`
    : html`<a class="button icon" role="link" aria-disabled="true" aria-label="No ${label.toLowerCase()}"
        >${icon(name)}</a
      >`;
}

/** The palette, for who has no keyboard: this page stands alone, without the navigation that has it elsewhere. */
export function jumpButton(): TemplateResult {
  return html`<button
    type="button"
    class="button quiet icon"
    data-jump
    aria-label="Search or jump"
    title="Search or jump (Ctrl K)"
    aria-keyshortcuts="Control+K Meta+K"
  >
    ${icon("find")}
  </button>`;
}

/** The stage they are in, to be changed by whoever may. */
export function stagePick(stage: StageView | undefined, pending: boolean, choose: (anchor: HTMLElement) => void) {
  const words = html`<span class="dot"></span><span class="cut"><span class="sr">Stage: </span>${stage?.name}</span>`;
  const colour = `c${stage?.colour ?? 7}`;
  if (!may.move) return html`<span class="badge stagepick ${colour}">${words}</span>`;
  return html`<button
    type="button"
    class="button stagepick ${colour} ${pending ? "pending" : ""}"
    aria-haspopup="menu"
    aria-expanded="false"
    @click=${(event: Event) => choose(event.currentTarget as HTMLElement)}
  >
    ${words}${icon("down")}
  </button>`;
}

/** Who looks after them, to be changed by whoever may. */
export function teamPick(card: Card, people: readonly Person[], choose: (anchor: HTMLElement) => void) {
  const faces = teamStack(card, people);
  const words = teamWords(card, people);
  return html`<button
    type="button"
    class="button quiet teampick"
    aria-haspopup="dialog"
    aria-expanded="false"
    aria-label="Who looks after them${words ? `: ${words}` : ""}${faces === nothing ? `. ${may.move ? "Assign" : "Follow"}` : ""}"
    title="${may.move ? "Assign and follow" : "Follow"} (I)"
    @click=${(event: Event) => choose(event.currentTarget as HTMLElement)}
  >
    ${faces === nothing ? html`${icon("user")}<span>${may.move ? "Assign" : "Follow"}</span>` : faces}
  </button>`;
}

/** What somebody who has not sent everything has done until now. */
export function soFar(card: Card): TemplateResult {
  const recording = card.progress === "recording" && card.answering;
  if (!recording && !card.answers) {
    return html`<span class="badge">No answers yet</span> What they finish arrives here by itself.`;
  }
  return html`${
    recording
      ? html`<span class="badge bad pulsing">Recording answer ${card.answering}</span>`
      : html`<span class="badge info">${many(card.answers, "answer")} of ${card.questions} so far</span>`
  }
  ${
    card.answers
      ? "What is finished can be watched already; more arrives here by itself."
      : "It arrives here by itself when it is finished."
  }`;
}

export interface TabLook {
  icon: string;
  label: string;
  count: number;
  /** How many came while the other tab was open. */
  fresh: number;
  chosen: boolean;
}

/** The tab of one thread; `show` opens it. */
export function threadTab(id: string, { icon: name, label, count, fresh, chosen }: TabLook, show: () => void) {
  return html`<button
    type="button"
    id="tab-${id}"
    role="tab"
    aria-selected=${chosen}
    aria-controls="panel-${id}"
    tabindex=${chosen ? 0 : -1}
    @click=${show}
  >
    ${icon(name)}<span class="cut">${label}</span>
    ${
      fresh
        ? html`<span class="count">${fresh}<span class="sr"> new</span></span>`
        : html`<span class="num muted">${count || ""}</span>`
    }
  </button>`;
}
