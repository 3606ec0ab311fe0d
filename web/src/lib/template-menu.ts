/**
 * The menu of message templates beside a field: found by a few letters, seen as this candidate would read them, put in by
 * Enter. Words that somebody wrote stay: a template takes the place of an untouched one, else it goes where the caret is.
 */
import { html, nothing, render } from "lit";
import { sentence } from "./api.ts";
import { icon } from "./icons.ts";
import { may, me, path } from "./me.ts";
import { plainName } from "./moves.ts";
import { fill, unfill, wordsFor } from "./placeholders.ts";
import { placeAt } from "./popover.ts";
import { templates } from "./templates.ts";
import { alarm } from "./toast.ts";

/** Words to choose; those of stages have no template's id. */
export interface Choice {
  id: string | null;
  name: string;
  text: string;
}

export interface Wanted {
  area: () => HTMLTextAreaElement | null;
  /** Whom it is for, to fill the placeholders; null leaves them as they are, for many. */
  about: { name: string; job: string } | null;
  /** Words from elsewhere, below the workspace's own. */
  more?: { heading: string; choices: readonly Choice[] };
  /** Does something else with what was chosen than putting it in. */
  choose?: (choice: Choice) => void;
}

const FINDABLE = 6; // from so many on, they can be looked for
const filled = new WeakMap<HTMLTextAreaElement, string>(); // what was put in last

export function openTemplates(anchor: HTMLElement, wanted: Wanted): void {
  new TemplateMenu(anchor, wanted).show();
}

/** The words as the candidate reads them. */
function readBy(text: string, about: Wanted["about"]): string {
  const workspace = document.body.dataset["workspaceName"] ?? "";
  return about ? fill(text, wordsFor(about.name, about.job, workspace, me.name)) : text;
}

/** The other way round: what names this candidate, the job or us becomes a placeholder, so that the words fit anybody. */
function asTemplate(text: string, about: Wanted["about"]): string {
  const workspace = document.body.dataset["workspaceName"] ?? "";
  return about ? unfill(text.trim(), wordsFor(about.name, about.job, workspace, me.name)) : text.trim();
}

/** Puts words into a field: instead of all that stands there when nobody has touched it, else where the caret is. */
function putInto(area: HTMLTextAreaElement, text: string): void {
  const untouched = !area.value.trim() || area.value === filled.get(area) || area.value === area.defaultValue;
  const [start, end] = untouched ? [0, area.value.length] : [area.selectionStart, area.selectionEnd];
  const apart = /\S[^\n]*$/.test(area.value.slice(0, start)) ? "\n\n" : "";
  area.setRangeText(apart + text, start, end, "end");
  if (untouched) filled.set(area, text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  if (untouched) area.scrollTop = 0; // it is read from the beginning, and gone on with at the end
}

class TemplateMenu {
  private readonly panel = document.createElement("div");
  private readonly unwatch = templates.watch(() => this.draw());
  private words = "";
  private at = 0;
  private fault = "";

  constructor(
    private readonly anchor: HTMLElement,
    private readonly wanted: Wanted,
  ) {}

  show(): void {
    const { panel, anchor } = this;
    panel.className = "menu templatemenu";
    panel.popover = "auto";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", "Templates");
    (anchor.closest("[popover], dialog, main") ?? document.body).append(panel);
    panel.addEventListener("keydown", (event) => this.key(event));
    panel.addEventListener("toggle", (event) => {
      if ((event as ToggleEvent).newState === "closed") this.closed();
    });
    this.draw();
    panel.showPopover();
    anchor.setAttribute("aria-expanded", "true");
    this.place();
    this.focus();
    templates.load().then(
      () => this.arrived(),
      (error: unknown) => {
        this.fault = sentence(error);
        this.draw();
      },
    );
  }

  private arrived(): void {
    this.draw();
    this.place();
    this.focus();
    // Fewer templates while somebody looks for one leave the menu where it stands.
    const list = this.panel.querySelector<HTMLElement>("[role=listbox]");
    list?.style.setProperty("min-height", `${list.offsetHeight}px`);
  }

  private place(): void {
    if (this.panel.isConnected) placeAt(this.panel, this.anchor, "below", "end");
  }

  private focus(): void {
    (
      this.panel.querySelector<HTMLElement>("input") ?? this.panel.querySelector<HTMLElement>("[role=listbox]")
    )?.focus();
  }

  private closed(): void {
    const inside = this.panel.contains(document.activeElement) || document.activeElement === document.body;
    this.unwatch();
    this.panel.remove();
    this.anchor.setAttribute("aria-expanded", "false");
    if (inside && this.anchor.isConnected) this.anchor.focus({ preventScroll: true });
  }

  private get groups(): { heading: string; choices: readonly Choice[] }[] {
    const words = plainName(this.words).split(/\s+/).filter(Boolean);
    const fits = (text: string) => words.every((word) => plainName(text).includes(word));
    const own = { heading: "Templates", choices: templates.rows ?? [] };
    return [own, ...(this.wanted.more ? [this.wanted.more] : [])]
      .map(({ heading, choices }) => {
        const named = choices.filter(({ name }) => fits(name));
        const others = choices.filter(({ name, text }) => !fits(name) && fits(`${name} ${text}`));
        return { heading, choices: [...named, ...others] };
      })
      .filter(({ choices }) => choices.length);
  }

  private get choices(): readonly Choice[] {
    return this.groups.flatMap(({ choices }) => choices);
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation(); // the page's own letters mean nothing in here
    const { length } = this.choices;
    const typing = event.target instanceof HTMLInputElement;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && length) this.go((this.at + step + length) % length);
    else if (event.key === "Home" && !typing) this.go(0);
    else if (event.key === "End" && !typing) this.go(length - 1);
    else if (
      event.key === "Enter" &&
      !event.isComposing &&
      !(event.target instanceof Element && event.target.closest("a, button"))
    ) {
      const choice = this.choices[this.at];
      if (choice) this.choose(choice);
    } else return;
    event.preventDefault();
  }

  private go(at: number): void {
    this.at = at;
    this.draw();
    this.panel.querySelector(`[aria-selected="true"]`)?.scrollIntoView({ block: "nearest" });
  }

  private choose(choice: Choice): void {
    const { area, about, choose } = this.wanted;
    this.panel.hidePopover();
    if (choose) return choose(choice);
    const field = area();
    if (field) putInto(field, readBy(choice.text, about));
  }

  private draw(): void {
    const { groups, choices } = this;
    this.at = Math.max(0, Math.min(this.at, choices.length - 1));
    const all = (templates.rows?.length ?? 0) + (this.wanted.more?.choices.length ?? 0);
    let at = -1;
    render(
      html`${all >= FINDABLE ? this.search() : nothing}
        <div
          id="template-choices"
          role="listbox"
          aria-label="Templates"
          tabindex=${all >= FINDABLE ? "-1" : "0"}
          aria-activedescendant=${choices.length ? `template-${this.at}` : nothing}
        >
          ${groups.map(
            ({ heading, choices }, index) =>
              html`<div role="group" aria-labelledby="templates-${index}">
                <h3 id="templates-${index}" role="presentation">${heading}</h3>
                ${choices.map((choice) => this.row(choice, (at += 1)))}
              </div>`,
          )}
        </div>
        ${choices.length ? nothing : html`<p class="muted" role="status">${this.nothing(all)}</p>`}
        <hr />
        ${this.written() ? this.keeper() : nothing}
        <a href=${path("templates")} target="_blank" rel="noopener"
          >${icon("write")}<span class="grow">${all ? "Manage templates" : "Write the first one"}</span></a
        >`,
      this.panel,
    );
  }

  /** What stands in the field already, unless it is chosen for something else. */
  private written(): string {
    const { area, choose } = this.wanted;
    return may.edit && !choose ? (area()?.value.trim() ?? "") : "";
  }

  private keeper() {
    return html`<button type="button" @click=${() => void this.keep()}>
      ${icon("plus")}<span class="grow">Keep what you wrote as a template</span>
    </button>`;
  }

  private async keep(): Promise<void> {
    const words = asTemplate(this.written(), this.wanted.about);
    this.panel.hidePopover();
    try {
      const { openTemplate } = await import("./template-dialog.ts");
      await openTemplate(null, words);
      this.wanted.area()?.focus();
    } catch (error) {
      alarm(sentence(error));
    }
  }

  private nothing(all: number): string {
    if (this.fault) return this.fault;
    if (!templates.rows) return "Reading the templates";
    return all ? "No template has these words." : "There are no templates yet.";
  }

  private search() {
    return html`<label class="field"
      >${icon("find")}<input
        type="text"
        role="combobox"
        aria-label="Find a template"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls="template-choices"
        aria-activedescendant=${this.choices.length ? `template-${this.at}` : nothing}
        placeholder="Find a template"
        autocomplete="off"
        spellcheck="false"
        @input=${(event: Event) => {
          this.words = (event.target as HTMLInputElement).value;
          this.at = 0;
          this.draw();
        }}
    /></label>`;
  }

  private row(choice: Choice, at: number) {
    return html`<div
      role="option"
      id="template-${at}"
      class="choice"
      aria-selected=${at === this.at}
      @pointermove=${() => at !== this.at && this.hover(at)}
      @click=${() => this.choose(choice)}
    >
      <b class="cut"><bdi>${choice.name}</bdi></b>
      <span class="muted" dir="auto">${readBy(choice.text, this.wanted.about)}</span>
    </div>`;
  }

  private hover(at: number): void {
    this.at = at;
    this.draw();
  }
}
