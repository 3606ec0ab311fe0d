/** The scores of a person's applications, as far as I may see them: they travel with nothing that everybody hears. */
import { html, type TemplateResult } from "lit";
import type { Scores } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";

/** Of those that have one. What was asked for later counts, whichever comes first; during an outage what is known stays. */
export class PersonsScores {
  known: Scores["scores"] = {};
  private asked = 0;
  private held = 0;

  constructor(private readonly changed: () => void) {}

  async read(candidate: string): Promise<void> {
    const asked = ++this.asked;
    try {
      const { scores } = await send<Scores>("GET", api(`candidates/${candidate}/scores`));
      if (asked < this.held) return;
      this.held = asked;
      this.known = scores;
      this.changed();
    } catch {
      // The next event asks again.
    }
  }
}

export function scoreOf(score: number): TemplateResult {
  return html`<span class="score num" title="The team’s score"
    >${icon("star")}<span class="sr">Score </span>${score.toFixed(1)}</span
  >`;
}
