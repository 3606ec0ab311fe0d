/** The scores of a person's applications, as far as I may see them: they travel with nothing that everybody hears. */
import { html, type TemplateResult } from "lit";
import type { Scores } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";

/** Of those that have one; during an outage what is known stays. */
export async function scoresOf(candidate: string, known: Scores["scores"]): Promise<Scores["scores"]> {
  try {
    return (await send<Scores>("GET", api(`candidates/${candidate}/scores`))).scores;
  } catch {
    return known; // the next event asks again
  }
}

export function scoreOf(score: number): TemplateResult {
  return html`<span class="score num" title="The team’s score"
    >${icon("star")}<span class="sr">Score </span>${score.toFixed(1)}</span
  >`;
}
