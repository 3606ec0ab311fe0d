/** The board's row of tools: the search field, filters with what is chosen, and the keys that help. Holds nothing. */
import { html, nothing, type TemplateResult } from "lit";
import type { Person, StageView } from "../live/protocol.gen.ts";
import { chips, FLAGS, isOn, textOf, toggled, toggledMine, withText } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { may, me } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import { many } from "../lib/time.ts";

export interface Tools {
  query: string;
  stages: readonly StageView[];
  /** Whose candidates can be asked for. */
  team: readonly Person[];
  /** How many there are, when something is asked for; `similar`: none has the words, these nearly do. */
  found: number | null;
  similar: boolean;
  /** Ask for something else. */
  set: (query: string) => void;
  /** Take the focus to what was found. */
  go: () => void;
}

export function filterTools(tools: Tools): TemplateResult {
  const { query, stages, set } = tools;
  const chosen = chips(query, stages, tools.team, me.id);
  return html`<div class="row tools">
    ${searchField(tools)}
    <button
      type="button"
      class="button quiet filter"
      aria-haspopup="menu"
      aria-expanded="false"
      @click=${(event: Event) => choose(event.currentTarget as HTMLElement, tools)}
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
    ${
      may.move
        ? html`<span class="hints muted" aria-hidden="true"
            ><kbd>Alt</kbd><kbd>←</kbd><kbd>→</kbd> move <kbd>M</kbd> move to <kbd>I</kbd> assign <kbd>Q</kbd> mine
            <kbd>Enter</kbd> open</span
          >`
        : nothing
    }
  </div>`;
}

function words({ found, similar, query }: Tools): string {
  if (found === null) return "";
  const text = textOf(query);
  if (similar && found) return `No “${text}”. ${many(found, "similar name")}.`;
  return many(found, "match", "matches");
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
      .defaultValue=${textOf(query)}
      @input=${(event: Event) => set(withText(query, (event.target as HTMLInputElement).value))}
      @keydown=${key}
    />
    <kbd aria-hidden="true">/</kbd>
  </label>`;
}

function choose(anchor: HTMLElement, { query, stages, set }: Tools): void {
  const choices = [
    {
      label: "Mine: I own or review",
      icon: "user",
      checked: isOn(query, "team", me.id),
      run: () => set(toggledMine(query, me.id)),
    },
    ...FLAGS.map(({ name, label }) => ({
      label,
      checked: isOn(query, name),
      run: () => set(toggled(query, name)),
    })),
    ...stages.map((stage, index) => ({
      label: stage.name,
      colour: stage.colour,
      checked: isOn(query, "stage", stage.id),
      apart: index === 0,
      run: () => set(toggled(query, "stage", stage.id)),
    })),
  ];
  void openMenu(anchor, "Show only", choices);
}
