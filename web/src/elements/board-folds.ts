/** Stages that somebody has folded away, remembered in this browser for each job; and the heading of a column. */
import { html, type TemplateResult } from "lit";
import type { StageView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { stageCount } from "./board-parts.ts";

export class BoardFolds {
  private readonly key: string;
  private readonly changed: () => void;
  private folded: ReadonlySet<string>;

  constructor(job: string, changed: () => void) {
    this.key = `greenroom-folded:${job}`;
    this.changed = changed;
    this.folded = new Set(this.stored());
  }

  has(stage: string): boolean {
    return this.folded.has(stage);
  }

  toggle(stage: string): void {
    const folded = new Set(this.folded);
    if (!folded.delete(stage)) folded.add(stage);
    this.folded = folded;
    try {
      localStorage.setItem(this.key, JSON.stringify([...folded]));
    } catch {
      // No room or no storage: then it lasts as long as this page.
    }
    this.changed();
  }

  /** The heading; where it is folded, it is all that is left of the column. */
  heading(stage: StageView, index: number, count: number): TemplateResult {
    const folded = this.has(stage.id);
    return html`<header>
      <span class="dot"></span>
      <h2 class="cut" id="stage-${index}">${stage.name}</h2>
      ${stageCount(stage, count)}
      <button
        type="button"
        class="button quiet icon fold"
        aria-expanded=${folded ? "false" : "true"}
        aria-label="${folded ? "Unfold" : "Fold"} ${stage.name}"
        @click=${() => this.toggle(stage.id)}
      >
        ${icon(folded ? "right" : "left")}
      </button>
    </header>`;
  }

  private stored(): string[] {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(found) ? found.filter((stage) => typeof stage === "string") : [];
    } catch {
      return [];
    }
  }
}
