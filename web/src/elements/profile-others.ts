/** Looking for another profile of the same person, by name or address, to compare the two. */
import { html, nothing, render } from "lit";
import type { AlikeView, ProfileView } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { date } from "../lib/time.ts";

const SETTLE = 150; // milliseconds after the last key

/** Resolves to whom somebody chose, or null. */
export async function chooseOther(view: ProfileView): Promise<AlikeView | null> {
  const dialog = dialogOf("others-title", "otherdialog");
  let found: AlikeView[] = [...view.alike];
  let words = "";
  let fault = "";
  let chosen: AlikeView | null = null;
  let waiting = 0;

  const look = async () => {
    const wanted = words;
    try {
      const reply = wanted.trim()
        ? await send<AlikeView[]>("GET", api(`candidates/${view.id}/others?q=${encodeURIComponent(wanted)}`))
        : [...view.alike];
      if (wanted !== words) return; // somebody typed on
      found = reply;
      fault = "";
    } catch (error) {
      fault = sentence(error);
    }
    draw();
  };
  const typed = (event: Event) => {
    words = (event.target as HTMLInputElement).value;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void look(), SETTLE);
  };
  const choose = (other: AlikeView) => {
    chosen = other;
    dialog.close();
  };

  const draw = () =>
    render(
      html`<header class="row">
          <div class="grow">
            <h2 id="others-title">Merge with another profile</h2>
            <p class="muted">You compare the two before anything happens.</p>
          </div>
          <button type="button" class="button quiet icon" aria-label="Close" @click=${() => dialog.close()}>
            ${icon("close")}
          </button>
        </header>
        <label class="field"
          >${icon("find")}<input
            type="search"
            dir="auto"
            maxlength="200"
            autocomplete="off"
            placeholder="Name or e-mail address"
            aria-label="Look for a name or an e-mail address"
            @input=${typed}
        /></label>
        ${fault ? html`<p class="fault" role="alert">${icon("alert")}${fault}</p>` : nothing}
        <ul class="others" aria-live="polite">
          ${found.map(
            (other) =>
              html`<li>
                <button type="button" @click=${() => choose(other)}>
                  ${candidateFace(other.id, other.name, other.poster)}
                  <span class="grow"
                    ><b class="cut" dir="auto">${other.name}</b
                    ><span class="muted cut"
                      ><bdi>${other.email}</bdi> ·
                      ${other.applications[0] ?? `known since ${date(other.created_at)}`}</span
                    ></span
                  >
                </button>
              </li>`,
          )}
        </ul>
        ${!found.length && words.trim() ? html`<p class="muted">Nobody else is called so.</p>` : nothing}`,
      dialog,
    );

  draw();
  await shown(dialog, "input");
  clearTimeout(waiting);
  return chosen;
}
