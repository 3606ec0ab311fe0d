/**
 * `<gr-filing>`: an answer from a file that was recorded elsewhere, by a camera or a phone.
 *
 * Properties: `place`, `question` (id), `label` of the button. Fires `gr-answered` when the server has the whole file.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { sentence } from "../lib/api.ts";
import "../recording/playback.ts";
import type { Place } from "./place.ts";
import { sent } from "./safety.ts";

/** The server's own limit. */
const LARGEST = 400 * 1024 ** 2;

/** Nobody drops a file on a phone. */
const FROM_WHERE = matchMedia("(pointer: coarse)").matches
  ? "A film from your phone’s own camera is fine."
  : "or drop it here. A film from your phone is fine.";

@customElement("gr-filing")
export class FilingElement extends LightElement {
  @property({ attribute: false }) place!: Place;
  @property() question = "";
  @property() label = "Send this file";
  @state() private file: File | null = null;
  @state() private sent = -1;
  @state() private fault = "";
  @state() private over = false;
  #url = "";

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  #choose(file: File | undefined): void {
    this.over = false;
    if (!file) return;
    if (!/^(video|audio)\//.test(file.type)) {
      this.fault = "That is not a video or sound file. MP4, MOV, WebM, MP3 and M4A work.";
      return;
    }
    if (file.size > LARGEST) {
      this.fault = `This file has ${size(file.size)}, and we take up to 400 MB. Choose a shorter film, or a smaller picture in your camera’s settings.`;
      return;
    }
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(file);
    this.file = file;
    this.fault = "";
  }

  async #send(): Promise<void> {
    if (!this.file || this.sent >= 0) return;
    this.sent = 0;
    this.fault = "";
    try {
      await this.place.upload(this.question, this.file, (part) => (this.sent = part));
      this.dispatchEvent(new CustomEvent("gr-answered", { bubbles: true }));
    } catch (error) {
      this.fault = sentence(error) || "The file did not get through. Check your network and send it again.";
    } finally {
      this.sent = -1;
    }
  }

  protected override render(): TemplateResult {
    return html`<div class="sheet card">
      <label
        class="drop ${this.over ? "over" : ""}"
        @dragover=${(event: DragEvent) => {
          event.preventDefault();
          this.over = true;
        }}
        @dragleave=${() => (this.over = false)}
        @drop=${(event: DragEvent) => {
          event.preventDefault();
          this.#choose(event.dataTransfer?.files[0]);
        }}
      >
        ${icon("clip")}
        <b>${this.file ? this.file.name : "Choose a video or sound file"}</b>
        <span>${this.file ? size(this.file.size) : FROM_WHERE}</span>
        <input
          class="sr"
          type="file"
          accept="video/*,audio/*"
          ?disabled=${this.sent >= 0}
          @change=${(event: Event) => this.#choose((event.target as HTMLInputElement).files?.[0])}
        />
      </label>
      ${
        this.file
          ? html`<gr-playback
              .src=${this.#url}
              .sound=${this.file.type.startsWith("audio/")}
              label="Your file"
              unplayed="You can send it all the same."
            ></gr-playback>`
          : nothing
      }
      ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
      ${this.sent >= 0 ? html`<p class="safety" role="status">${sent(this.sent)}</p>` : nothing}
      <button
        type="button"
        class="button primary tall block"
        ?disabled=${!this.file}
        aria-busy=${this.sent >= 0 ? "true" : "false"}
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
