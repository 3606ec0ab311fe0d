/** The board's row of tools: the search field, filters with what is chosen, and the keys that help. Holds nothing. */
import { html, nothing, type TemplateResult } from "lit";
import type { Choices, Person, StageView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { chips, FLAGS, isOn, ME, NOBODY, textOf, toggled, toggledMine, withText } from "../lib/filters.ts";
import { icon } from "../lib/icons.ts";
import { api, me } from "../lib/me.ts";
import { openMenu, type Choice } from "../lib/menu.ts";
import { many } from "../lib/time.ts";
import { alarm, toast } from "../lib/toast.ts";

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
function fetching({ job, redraw }: Tools): Promise<Choices> {
  under ??= send<Choices>("GET", api(`jobs/${job}/choices`))
    .then((found) => {
      fetched = found;
      redraw();
      return found;
    })
    .finally(() => (under = null));
  return under;
}

export function filterTools(tools: Tools): TemplateResult {
  const { query, stages, set, team } = tools;
  const choices = tools.choices ?? fetched;
  const chosen = chips(query, { stages, team, tags: choices?.tags ?? [], mine: me.id });
  if (!choices && new URLSearchParams(query).has("tag")) void fetching(tools).catch(() => undefined);
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
    ${tools.end}
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

function choose(anchor: HTMLElement, tools: Tools): void {
  const { query, stages, set } = tools;
  const choices: Choice[] = [
    {
      label: "Mine: I own or review",
      icon: "user",
      checked: isOn(query, "team", ME),
      run: () => set(toggledMine(query, ME)),
    },
    ...FLAGS.map(({ name, label, value }) => ({
      label,
      checked: isOn(query, name, value),
      run: () => set(toggled(query, name, value)),
    })),
    { label: "Owner…", icon: "user", apart: true, run: () => choosePerson(anchor, tools, "owner", "Owned by") },
    { label: "Reviewer…", icon: "eye", run: () => choosePerson(anchor, tools, "reviewer", "Reviewed by") },
    { label: "Tag…", icon: "flag", run: () => void chooseTag(anchor, tools) },
    { label: "Source…", icon: "globe", run: () => void chooseSource(anchor, tools) },
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

/** One of a few values of a filter, each on or off. */
function value({ query, set }: Tools, name: string, word: string, label: string, colour = 0): Choice {
  return {
    label,
    ...(colour ? { colour } : {}),
    checked: isOn(query, name, word),
    run: () => set(toggled(query, name, word)),
  };
}

function choosePerson(anchor: HTMLElement, tools: Tools, name: string, heading: string): void {
  const others = tools.team.filter((person) => person.id !== me.id);
  void openMenu(anchor, heading, [
    value(tools, name, ME, "Me"),
    value(tools, name, NOBODY, "Nobody"),
    ...others.map((person, at) => ({ ...value(tools, name, person.id, person.name, person.colour), apart: at === 0 })),
  ]);
}

async function chooseTag(anchor: HTMLElement, tools: Tools): Promise<void> {
  const found = await known(tools);
  if (!found) return;
  const tags = found.tags.map((tag) => value(tools, "tag", tag.id, tag.name, tag.colour));
  if (!tags.length) return void toast("This workspace has no tags yet. Add one on a profile or in the list.");
  void openMenu(anchor, "With all of these tags", tags);
}

async function chooseSource(anchor: HTMLElement, tools: Tools): Promise<void> {
  const found = await known(tools);
  if (!found) return;
  void openMenu(anchor, "Who came from", [
    value(tools, "source", "", "By themselves"),
    ...found.sources.map((source) => value(tools, "source", source, source)),
  ]);
}

async function known(tools: Tools): Promise<Choices | null> {
  try {
    return tools.choices ?? (await fetching(tools));
  } catch (error) {
    alarm(sentence(error));
    return null;
  }
}
