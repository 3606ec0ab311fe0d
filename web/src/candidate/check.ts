/**
 * `<gr-check>`: the device check, its own step before the questions.
 *
 * Preview, choice of devices, level, a three-second test played back, and the network, each in plain words. Nothing is
 * recorded or sent until the candidate says so; the test stays in memory and is forgotten.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { createRef, ref } from "lit/directives/ref.js";
import { icon } from "../lib/icons.ts";
import { canCopy } from "../recording/copy.ts";
import {
  Devices,
  listDevices,
  rememberChoice,
  rememberedChoice,
  type DeviceName,
  type Kind,
} from "../recording/devices.ts";
import "../recording/meter.ts";
import { blocked } from "./blocked.ts";
import { testNetwork, type NetworkResult } from "./network.ts";
import "./phone.ts";
import { Place, session, type Way } from "./place.ts";
import { Rehearsal, isDark } from "./rehearsal.ts";
import { hearYourself, networkLine, pictureAndSound, type Checked } from "./verdicts.ts";
import type { WaysElement } from "./ways.ts";
import "./ways.ts";

/** Milliseconds between two looks at the light. */
const LOOK = 1500;
/** Milliseconds until a server that could not be reached is tried again. */
const AGAIN = 4000;

export class CheckElement extends LitElement {
  static override properties = {
    _kind: { state: true },
    _heard: { state: true },
    _unmeasured: { state: true },
    _cameras: { state: true },
    _microphones: { state: true },
    _network: { state: true },
    _dark: { state: true },
  };
  declare _kind: Kind;
  declare _heard: boolean;
  declare _unmeasured: boolean;
  declare _cameras: DeviceName[];
  declare _microphones: DeviceName[];
  declare _network: NetworkResult | null;
  declare _dark: boolean;
  readonly place = new Place();
  readonly #devices = new Devices(
    () => this.#changed(),
    () => void this.#open(),
  );
  readonly #rehearsal = new Rehearsal(() => this.requestUpdate());
  readonly #ways = createRef<WaysElement>();
  #shown: MediaStream | null = null;
  #retry = 0;
  #light = 0;

  constructor() {
    super();
    this._kind = session.get("way") === "audio" ? "audio" : "video";
    this._heard = this._unmeasured = this._dark = false;
    this._cameras = this._microphones = [];
    this._network = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("gr-heard", () => (this._heard = true));
    this.addEventListener("gr-unmeasured", () => (this._unmeasured = true));
    window.addEventListener("online", this.#testNetwork);
    void this.#open();
    this.#testNetwork();
    this.#light = window.setInterval(() => this.#look(), LOOK);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearTimeout(this.#retry);
    window.clearInterval(this.#light);
    window.removeEventListener("online", this.#testNetwork);
    this.#devices.close();
  }

  #open(): Promise<void> {
    return this.#devices.open(this._kind);
  }

  #changed(): void {
    const { stream } = this.#devices;
    if (stream && stream !== this.#shown) {
      this._heard = false;
      void listDevices().then(({ cameras, microphones }) => {
        this._cameras = cameras;
        this._microphones = microphones;
      });
    }
    this.#shown = stream;
    this.requestUpdate();
  }

  #testNetwork = (): void => {
    window.clearTimeout(this.#retry);
    void testNetwork(this.place.api, `${this.place.base}/live`).then((result) => {
      this._network = result;
      session.set("uplink", result.up > 0 ? String(Math.round(result.up)) : "");
      if (result.verdict === "dead" && this.isConnected) this.#retry = window.setTimeout(this.#testNetwork, AGAIN);
    });
  };

  #pick(camera: string | null, microphone: string | null): void {
    const kept = rememberedChoice();
    rememberChoice({ camera: camera ?? kept.camera, microphone: microphone ?? kept.microphone });
    void this.#open();
  }

  #look(): void {
    const video = this.querySelector<HTMLVideoElement>("video.self");
    this._dark = (video && isDark(video)) ?? this._dark;
  }

  async #listen(): Promise<void> {
    if (!this.#devices.stream) return;
    await this.#rehearsal.record(this.#devices.stream);
    await this.updateComplete;
    const playback = this.querySelector<HTMLVideoElement>("video.test");
    playback?.play().catch(() => this.#rehearsal.forget());
  }

  #go(way: Way): void {
    session.set("way", way);
    if (way === "text" || way === "file") {
      location.assign(`${this.place.base}/record?way=${way}`);
      return;
    }
    if (way !== this._kind) {
      this._kind = way;
      void this.#open();
    }
  }

  protected override updated(): void {
    const self = this.querySelector<HTMLVideoElement>("video.self");
    if (self && self.srcObject !== this.#shown) self.srcObject = this.#shown;
  }

  protected override render(): TemplateResult {
    const { trouble, stream } = this.#devices;
    return html`${
        trouble && !stream
          ? blocked(
              trouble,
              this._kind,
              () => void this.#open(),
              (way) => this.#go(way),
              () => this.#ways.value?.showPhone(),
            )
          : this.#check()
      }
      <gr-ways
        ${ref(this.#ways)}
        .place=${this.place}
        .way=${this._kind}
        @gr-way=${(event: CustomEvent<Way>) => this.#go(event.detail)}
      ></gr-ways>`;
  }

  #check(): TemplateResult {
    const { view } = this.place;
    const next = this.place.index(view.resume);
    const checked: Checked = {
      kind: this._kind,
      stream: this.#devices.stream,
      heard: this._heard,
      unmeasured: this._unmeasured,
      dark: this._dark,
      network: this._network,
      rehearsal: this.#rehearsal,
    };
    return html`<section class="narrow" aria-labelledby="check-title">
      <header>
        <p class="eyebrow">Before the questions</p>
        <h1 id="check-title">
          ${this._kind === "video" ? "Let’s see if we can see you" : "Let’s hear if we can hear you"}
        </h1>
        <p class="lead">Nothing is recorded or sent until you say so.</p>
      </header>
      <div class="checkup">
        ${this.#mirror()}
        <div class="setup">
          ${this._kind === "video" ? this.#picker("cam", "Camera", "video", this._cameras, "video") : nothing}
          ${this.#picker("mic", "Microphone", "mic", this._microphones, "audio")}
          <ul class="card verdicts" aria-label="Check results">
            ${pictureAndSound(checked)} ${networkLine(checked)}
            ${canCopy() ? hearYourself(checked, () => void this.#listen()) : nothing}
          </ul>
          <div class="dock flat">
            <a
              class="button primary tall block"
              href="${this.place.base}/record?way=${this._kind}"
              @click=${() => session.set("way", this._kind)}
            >
              ${view.resume === null ? "Go on" : `Continue to question ${next + 1}`}
            </a>
          </div>
        </div>
        <section class="other" aria-label="Other ways to answer">
          <gr-phone class="only-wide" .place=${this.place}></gr-phone>
          <button type="button" class="card" @click=${() => this.#go("text")}>
            <span class="round">${icon("write")}</span
            ><span class="grow"><b>Answer in writing instead</b><small>Counts the same. No reason needed.</small></span>
          </button>
          <button type="button" class="card" @click=${() => this.#go(this._kind === "video" ? "audio" : "video")}>
            <span class="round">${icon(this._kind === "video" ? "wave" : "video")}</span>
            ${
              this._kind === "video"
                ? html`<span class="grow"
                    ><b>Answer with sound only</b><small>Camera off, the voice is enough.</small></span
                  >`
                : html`<span class="grow"><b>Answer on camera</b><small>Switch the camera on again.</small></span>`
            }
          </button>
          <button type="button" class="card" @click=${() => this.#go("file")}>
            <span class="round">${icon("clip")}</span
            ><span class="grow"><b>Upload a file</b><small>Recorded somewhere else, as you like it.</small></span>
          </button>
        </section>
      </div>
    </section>`;
  }

  #mirror(): TemplateResult {
    const { stage, seconds, url } = this.#rehearsal;
    const testing = stage === "playing";
    return html`<div class="mirror">
      ${
        testing
          ? html`<video
              class="test"
              playsinline
              src=${url}
              @ended=${() => this.#rehearsal.forget()}
              @error=${() => this.#rehearsal.forget()}
            ></video>`
          : this._kind === "video"
            ? html`<video class="self" autoplay muted playsinline .muted=${true} aria-label="Your own picture"></video>`
            : html`<div class="voice" aria-hidden="true">${icon("wave")}</div>`
      }
      <div class="top">
        ${
          stage === "recording"
            ? html`<span class="glass red" role="status">Test, ${seconds}</span>`
            : testing
              ? html`<span class="glass" role="status">${icon("play")}This is how you sound</span>`
              : html`<span class="glass">${icon("eye")}Only you ${this._kind === "video" ? "see" : "hear"} this</span>`
        }
      </div>
      <div class="low">
        <span class="glass" role="status"><gr-meter .stream=${testing ? null : this.#devices.stream}></gr-meter></span>
        ${this._kind === "video" && !testing ? html`<span class="glass only-wide">Mirrored, the recording is not</span>` : nothing}
      </div>
    </div>`;
  }

  #picker(id: string, label: string, glyph: string, devices: DeviceName[], kind: "audio" | "video"): TemplateResult {
    const { stream } = this.#devices;
    const track = kind === "video" ? stream?.getVideoTracks()[0] : stream?.getAudioTracks()[0];
    const current = track?.getSettings().deviceId ?? "";
    return html`<div class="choice">
      <label for=${id}>${label}</label>
      <div class="input">
        ${icon(glyph)}
        <select
          id=${id}
          ?disabled=${devices.length === 0}
          @change=${(event: Event) => {
            const chosen = (event.target as HTMLSelectElement).value;
            this.#pick(kind === "video" ? chosen : null, kind === "audio" ? chosen : null);
          }}
        >
          ${
            devices.length === 0
              ? html`<option>Waiting for your permission</option>`
              : devices.map(
                  (device) =>
                    html`<option value=${device.id} ?selected=${device.id === current}>${device.name}</option>`,
                )
          }
        </select>
        ${icon("down")}
      </div>
    </div>`;
  }
}

customElements.define("gr-check", CheckElement);
