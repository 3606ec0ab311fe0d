/**
 * `<gr-playback>`: a small player for one recording, in the look of the booth.
 *
 * Properties: `src` (URL), `mime` of it, `mp4` (URL of a copy for browsers that cannot play that), `movie` and `percent`
 * (how far the copy is while there is none), `captions` (URL of a WebVTT file), `ms` (known length; browsers cannot tell the length of a recording they made themselves),
 * `poster`, `unplayed` (what is said after why this browser cannot play it), `label` (what it is, for screen readers), `sound` (no picture: draws a wave instead), `badge` (words top
 * left). Plays in the page, keyboard through native controls: a button and a range.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { Choice, unplayable, type MovieState } from "../lib/sources.ts";
import { Subtitles } from "../lib/subtitles.ts";
import { clock } from "../lib/time.ts";

export class PlaybackElement extends LitElement {
  static override properties = {
    src: {},
    mime: {},
    mp4: {},
    movie: {},
    captions: {},
    percent: { type: Number },
    poster: {},
    unplayed: {},
    label: {},
    badge: {},
    ms: { type: Number },
    sound: { type: Boolean },
    _at: { state: true },
    _length: { state: true },
    _playing: { state: true },
    _muted: { state: true },
    _broken: { state: true },
  };
  declare src: string;
  declare mime: string;
  declare mp4: string;
  declare movie: MovieState;
  declare captions: string;
  declare percent: number;
  declare poster: string;
  declare unplayed: string;
  declare label: string;
  declare badge: string;
  declare ms: number;
  declare sound: boolean;
  declare _at: number;
  declare _length: number;
  declare _playing: boolean;
  declare _muted: boolean;
  declare _broken: boolean;
  #measuring = false;
  readonly #choice = new Choice();
  readonly #subtitles = new Subtitles(() => this.requestUpdate());

  constructor() {
    super();
    this.src = this.mime = this.mp4 = this.captions = this.poster = this.badge = "";
    this.movie = "";
    this.percent = 0;
    this.label = "Recording";
    this.unplayed = "It is kept all the same.";
    this.ms = this._at = this._length = 0;
    this.sound = this._playing = this._muted = this._broken = false;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("src")) return;
    this._at = 0;
    this._length = this.ms / 1000;
    this._playing = this._broken = this.#measuring = false;
  }

  get #video(): HTMLVideoElement | null {
    return this.querySelector("video");
  }

  #measured(video: HTMLVideoElement): void {
    this.toggleAttribute("data-lying", video.videoWidth > video.videoHeight);
    if (Number.isFinite(video.duration)) {
      this._length = video.duration;
      if (this.#measuring) {
        this.#measuring = false;
        video.currentTime = 0;
      }
    } else if (!this.#measuring) {
      // A file without a length: going far past its end makes the browser find out, after which it can seek.
      this.#measuring = true;
      video.currentTime = 1e7;
    }
  }

  #toggle(): void {
    const video = this.#video;
    if (!video) return;
    if (video.paused) void video.play().catch(() => undefined);
    else video.pause();
  }

  #seek(event: Event): void {
    const video = this.#video;
    if (!video) return;
    this._at = Number((event.target as HTMLInputElement).value);
    video.currentTime = this._at;
  }

  protected override updated(): void {
    if (this.#video) this.#subtitles.attach(this.#video, this.captions);
    const done = this._length > 0 ? Math.min(100, (this._at / this._length) * 100) : 0;
    this.style.setProperty("--at", `${done.toFixed(2)}%`);
  }

  #fails(): void {
    if (this.#choice.fails(this)) this.requestUpdate();
    else this._broken = this.src !== "";
  }

  protected override render(): TemplateResult {
    const file = this.#choice.of(this);
    return html`
      <video
        playsinline
        preload=${this.src.startsWith("blob:") ? "auto" : "metadata"}
        src=${file || nothing}
        poster=${this.poster || nothing}
        .muted=${this._muted}
        @loadedmetadata=${(event: Event) => this.#measured(event.target as HTMLVideoElement)}
        @durationchange=${(event: Event) => this.#measured(event.target as HTMLVideoElement)}
        @timeupdate=${(event: Event) => {
          if (!this.#measuring) this._at = (event.target as HTMLVideoElement).currentTime;
        }}
        @play=${() => (this._playing = true)}
        @pause=${() => (this._playing = false)}
        @ended=${() => (this._playing = false)}
        @error=${() => this.#fails()}
        @click=${() => this.#toggle()}
      ></video>
      ${this.sound ? html`<div class="soundwave" aria-hidden="true">${icon("wave")}</div>` : nothing}
      ${this.#subtitles.line ? html`<div class="subtitle"><span dir="auto">${this.#subtitles.line}</span></div>` : nothing}
      ${this.badge ? html`<div class="top"><span class="glass num">${this.badge}</span></div>` : nothing}
      ${
        this._broken || (this.src && !file)
          ? html`<p class="failed" role="alert">${unplayable(this.movie, this.percent)} ${this.unplayed}</p>`
          : this.#controls()
      }
    `;
  }

  #controls(): TemplateResult {
    const length = Math.max(this._length, 0.1);
    return html`<div class="controls" role="group" aria-label=${this.label}>
      <input
        class="seek"
        type="range"
        min="0"
        max=${length}
        step="0.1"
        .value=${String(this._at)}
        aria-label="Position"
        aria-valuetext=${`${clock(this._at)} of ${clock(length)}`}
        @input=${(event: Event) => this.#seek(event)}
      />
      <div class="buttons">
        <button type="button" aria-label=${this._playing ? "Pause" : "Play"} @click=${() => this.#toggle()}>
          ${icon(this._playing ? "pause" : "play")}
        </button>
        <span class="num">${clock(this._at)} / ${clock(length)}</span>
        <span class="grow"></span>
        ${
          this.captions
            ? html`<button
                type="button"
                aria-label="Captions"
                aria-pressed=${this.#subtitles.on ? "true" : "false"}
                @click=${() => this.#subtitles.toggle()}
              >
                ${icon("cc")}
              </button>`
            : nothing
        }
        <button
          type="button"
          aria-label="Sound"
          aria-pressed=${this._muted ? "false" : "true"}
          @click=${() => (this._muted = !this._muted)}
        >
          ${icon(this._muted ? "sound-off" : "sound")}
        </button>
        ${
          this.sound
            ? nothing
            : html`<button
                type="button"
                aria-label="Full screen"
                @click=${() => void this.#video?.requestFullscreen?.().catch(() => undefined)}
              >
                ${icon("full")}
              </button>`
        }
      </div>
    </div>`;
  }
}

if (!customElements.get("gr-playback")) customElements.define("gr-playback", PlaybackElement);
