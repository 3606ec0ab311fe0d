/**
 * `<gr-ways>`: "Help" in the masthead, the other ways to answer in one dialog.
 *
 * Properties: `place`, `way` (the one that is used now). Fires `gr-way` with the chosen way as its detail.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import type { PhoneElement } from "./phone.ts";
import "./phone.ts";
import type { Place, Way } from "./place.ts";

const CHOICES: { way: Way; icon: string; title: string; what: string }[] = [
  { way: "video", icon: "video", title: "Answer on camera", what: "The usual way." },
  { way: "audio", icon: "wave", title: "Answer with sound only", what: "Camera off, the voice is enough." },
  { way: "text", icon: "write", title: "Answer in writing", what: "Counts the same. No reason needed." },
  { way: "file", icon: "clip", title: "Upload a file", what: "Recorded with your phone or another program." },
];

@customElement("gr-ways")
export class WaysElement extends LightElement {
  @property({ attribute: false }) place!: Place;
  @property() way: Way = "video";
  #onHelp = (): void => this.show();

  override connectedCallback(): void {
    super.connectedCallback();
    document.getElementById("help")?.addEventListener("click", this.#onHelp);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.getElementById("help")?.removeEventListener("click", this.#onHelp);
  }

  get #dialog(): HTMLDialogElement | null {
    return this.querySelector("dialog");
  }

  show(): void {
    this.#dialog?.showModal();
  }

  /** Opens with the code for the phone already there. */
  showPhone(): void {
    this.show();
    void this.querySelector<PhoneElement>("gr-phone")?.show();
  }

  #choose(way: Way): void {
    this.#dialog?.close();
    this.dispatchEvent(new CustomEvent("gr-way", { detail: way }));
  }

  protected override render(): TemplateResult {
    return html`<dialog class="helping" aria-labelledby="help-title" @click=${closeOutside}>
      <div class="row">
        <h2 id="help-title" class="grow">Another way, or a moment’s rest</h2>
        <button type="button" class="button quiet icon" aria-label="Close" @click=${() => this.#dialog?.close()}>
          ${icon("close")}
        </button>
      </div>
      <div class="rows">
        ${CHOICES.map((choice) => this.#choice(choice))}
        <a href="${this.place.base}/check"
          >${icon("mic")}<span class="grow"
            >Check camera and sound again<small>Choose another device, hear yourself.</small></span
          >${icon("right")}</a
        >
        <a href=${this.place.base}
          >${icon("clock")}<span class="grow"
            >Stop here and come back later<small
              >What you kept is safe. Your personal link brings you back to this question.</small
            ></span
          >${icon("right")}</a
        >
      </div>
      <gr-phone .place=${this.place}></gr-phone>
    </dialog>`;
  }

  #choice(choice: (typeof CHOICES)[number]): TemplateResult {
    const now = choice.way === this.way;
    return html`<button type="button" aria-current=${now ? "true" : nothing} @click=${() => this.#choose(choice.way)}>
      ${icon(choice.icon)}<span class="grow">${choice.title}<small>${choice.what}</small></span
      >${icon(now ? "check" : "right")}
    </button>`;
  }
}

function closeOutside(event: MouseEvent): void {
  const dialog = event.currentTarget as HTMLDialogElement;
  if (event.target === dialog) dialog.close();
}
