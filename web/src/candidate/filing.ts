/**
 * `<gr-filing>`: an answer from a file that was recorded elsewhere, by a camera or a phone.
 *
 * Properties: `place`, `question` (id), `label` of the button. Fires `gr-answered` when the server has the whole file.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import { properties } from "../lib/style.ts";
import "../recording/playback.ts";
import type { Place } from "./place.ts";

/** Nobody drops a file on a phone. */
const FROM_WHERE = matchMedia("(pointer: coarse)").matches
  ? "A film from your phone’s own camera is fine."
  : "or drop it here. A film from your phone is fine.";

export class FilingElement extends LitElement {
  static override properties = {
    place: { attribute: false },
    question: {},
    label: {},
    _file: { state: true },
    _sent: { state: true },
    _fault: { state: true },
    _over: { state: true },
  };
  declare place: Place;
  declare question: string;
  declare label: string;
  declare _file: File | null;
  declare _sent: number;
  declare _fault: string;
  declare _over: boolean;
  #url = "";

  constructor() {
    super();
    this.question = this._fault = "";
    this.label = "Send this file";
    this._file = null;
    this._sent = -1;
    this._over = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  #choose(file: File | undefined): void {
    this._over = false;
    if (!file) return;
    if (!/^(video|audio)\//.test(file.type)) {
      this._fault = "That is not a video or sound file. MP4, MOV, WebM, MP3 and M4A work.";
      return;
    }
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(file);
    this._file = file;
    this._fault = "";
  }

  async #send(): Promise<void> {
    if (!this._file || this._sent >= 0) return;
    this._sent = 0;
    this._fault = "";
    try {
      await this.place.upload(this.question, this._file, (part) => (this._sent = part));
      this.dispatchEvent(new CustomEvent("gr-answered", { bubbles: true }));
    } catch (error) {
      this._fault = sentence(error) || "The file did not get through. Check your network and send it again.";
    } finally {
      this._sent = -1;
    }
  }

  protected override render(): TemplateResult {
    return html`<div class="sheet card">
      <label
        class="drop ${this._over ? "over" : ""}"
        @dragover=${(event: DragEvent) => {
          event.preventDefault();
          this._over = true;
        }}
        @dragleave=${() => (this._over = false)}
        @drop=${(event: DragEvent) => {
          event.preventDefault();
          this.#choose(event.dataTransfer?.files[0]);
        }}
      >
        ${icon("clip")}
        <b>${this._file ? this._file.name : "Choose a video or sound file"}</b>
        <span>${this._file ? size(this._file.size) : FROM_WHERE}</span>
        <input
          class="sr"
          type="file"
          accept="video/*,audio/*"
          ?disabled=${this._sent >= 0}
          @change=${(event: Event) => this.#choose((event.target as HTMLInputElement).files?.[0])}
        />
      </label>
      ${
        this._file
          ? html`<gr-playback
              .src=${this.#url}
              .sound=${this._file.type.startsWith("audio/")}
              label="Your file"
            ></gr-playback>`
          : nothing
      }
      ${this._fault ? html`<p class="fault" role="alert">${icon("alert")}${this._fault}</p>` : nothing}
      ${
        this._sent >= 0
          ? html`<p class="safety" role="status">
              <span>${icon("cloud")}Sent ${Math.round(this._sent * 100)} %</span
              ><i class="bar-line" ${properties({ "--sent": `${Math.round(this._sent * 100)}%` })}></i>
            </p>`
          : nothing
      }
      <button
        type="button"
        class="button primary tall block"
        ?disabled=${!this._file}
        aria-busy=${this._sent >= 0 ? "true" : "false"}
        @click=${() => void this.#send()}
      >
        ${this.label}
      </button>
    </div>`;
  }
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

customElements.define("gr-filing", FilingElement);
