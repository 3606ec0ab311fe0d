/** How a form that saves itself shows a refusal, and lets somebody choose whose words stay. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons.ts";
import type { Saving } from "./saving.ts";

/** Codes that say: somebody else was here. */
const STALE: ReadonlySet<string> = new Set(["changed_meanwhile", "stage_occupied"]);

/** The sentence of a refusal with its ways out; nothing while there is none. */
export function refusalOf(
  saving: Saving,
  loadTheirs: () => void,
  keepMine: () => void,
): TemplateResult | typeof nothing {
  const { state } = saving;
  if (state.kind !== "refused") return nothing;
  return html`<div class="notice bad" role="alert">
    ${icon("alert")}<span class="grow">${state.words}</span>
    ${
      STALE.has(state.code)
        ? html`<button type="button" class="button" @click=${loadTheirs}>Take theirs</button>
            <button type="button" class="button" @click=${keepMine}>Keep mine</button>`
        : html`<button type="button" class="button" @click=${() => saving.now()}>Try again</button>`
    }
  </div>`;
}
