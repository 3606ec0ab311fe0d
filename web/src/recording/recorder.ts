/**
 * `<gr-recorder>`: records one video in a page of the team, such as the job video.
 *
 *     import "../recording/recorder.ts";        // and styles/recording.css
 *     html`<gr-recorder .desk=${desk} longest="120" @gr-kept=${…} @gr-cancelled=${…}></gr-recorder>`
 *
 * Property `desk` (a `Desk` of desk.ts; set it before the element is connected): where it gets its ticket
 * (`ticket(kind)` -> RecordingTicket), looks the recording up (`look(ticket)` -> {state, duration_ms, url}), accepts it
 * (`accept(ticket)`), and `upload: null` (or a function that sends the browser's own copy).
 * Attribute `longest`: seconds, default 120. Attribute `words`: what the video is called, default "the video".
 * Events (bubbling): `gr-kept` with `detail.ticket` once the server accepted it; `gr-cancelled` when somebody gives up.
 *
 * Camera and microphone are open only while the element is in the page.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { clock } from "../lib/time.ts";
import { isAmber, isLive, remainingMs } from "./machine.ts";
import "./meter.ts";
import "./playback.ts";
import type { Desk } from "./desk.ts";
import { WARNED } from "./senses.ts";
import { Studio } from "./studio.ts";
import { ANNOUNCED, REFUSED, SAFETY_WORDS, TROUBLE } from "./words.ts";

export type { Desk } from "./desk.ts";

/** Nothing of it is kept on this device, and it is no answer. */
const SAID = {
  ...ANNOUNCED,
  lost: "The connection is lost. Press Finish, and record again when it is back.",
  kept: "Your recording is kept.",
};

export class RecorderElement extends LitElement {
  static override properties = {
    desk: { attribute: false },
    longest: { type: Number },
    words: {},
    _said: { state: true },
  };
  declare desk: Desk;
  declare longest: number;
  declare words: string;
  declare _said: string;
  #studio: Studio | null = null;
  #decided: ((kept: boolean) => void) | null = null;

  constructor() {
    super();
    this.longest = 120;
    this.words = "the video";
    this._said = "";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#studio = new Studio({
      desk: this.desk,
      kind: "video",
      limits: { think: 0, longest: this.longest, takesLeft: 99 },
      changed: () => this.#changed(),
      say: (what) => (this._said = SAID[what]),
    });
    void this.#studio.open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#studio?.close();
    this.#studio = null;
    this.#decided?.(false);
  }

  #changed(): void {
    this.requestUpdate();
    const studio = this.#studio;
    if (studio && studio.state.phase !== "keeping") this.#decided?.(studio.state.phase === "kept");
    if (studio?.state.phase !== "kept") return;
    this.dispatchEvent(new CustomEvent("gr-kept", { bubbles: true, detail: { ticket: studio.take?.ticket ?? null } }));
  }

  /** A finished recording waits for "Use this one". */
  get waiting(): boolean {
    return this.#studio?.state.phase === "review" && this.#studio.safety !== "gone";
  }

  /** Does what "Use this one" does; resolves with whether the server took it. */
  keep(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#studio?.send({ type: "keep" });
      if (this.#studio?.state.phase !== "keeping") return resolve(this.#studio?.state.phase === "kept");
      this.#decided = (kept) => {
        this.#decided = null;
        resolve(kept);
      };
    });
  }

  #cancel(): void {
    this.dispatchEvent(new CustomEvent("gr-cancelled", { bubbles: true }));
  }

  protected override updated(): void {
    const self = this.querySelector<HTMLVideoElement>("video.self");
    const stream = this.#studio?.stream ?? null;
    if (self && self.srcObject !== stream) self.srcObject = stream;
  }

  protected override render(): TemplateResult | typeof nothing {
    const studio = this.#studio;
    if (!studio) return nothing;
    return html`<p class="sr" role="status" aria-live="assertive">${this._said}</p>
      ${studio.trouble ? this.#blocked(studio) : this.#booth(studio)} ${this.#acts(studio)}`;
  }

  #blocked(studio: Studio): TemplateResult {
    const words = TROUBLE[studio.trouble ?? "broken"];
    return html`<div class="empty" role="alert">
      ${icon("video-off")}<strong>${words.title}</strong><span>${words.what}</span>
      <button type="button" class="button" @click=${() => void studio.open()}>Ask again</button>
    </div>`;
  }

  #booth(studio: Studio): TemplateResult {
    const { state, take } = studio;
    const reviewing = state.phase === "review" || state.phase === "keeping" || state.phase === "kept";
    if (reviewing && take?.url) {
      return html`<gr-playback
        .src=${take.url}
        .ms=${take.ms}
        label="Your recording"
        .badge=${clock(take.ms / 1000)}
      ></gr-playback>`;
    }
    const now = performance.now();
    return html`<div class="booth ${isLive(state) ? "" : "dim"} ${state.phase === "grace" ? "ending" : ""}">
      <video class="self" autoplay muted playsinline .muted=${true}></video>
      <div class="top">
        ${
          isLive(state)
            ? html`<span class="glass red">Recording</span>`
            : html`<span class="glass">${icon("eye")}Not recording</span>`
        }
      </div>
      ${
        state.phase === "countdown"
          ? html`<div class="middle high" aria-hidden="true">
              <span class="counting">${Math.max(1, Math.ceil(remainingMs(state, now) / 1000))}</span>
            </div>`
          : nothing
      }
      ${
        state.phase === "hold" || state.phase === "finishing"
          ? html`<div class="middle">
              <span class="glass"
                >${state.phase === "hold" ? "One moment, connecting" : "Sending the last seconds"}</span
              >
            </div>`
          : nothing
      }
      ${
        state.phase === "review" && !take?.url
          ? html`<div class="middle"><span class="glass">Getting your recording ready</span></div>`
          : nothing
      }
      <div class="under">
        <span class="glass"><gr-meter .stream=${studio.stream}></gr-meter></span>
      </div>
    </div>`;
  }

  #acts(studio: Studio): TemplateResult {
    const { state } = studio;
    const trouble = state.trouble
      ? html`<p class="notice warn" role="alert">
          ${icon("alert")}<span>${studio.refusal || REFUSED[state.trouble] || REFUSED["unavailable"]}</span>
        </p>`
      : nothing;
    const now = performance.now();
    switch (state.phase) {
      case "think":
      case "ready":
        return html`${trouble}
          <div class="acts">
            <button type="button" class="button quiet" @click=${() => this.#cancel()}>Cancel</button>
            <button
              type="button"
              class="button primary"
              ?disabled=${!studio.stream}
              @click=${() => studio.send({ type: "begin" })}
            >
              Start recording
            </button>
            <span class="muted">Up to ${clock(this.longest)}</span>
          </div>`;
      case "countdown":
      case "hold":
        return html`<div class="acts">
          <button type="button" class="button" @click=${() => studio.send({ type: "back" })}>Not yet</button>
        </div>`;
      case "recording":
      case "grace":
        return html`<div class="acts">
          <span class="side remaining ${isAmber(state, now) ? "amber" : ""}">
            ${clock(state.phase === "grace" ? 0 : Math.ceil(remainingMs(state, now) / 1000))}<small
              >left of ${clock(this.longest)}</small
            >
          </span>
          <button type="button" class="finish" @click=${() => studio.send({ type: "finish" })}>Finish</button>
          <span class="side muted">${state.link === "lost" ? "Connection lost" : ""}</span>
        </div>`;
      case "finishing":
        return html`<div class="acts"><span class="muted">One moment</span></div>`;
      default:
        return html`${trouble}
          ${studio.warnings.map(
            (one) =>
              html`<p class="notice warn" role="alert">
                ${icon("alert")}<span><b>${WARNED[one].title}.</b> ${WARNED[one].what}</span>
              </p>`,
          )}
          <div class="acts">
            <button
              type="button"
              class="button"
              ?disabled=${state.phase !== "review"}
              @click=${() => studio.send({ type: "retake" })}
            >
              ${icon("again")}Record again
            </button>
            <button
              type="button"
              class="button primary"
              aria-busy=${state.phase === "keeping" ? "true" : "false"}
              ?disabled=${state.phase !== "review" || studio.safety === "gone"}
              @click=${() => studio.send({ type: "keep" })}
            >
              Use this one
            </button>
            <span class="muted" role="status">${SAFETY_WORDS[studio.safety]}</span>
          </div>`;
    }
  }
}

if (!customElements.get("gr-recorder")) customElements.define("gr-recorder", RecorderElement);
