/** Colleagues to choose from while `@` is being typed in a text: arrow keys, Enter or Tab, Escape. */
import { html, nothing } from "lit";
import { avatar } from "../lib/faces.ts";
import { beingTyped, meant, type Named } from "../lib/mentions.ts";

export interface Colleague extends Named {
  colour: number;
}

export class MentionList {
  private found: readonly Colleague[] = [];
  private at = 0;
  private chosen = 0;

  /** `changed` draws it again. */
  constructor(
    private readonly id: string,
    private readonly changed: () => void,
  ) {}

  get open(): boolean {
    return this.found.length > 0;
  }

  /** What the text area says about itself while the list is there. */
  get active(): string | typeof nothing {
    return this.open ? `${this.id}-${this.chosen}` : nothing;
  }

  get controls(): string | typeof nothing {
    return this.open ? this.id : nothing;
  }

  /** Something was typed, or the caret went elsewhere. */
  look(area: HTMLTextAreaElement, colleagues: readonly Colleague[]): void {
    const typed = beingTyped(area.value, area.selectionStart);
    const found = typed ? (meant(typed.words, colleagues) as Colleague[]) : [];
    this.at = typed?.at ?? 0;
    // A name that is there in full is done.
    const whole = typed && found.length === 1 && found[0]!.name === typed.words.trimEnd();
    this.found = whole ? [] : found;
    this.chosen = 0;
    this.changed();
  }

  close(): void {
    this.found = [];
    this.changed();
  }

  /** True when the key was meant for the list. */
  key(event: KeyboardEvent, area: HTMLTextAreaElement): boolean {
    if (!this.open || event.isComposing) return false;
    const { length } = this.found;
    if (event.key === "ArrowDown") this.chosen = (this.chosen + 1) % length;
    else if (event.key === "ArrowUp") this.chosen = (this.chosen - 1 + length) % length;
    else if (event.key === "Enter" || event.key === "Tab") this.put(this.found[this.chosen]!, area);
    else if (event.key === "Escape") this.found = [];
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.changed();
    return true;
  }

  private put({ name }: Colleague, area: HTMLTextAreaElement): void {
    area.setRangeText(`@${name} `, this.at, area.selectionStart, "end");
    this.found = [];
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }

  draw(area: () => HTMLTextAreaElement) {
    if (!this.open) return nothing;
    return html`<ul class="mentions" id=${this.id} role="listbox" aria-label="Colleagues">
      ${this.found.map(
        (person, index) =>
          html`<li
            id="${this.id}-${index}"
            role="option"
            aria-selected=${index === this.chosen}
            @pointerdown=${(event: Event) => {
              event.preventDefault();
              this.put(person, area());
            }}
          >
            ${avatar(person.id, person.colour, "small")}<span class="cut"><bdi>${person.name}</bdi></span>
          </li>`,
      )}
    </ul>`;
  }
}
