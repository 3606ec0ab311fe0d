/** "Help": the other ways to answer, in one dialog that every page of the recorder can open. */

import { html, nothing, type TemplateResult } from "lit";
import { ref, type Ref } from "lit/directives/ref.js";
import { icon } from "../lib/icons.ts";
import type { Place, Way } from "./place.ts";

const CHOICES: { way: Way; icon: string; title: string; what: string }[] = [
  { way: "video", icon: "video", title: "Answer on camera", what: "The usual way." },
  { way: "audio", icon: "wave", title: "Answer with sound only", what: "Camera off, the voice is enough." },
  { way: "text", icon: "write", title: "Answer in writing", what: "Counts the same. No reason needed." },
  { way: "file", icon: "clip", title: "Upload a file", what: "Recorded with your phone or another program." },
];

export function ways(dialog: Ref<HTMLDialogElement>, place: Place, now: Way, go: (way: Way) => void): TemplateResult {
  return html`<dialog class="helping" ${ref(dialog)} aria-labelledby="help-title" @click=${closeOutside}>
    <div class="row">
      <h2 id="help-title" class="grow">Another way, or a moment’s rest</h2>
      <button type="button" class="button quiet icon" aria-label="Close" @click=${() => dialog.value?.close()}>
        ${icon("close")}
      </button>
    </div>
    <div class="rows">
      ${CHOICES.map(
        (choice) =>
          html`<button
            type="button"
            aria-current=${choice.way === now ? "true" : nothing}
            @click=${() => go(choice.way)}
          >
            ${icon(choice.icon)}<span class="grow">${choice.title}<small>${choice.what}</small></span
            >${choice.way === now ? icon("check") : icon("right")}
          </button>`,
      )}
      <a href="${place.base}/check"
        >${icon("mic")}<span class="grow"
          >Check camera and sound again<small>Choose another device, hear yourself.</small></span
        >${icon("right")}</a
      >
      <a href=${place.base}
        >${icon("clock")}<span class="grow"
          >Stop here and come back later<small
            >What you kept is safe. Your personal link brings you back to this question.</small
          ></span
        >${icon("right")}</a
      >
    </div>
    <gr-phone .place=${place}></gr-phone>
  </dialog>`;
}

function closeOutside(event: MouseEvent): void {
  const dialog = event.currentTarget as HTMLDialogElement;
  if (event.target === dialog) dialog.close();
}
