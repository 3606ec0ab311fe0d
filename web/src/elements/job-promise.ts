/** What a job promises to everybody who hands in their answers. A pure template; a choice is told at once. */
import { html } from "lit";
import { many } from "../lib/time.ts";
import { PROMISES } from "./flow-actions.ts";

export function promiseField(days: number, choose: (days: number) => void) {
  const choices = [...new Set([0, ...PROMISES, days])].sort((one, other) => one - other);
  return html`<div class="labelled">
    <label for="job-promise">Promise to the candidate</label>
    <select
      class="box"
      id="job-promise"
      aria-describedby="job-promise-help"
      @change=${(event: Event) => choose(Number((event.target as HTMLSelectElement).value))}
    >
      ${choices.map(
        (one) =>
          html`<option value=${one} ?selected=${one === days}>
            ${one ? `An answer within ${many(one, "working day")}` : "No promise"}
          </option>`,
      )}
    </select>
    <p class="help" id="job-promise-help">
      It begins when they hand in, and stands on their page with its date. A message to them or a decision keeps it.
    </p>
  </div>`;
}
