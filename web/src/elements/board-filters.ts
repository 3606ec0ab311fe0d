/** The board's row of tools: the search field, filters with what is chosen, and the keys that help. Holds nothing. */
import { html, nothing, type TemplateResult } from "lit";
import type { Choices, Person, StageView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { chips, textOf, withText } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { api, me } from "../lib/me.ts";
import { many } from "../lib/time.ts";
import { alarm } from "../lib/toast.ts";

export interface Tools {
  query: string;
  stages: readonly StageView[];
  /** Whose candidates can be asked for. */
  team: readonly Person[];
  job: string;
  /** Tags and sources, where the page knows them; else they are asked for when somebody wants to narrow by them. */
  choices: Choices | null;
  redraw: () => void;
  /** How many there are, when something is asked for; `similar`: none has the words, these nearly do. */
  found: number | null;
  similar: boolean;
  /** Ask for something else. */
  set: (query: string) => void;
  /** Take the focus to what was found. */
  go: () => void;
  /** What stands at the end of the row. */
  end: TemplateResult | typeof nothing;
}

let fetched: Choices | null = null; // a page is of one job
let under: Promise<Choices> | null = null;

/** What there is now: somebody may have made a tag since. */
export function fetchChoices({ job, redraw }: Tools): Promise<Choices> {
  under ??= send<Choices>("GET", api(`jobs/${job}/choices`))
    .then((found) => {
      fetched = found;
      redraw();
      return found;
    })
    .finally(() => (under = null));
  return under;
}

async function narrow(anchor: HTMLElement, tools: Tools): Promise<void> {
  try {
    const { choose } = await import("./board-filter-menu.ts");
    choose(anchor, tools);
  } catch (error) {
    alarm(sentence(error));
  }
}

export function filterTools(tools: Tools): TemplateResult {
  const { query, stages, set, team } = tools;
  const choices = tools.choices ?? fetched;
  const chosen = chips(query, { stages, team, tags: choices?.tags ?? [], mine: me.id });
  if (!choices && new URLSearchParams(query).has("tag")) void fetchChoices(tools).catch(() => undefined);
  return html`<div class="row tools">
    ${searchField(tools)}
    <button
      type="button"
      class="button quiet filter"
      aria-haspopup="menu"
      aria-expanded="false"
      @click=${(event: Event) => void narrow(event.currentTarget as HTMLElement, tools)}
    >
      ${icon("filter")}<span>Filter</span>
    </button>
    ${chosen.map(
      ({ label, without }) =>
        html`<button type="button" class="chip" aria-label="Remove filter: ${label}" @click=${() => set(without)}>
          <span class="cut">${label}</span>${icon("close")}
        </button>`,
    )}
    <span class="muted found" role="status">${words(tools)}</span>
    <span class="grow"></span>
    ${tools.end}
  </div>`;
}

function words({ found, similar, query }: Tools): string {
  if (found === null) return "";
  const text = textOf(query);
  if (similar && found) return `No “${text}”. ${many(found, "similar name")}.`;
  return many(found, "match", "matches");
}

/** The field says what is searched for, whoever asked; spaces around it are of whoever types. */
function said(text: string): string {
  const typed = document.querySelector<HTMLInputElement>(".tools input[type=search]")?.value ?? "";
  return typed.trim() === text ? typed : text;
}

function searchField({ query, set, go }: Tools): TemplateResult {
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      (event.target as HTMLInputElement).value = "";
      set(withText(query, ""));
      (event.target as HTMLElement).blur();
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      go();
    }
  };
  return html`<label class="field">
    ${icon("find")}
    <input
      type="search"
      placeholder="Name, note, answer or CV"
      aria-label="Find a candidate"
      autocomplete="off"
      maxlength="200"
      .value=${said(textOf(query))}
      @input=${(event: Event) => set(withText(query, (event.target as HTMLInputElement).value))}
      @keydown=${key}
    />
    <kbd aria-hidden="true">/</kbd>
  </label>`;
}
