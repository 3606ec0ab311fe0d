/** What a flow asks before it changes: where people go whose stage is removed, and the name of a flow that is kept. */
import { html, nothing, render, type TemplateResult } from "lit";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { shortName } from "../lib/me.ts";
import { many } from "../lib/time.ts";

/** A stage that is about to go, with people in it. */
export interface Occupied {
  id: string;
  name: string;
  people: number;
}

export interface Goal {
  key: string;
  name: string;
}

interface Leaving {
  title: string;
  /** What happens, drawn above the choices. */
  about: TemplateResult | string;
  yes: string;
  occupied: readonly Occupied[];
  goals: readonly Goal[];
  danger?: boolean;
}

/** For every occupied stage the key of the step its people go to; `null` is "Cancel". */
export function whereTo({ title, about, yes, occupied, goals, danger }: Leaving): Promise<Map<string, string> | null> {
  let chosen: Map<string, string> | null = null;
  let fault = "";
  const picked = new Map<string, string>();

  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    const missing = occupied.find((stage) => !picked.get(stage.id));
    if (!missing) {
      chosen = picked;
      return dialog.close();
    }
    fault = `Say where the people in ${shortName(missing.name)} go.`;
    draw();
    dialog.querySelector<HTMLElement>(`[data-from="${missing.id}"]`)?.focus();
  };

  const question = (stage: Occupied) =>
    html`<div class="labelled">
      <label for="from-${stage.id}"
        >${many(stage.people, "candidate")} ${stage.people === 1 ? "is" : "are"} in <bdi>${shortName(stage.name)}</bdi>:
        move them to</label
      >
      <select
        class="box"
        id="from-${stage.id}"
        data-from=${stage.id}
        aria-describedby="leaving-fault"
        @change=${(event: Event) => picked.set(stage.id, (event.target as HTMLSelectElement).value)}
      >
        <option value="">Choose a stage</option>
        ${goals.map((goal) => html`<option value=${goal.key}>${shortName(goal.name)}</option>`)}
      </select>
    </div>`;

  const dialog = dialogOf("leaving-title", "leaving");
  const draw = () =>
    render(
      html`<form novalidate @submit=${go}>
        <h2 id="leaving-title"><bdi>${title}</bdi></h2>
        <p>${about}</p>
        ${occupied.map(question)}
        ${
          occupied.length
            ? html`<p class="help">
                They keep their order and stand behind those who are there. No rule is asked and no message goes out.
              </p>`
            : nothing
        }
        <p class="fault" id="leaving-fault" role="alert" ?hidden=${!fault}>${icon("alert")}${fault}</p>
        <footer>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <button class="button primary ${danger ? "danger" : ""}">${yes}</button>
        </footer>
      </form>`,
      dialog,
    );
  draw();
  return shown(dialog, "select").then(() => chosen);
}

/** A name for the flow; `null` is "Cancel". `taken` are kept flows, which the same name replaces. */
export function nameOf(taken: readonly string[]): Promise<string | null> {
  let name: string | null = null;
  let typed = "";
  const dialog = dialogOf("keep-title");
  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!typed.trim()) return dialog.querySelector("input")!.focus();
    name = typed.trim();
    dialog.close();
  };
  const draw = () => {
    const replaced = taken.find((other) => other.toLowerCase() === typed.trim().toLowerCase());
    render(
      html`<form novalidate @submit=${go}>
        <h2 id="keep-title">Keep this flow</h2>
        <p>Its stages, rules and messages, for your next jobs. This job's people are not part of it.</p>
        <div class="labelled keepname">
          <label for="keep-name">Name</label>
          <span class="field"
            ><input
              id="keep-name"
              maxlength="80"
              autocomplete="off"
              dir="auto"
              aria-describedby="keep-help"
              @input=${(event: Event) => {
                typed = (event.target as HTMLInputElement).value;
                draw();
              }}
          /></span>
          <p class="help" id="keep-help" role="status">
            ${replaced ? html`This replaces the kept flow <bdi>${replaced}</bdi>.` : "Everybody who edits jobs can use it."}
          </p>
        </div>
        <footer>
          <button type="button" class="button" @click=${() => dialog.close()}>Cancel</button>
          <button class="button primary">${replaced ? "Replace" : "Keep"}</button>
        </footer>
      </form>`,
      dialog,
    );
  };
  draw();
  return shown(dialog, "input").then(() => name);
}
