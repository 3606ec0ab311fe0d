/** One stage of a flow in the job's editor, folded or open for editing. It holds nothing; every edit is told. */
import { html, nothing } from "lit";
import type { FlowView, StageKind } from "../live/protocol.gen.ts";
import { CHOOSABLE, fixed, KINDS, needWords, type Step } from "../lib/flow.ts";
import { icon } from "../lib/icons.ts";
import { many } from "../lib/time.ts";
import { ACTION_ICONS, actionsOf, needsOf } from "./flow-actions.ts";

/** What changes of a step; a function is asked for it by the step as it is then. */
export type Part = Partial<Step> | ((now: Step) => Partial<Step>);

export interface StageRow {
  step: Step;
  flow: FlowView;
  people: number;
  open: boolean;
  held: boolean;
  fault: { name?: string; action?: string };
  toggle: () => void;
  tell: (part: Part) => void;
  turn: (kind: StageKind) => void;
  remove: () => void;
  gripKey: (event: KeyboardEvent) => void;
  grab: (event: PointerEvent) => void;
}

/** Actions in a word or two, beside their stage. */
const SHORT: Readonly<Record<string, string>> = {
  message: "Message",
  ask: "Link to questions",
  assign: "Reviewers",
  own: "Owner",
};
const DAYS = [0, 1, 2, 3, 4, 5, 7, 10, 14, 21, 28] as const;
const HINTS = [0, 3, 5, 8, 10, 15, 20, 30, 50, 100] as const;

export function stageRow(row: StageRow) {
  const { step, open } = row;
  const faulty = row.fault.name ?? row.fault.action;
  return html`<li class="${open ? "open" : ""} ${row.held ? "held" : ""}" data-stage=${step.key}>
    ${grip(row)}
    <span class="stagename">
      <span class="dot c${step.colour}"></span>
      <span class="grow">
        <b class="cut" dir="auto">${step.name.trim() || "No name yet"}</b>
        <span class="muted cut"
          >${KINDS[step.kind]}${row.people ? ` · ${row.people.toLocaleString("en-GB")}` : ""}</span
        >
      </span>
    </span>
    ${open ? nothing : folded(row)}
    <button
      type="button"
      class="button quiet icon"
      aria-label="${open ? "Fold" : "Open"} stage ${step.name}"
      aria-expanded=${open ? "true" : "false"}
      @click=${row.toggle}
    >
      ${icon(faulty && !open ? "alert" : open ? "up" : "down")}
    </button>
    ${open ? editor(row) : nothing}
  </li>`;
}

function grip({ step, gripKey, grab }: StageRow) {
  if (fixed(step.kind)) return html`<span class="nogrip"></span>`;
  return html`<button
    type="button"
    class="grip"
    aria-label="Order of stage ${step.name}: arrow keys move it"
    @keydown=${gripKey}
    @pointerdown=${grab}
  >
    ${icon("grip")}
  </button>`;
}

function folded({ step, flow }: StageRow) {
  const needs = step.needs.map((need) => needWords(need, flow.needs));
  const label = (kind: string) => flow.actions.find((offer) => offer.kind === kind)?.label;
  const actions = step.actions.filter((action) => label(action.kind));
  const rule = step.kind === "inbox" ? "Anyone who applies" : needs.length ? needs.join(", ") : "";
  return html`<span class="rule cut">${rule}</span>
    <span class="tokens">
      ${actions
        .slice(0, 2)
        .map(
          (action) =>
            html`<span class="badge" title=${action.text || nothing}
              >${icon(ACTION_ICONS[action.kind] ?? "play")}<span class="cut"
                >${SHORT[action.kind] ?? label(action.kind)}${action.when === "exit" ? " on leaving" : ""}</span
              ></span
            >`,
        )}
      ${actions.length > 2 ? html`<span class="badge">+${actions.length - 2}</span>` : nothing}
    </span>
    <span class="prom">${step.days ? html`${icon("clock")}${many(step.days, "day")}` : nothing}</span>`;
}

function editor(row: StageRow) {
  const { step, tell, fault, flow } = row;
  const id = (part: string) => `${part}-${step.key}`;
  const number = (event: Event) => Number((event.target as HTMLSelectElement).value);
  return html`<div class="editstage">
    <div class="labelled">
      <label for=${id("name")}>Name</label>
      <span class="field"
        ><input
          id=${id("name")}
          data-name
          maxlength="80"
          dir="auto"
          autocomplete="off"
          aria-invalid=${fault.name ? "true" : "false"}
          aria-describedby=${id("fault")}
          .value=${step.name}
          @input=${(event: Event) => tell({ name: (event.target as HTMLInputElement).value })}
      /></span>
      <p class="fault" id=${id("fault")} ?hidden=${!fault.name}>${icon("alert")}${fault.name}</p>
    </div>
    <div class="labelled">
      <label for=${id("kind")}>Kind</label>
      <select
        class="box"
        id=${id("kind")}
        ?disabled=${fixed(step.kind)}
        @change=${(event: Event) => row.turn((event.target as HTMLSelectElement).value as StageKind)}
      >
        ${(fixed(step.kind) ? [step.kind] : CHOOSABLE).map(
          (kind) => html`<option value=${kind} ?selected=${kind === step.kind}>${KINDS[kind]}</option>`,
        )}
      </select>
    </div>
    ${
      step.kind === "hired" || step.kind === "declined"
        ? nothing
        : html`<div class="labelled">
              <label for=${id("days")}>Planned for</label>
              <select class="box" id=${id("days")} @change=${(event: Event) => tell({ days: number(event) })}>
                ${among(DAYS, step.days).map(
                  (one) =>
                    html`<option value=${one} ?selected=${one === step.days}>
                      ${one ? many(one, "day") : "No plan"}
                    </option>`,
                )}
              </select>
            </div>
            <div class="labelled">
              <label for=${id("hint")}>Crowded with</label>
              <select class="box" id=${id("hint")} @change=${(event: Event) => tell({ hint: number(event) })}>
                ${among(HINTS, step.hint).map(
                  (one) =>
                    html`<option value=${one} ?selected=${one === step.hint}>
                      ${one ? `more than ${many(one, "person", "people")}` : "No hint"}
                    </option>`,
                )}
              </select>
            </div>`
    }
    ${colours(step, tell)} ${needsOf(step, flow, tell)}
    ${actionsOf(step, flow, fault.action, (change) => tell(({ actions }) => ({ actions: change(actions) })))}
    <footer class="row wide">
      <button type="button" class="button ready" @click=${row.toggle}>Done</button>
      <span class="grow"></span>
      ${
        fixed(step.kind)
          ? html`<span class="muted">Every flow has this stage once.</span>`
          : html`<button type="button" class="button quiet danger" @click=${row.remove}>
              ${icon("bin")}Remove stage
            </button>`
      }
    </footer>
  </div>`;
}

function colours(step: Step, tell: StageRow["tell"]) {
  return html`<fieldset class="swatches">
    <legend>Colour</legend>
    ${Array.from({ length: 12 }, (_, index) => index + 1).map(
      (colour) =>
        html`<label class="c${colour}"
          ><input
            type="radio"
            name="colour-${step.key}"
            aria-label="Colour ${colour}"
            value=${colour}
            .checked=${colour === step.colour}
            @change=${() => tell({ colour })} /><i></i
        ></label>`,
    )}
  </fieldset>`;
}

function among(values: readonly number[], value: number): number[] {
  return [...new Set([...values, value])].sort((one, other) => one - other);
}
