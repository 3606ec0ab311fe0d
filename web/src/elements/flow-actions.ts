/** What a stage needs and what it does by itself, as it is edited: lists that hold nothing; every edit is told. */
import { html, nothing, type TemplateResult } from "lit";
import type { ActionOffer, FlowView, Need, NeedOffer, Person, StageAction } from "../live/protocol.gen.ts";
import { newKey } from "../lib/api.ts";
import type { Step } from "../lib/flow.ts";
import { icon } from "../lib/icons.ts";
import { openMenu } from "../lib/menu.ts";
import { LONGEST, noSuch, unknownIn } from "../lib/placeholders.ts";
import { templatesButton } from "../lib/template-button.ts";
import type { Choice } from "../lib/template-menu.ts";
import { templates } from "../lib/templates.ts";
import { many } from "../lib/time.ts";
import { toast } from "../lib/toast.ts";

type Tell = (part: Partial<Step>) => void;
type Put = (change: (now: readonly StageAction[]) => readonly StageAction[]) => void;
type Edit = (part: Partial<StageAction>) => void;

const MOST_ACTIONS = 10;
const AFTER: readonly (readonly [number, string])[] = [
  [0, "at once"],
  [60, "1 hour later"],
  [240, "4 hours later"],
  [1440, "1 day later"],
  [2880, "2 days later"],
  [4320, "3 days later"],
  [10_080, "1 week later"],
];
/** Working days that an answer can be promised for. */
export const PROMISES: readonly number[] = [1, 2, 3, 4, 5, 7, 10, 15, 20];
export const ACTION_ICONS: Readonly<Record<string, string>> = {
  message: "mail",
  ask: "video",
  assign: "people",
  own: "user",
  promise: "clock",
};
const FIRST_WORDS = "Hello {first_name}, ";

/** Rules of entry as tokens; nothing where none can be set. */
const LEAST = [2, 2.5, 3, 3.5, 4, 4.5]; // points of a score

export function needsOf(step: Step, { needs: offers }: FlowView, tell: Tell): TemplateResult | typeof nothing {
  const known = step.needs.filter((need) => offers.some((offer) => offer.kind === need.kind));
  const open = offers.filter((offer) => !known.some((need) => need.kind === offer.kind));
  if (step.kind === "inbox" || step.kind === "declined" || !offers.length) return nothing;
  const put = (needs: readonly Need[]) => tell({ needs });
  const add = (event: Event) =>
    void openMenu(
      event.currentTarget as HTMLElement,
      "To enter, a person needs",
      open.map((offer) => ({
        label: offer.counted ? upper(offer.many) : offer.one,
        run: () => put([...known, { kind: offer.kind, count: 1, least: 0 }]),
      })),
    );
  return html`<div class="labelled wide">
    <span class="label" id="needs-${step.key}">To enter, a person needs</span>
    <ul class="tokens" aria-labelledby="needs-${step.key}">
      ${known.map((need) => html`<li>${token(need, offers, known, put)}</li>`)}
      ${
        open.length
          ? html`<li>
              <button type="button" class="token add" aria-haspopup="menu" aria-expanded="false" @click=${add}>
                ${icon("plus")}Rule
              </button>
            </li>`
          : nothing
      }
    </ul>
  </div>`;
}

function token(need: Need, offers: readonly NeedOffer[], all: readonly Need[], put: (needs: readonly Need[]) => void) {
  const offer = offers.find((one) => one.kind === need.kind)!;
  const words = need.count === 1 ? offer.one : offer.many;
  const set = (part: "count" | "least") => (event: Event) => {
    const chosen = Number((event.target as HTMLSelectElement).value);
    put(all.map((one) => (one === need ? { ...one, [part]: chosen } : one)));
  };
  return html`<span class="token">
    ${
      offer.counted
        ? html`<select aria-label="How many ${offer.many}" @change=${set("count")}>
            ${[1, 2, 3, 4, 5].map((one) => html`<option value=${one} ?selected=${one === need.count}>${one}</option>`)}
          </select>`
        : nothing
    }
    <span>${words}</span>
    ${
      offer.scored
        ? html`<select aria-label="Score of at least" @change=${set("least")}>
            <option value="0" ?selected=${!need.least}>any score</option>
            ${LEAST.map((one) => html`<option value=${one} ?selected=${one === need.least}>${one} or more</option>`)}
          </select>`
        : nothing
    }
    <button type="button" aria-label="Remove rule: ${words}" @click=${() => put(all.filter((one) => one !== need))}>
      ${icon("close")}
    </button>
  </span>`;
}

/** What happens by itself, in order; `faulty` is the id of the one that cannot be saved yet. */
export function actionsOf(step: Step, flow: FlowView, faulty: string | undefined, change: Put) {
  const { actions: offers } = flow;
  const offered = (action: StageAction) => offers.some((offer) => offer.kind === action.kind);
  const known = step.actions.filter(offered);
  if (!offers.length) return nothing;
  const put: Put = (edit) => change((now) => edit(now.filter(offered)));
  const add = (event: Event) =>
    void openMenu(
      event.currentTarget as HTMLElement,
      "What happens by itself",
      offers.map((offer) => ({
        label: offer.label,
        icon: ACTION_ICONS[offer.kind] ?? "play",
        run: () => put((now) => [...now, fresh(offer)]),
      })),
    );
  return html`<div class="labelled wide">
    <span class="label" id="acts-${step.key}">What happens by itself</span>
    ${
      known.length
        ? html`<ul class="autos" aria-labelledby="acts-${step.key}">
            ${known.map((action, index) => row(action, index, known, flow, action.id === faulty, put))}
          </ul>`
        : nothing
    }
    ${
      known.length < MOST_ACTIONS
        ? html`<button type="button" class="token add" aria-haspopup="menu" aria-expanded="false" @click=${add}>
            ${icon("plus")}Action
          </button>`
        : nothing
    }
  </div>`;
}

function fresh(offer: ActionOffer): StageAction {
  const text = offer.uses.includes("text") ? FIRST_WORDS : "";
  return {
    id: newKey(),
    kind: offer.kind,
    when: "entry",
    after: 0,
    text,
    people: [],
    count: offer.uses.includes("days") ? 3 : 1,
    template: null,
  };
}

function row(
  action: StageAction,
  index: number,
  all: readonly StageAction[],
  { actions: offers, members }: FlowView,
  faulty: boolean,
  put: Put,
) {
  const offer = offers.find((one) => one.kind === action.kind)!;
  const edit = (part: Partial<StageAction>) =>
    put((now) => now.map((one) => (one.id === action.id ? { ...one, ...part } : one)));
  const name = `${offer.label}, ${index + 1} of ${all.length}`;
  return html`<li>
    <span class="row">
      ${icon(ACTION_ICONS[action.kind] ?? "play")}<b class="grow">${offer.label}</b>
      <button
        type="button"
        class="button quiet icon"
        aria-label="Remove: ${name}"
        @click=${() => put((now) => now.filter((one) => one.id !== action.id))}
      >
        ${icon("close")}
      </button>
    </span>
    <span class="row times">
      ${offer.uses.includes("days") ? within(action, name, edit) : when(action, name, edit)}
      ${offer.uses.includes("after") ? delay(action, name, edit) : nothing}
    </span>
    ${offer.uses.includes("people") ? whom(action, offer, members, faulty, edit) : nothing}
    ${offer.uses.includes("text") ? words(action, offer, faulty, edit) : nothing}
  </li>`;
}

function when(action: StageAction, name: string, edit: Edit) {
  return html`<select
    class="box"
    aria-label="When: ${name}"
    @change=${(event: Event) => edit({ when: (event.target as HTMLSelectElement).value as StageAction["when"] })}
  >
    <option value="entry" ?selected=${action.when === "entry"}>When somebody enters</option>
    <option value="exit" ?selected=${action.when === "exit"}>When somebody leaves</option>
  </select>`;
}

/** A promise: whoever enters hears from the team in time. It ends when they leave, hear from you, or are decided on. */
function within(action: StageAction, name: string, edit: Edit) {
  const choices = [...new Set([...PROMISES, action.count])].sort((one, other) => one - other);
  return html`<span>Whoever enters hears from you within</span>
    <select
      class="box"
      aria-label="Working days: ${name}"
      @change=${(event: Event) => edit({ count: Number((event.target as HTMLSelectElement).value) })}
    >
      ${choices.map((days) => html`<option value=${days} ?selected=${days === action.count}>${many(days, "working day")}</option>`)}
    </select>`;
}

function delay(action: StageAction, name: string, edit: Edit) {
  const known = AFTER.some(([minutes]) => minutes === action.after);
  const choices = known ? AFTER : ([...AFTER, [action.after, `${action.after} minutes later`]] as const);
  return html`<select
    class="box"
    aria-label="How soon: ${name}"
    @change=${(event: Event) => edit({ after: Number((event.target as HTMLSelectElement).value) })}
  >
    ${choices.map(([minutes, label]) => html`<option value=${minutes} ?selected=${minutes === action.after}>${label}</option>`)}
  </select>`;
}

/** Among whom, and how many of them each time. */
function whom(action: StageAction, offer: ActionOffer, members: readonly Person[], faulty: boolean, edit: Edit) {
  const chosen = members.filter((member) => action.people.includes(member.id)).map((member) => member.id);
  const toggle = (id: string) => {
    const people = chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
    edit({ people, count: Math.max(1, Math.min(action.count, people.length)) });
  };
  return html`<fieldset class="whom">
      <legend>Among</legend>
      ${members.map(
        (member) =>
          html`<label class="tick"
            ><input type="checkbox" .checked=${chosen.includes(member.id)} @change=${() => toggle(member.id)} /><span
              class="cut"
              ><bdi>${member.name}</bdi></span
            ></label
          >`,
      )}
    </fieldset>
    ${
      offer.uses.includes("count") && chosen.length > 1
        ? html`<label class="row"
            >How many each time
            <select
              class="box count"
              @change=${(event: Event) => edit({ count: Number((event.target as HTMLSelectElement).value) })}
            >
              ${chosen.map((_, index) => html`<option value=${index + 1} ?selected=${index + 1 === action.count}>${index + 1}</option>`)}
            </select></label
          >`
        : nothing
    }
    <p class="fault" ?hidden=${!faulty}>${icon("alert")}Choose at least one person.</p>`;
}

function words(action: StageAction, offer: ActionOffer, faulty: boolean, edit: Edit) {
  const insert = (event: Event, placeholder: string) => {
    const area = (event.currentTarget as HTMLElement).closest("li")!.querySelector("textarea")!;
    area.setRangeText(`{${placeholder}}`, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    edit({ text: area.value });
  };
  const unknown = unknownIn(action.text);
  const fault = faulty ? "Write the message." : unknown === null ? "" : noSuch(unknown);
  return html`<textarea
      class="box"
      rows="3"
      dir="auto"
      maxlength=${LONGEST}
      aria-label="Message to the candidate"
      aria-invalid=${fault ? "true" : "false"}
      aria-describedby="words-${action.id}"
      .value=${action.text}
      @input=${(event: Event) => edit({ text: (event.target as HTMLTextAreaElement).value })}
    ></textarea>
    <p class="fault" id="words-${action.id}" ?hidden=${!fault}>${icon("alert")}${fault}</p>
    <span class="fill" role="group" aria-label="Put into the message">
      ${offer.placeholders.map(
        (placeholder) =>
          html`<button type="button" class="token" @click=${(event: Event) => insert(event, placeholder)}>
            {${placeholder}}
          </button>`,
      )}
      <span class="grow"></span>
      ${templatesButton(() => ({
        area: () => null,
        about: null,
        choose: (choice) => begin(action, choice, edit),
      }))}
    </span>
    ${origin(action, edit)}`;
}

/** The stage gets a copy of a template's words; those that stood there can be had back, whatever else was edited since. */
function begin(action: StageAction, { id, name, text }: Choice, edit: Edit): void {
  edit({ text, template: id });
  const was = action.text.trim();
  if (!was || was === FIRST_WORDS.trim() || was === text) return;
  const undo = () => edit({ text: action.text, template: action.template });
  toast(`The stage says **${name}** now`, { name: "stage-words", action: { label: "Undo", run: undo } });
}

/** Where the words came from, and what becomes of them when that changes: nothing, unless somebody takes the new ones. */
function origin(action: StageAction, edit: Edit): TemplateResult | typeof nothing {
  const { text, template } = action;
  if (!template || !templates.rows) return nothing;
  const known = templates.rows.find((one) => one.id === template);
  if (!known) {
    return html`<p class="muted origin">
      The template that these words began with was deleted. The stage keeps them.
    </p>`;
  }
  if (known.text === text.trim()) {
    return html`<p class="muted origin">
      A copy of <bdi>“${known.name}”</bdi>. When the template is edited or deleted, this stage keeps these words.
    </p>`;
  }
  return html`<p class="muted origin">
    Began as <bdi>“${known.name}”</bdi>, which reads differently now.
    <button type="button" @click=${() => begin(action, known, edit)}>Use the template's words</button>
  </p>`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
