/**
 * `<gr-check>`: the device check, its own step before the questions.
 *
 * Preview, choice of devices, level, a three-second test played back, and the network, each in plain words. Nothing is
 * recorded or sent until the candidate says so; the test stays in memory and is forgotten.
 */

import { html, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { createRef, ref } from "lit/directives/ref.js";
import { LightElement } from "../lib/element.ts";
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
import { rememberUplink, testNetwork, type NetworkResult } from "./network.ts";
import "./phone.ts";
import { Place, type Way } from "./place.ts";
import { Rehearsal, isDark } from "./rehearsal.ts";
import { session } from "./remembered.ts";
import { hearYourself, networkLine, pictureAndSound, type Checked } from "./verdicts.ts";
import type { WaysElement } from "./ways.ts";
import "./ways.ts";

/** Milliseconds between two looks at the light. */
const LOOK = 1500;
/** Milliseconds until a server that could not be reached is tried again. */
const AGAIN = 4000;

@customElement("gr-check")
export class CheckElement extends LightElement {
  @state() private kind: Kind = session.get("way") === "audio" ? "audio" : "video";
  @state() private heard = false;
  @state() private unmeasured = false;
  @state() private cameras: DeviceName[] = [];
  @state() private microphones: DeviceName[] = [];
  @state() private network: NetworkResult | null = null;
  @state() private dark = false;
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

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("gr-heard", () => (this.heard = true));
    this.addEventListener("gr-unmeasured", () => (this.unmeasured = true));
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
    return this.#devices.open(this.kind);
  }

  #changed(): void {
    const { stream } = this.#devices;
    if (stream && stream !== this.#shown) {
      this.heard = false;
      void listDevices().then(({ cameras, microphones }) => {
        this.cameras = cameras;
        this.microphones = microphones;
      });
    }
    this.#shown = stream;
    this.requestUpdate();
  }

  #testNetwork = (): void => {
    window.clearTimeout(this.#retry);
    void testNetwork(this.place.api, `${this.place.base}/live`).then((result) => {
      this.network = result;
      rememberUplink(result.up);
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
    this.dark = (video && isDark(video)) ?? this.dark;
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
    if (way !== this.kind) {
      this.kind = way;
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
              this.kind,
              () => void this.#open(),
              (way) => this.#go(way),
              () => this.#ways.value?.showPhone(),
            )
          : this.#check()
      }
      <gr-ways
        ${ref(this.#ways)}
        .place=${this.place}
        .way=${this.kind}
        @gr-way=${(event: CustomEvent<Way>) => this.#go(event.detail)}
      ></gr-ways>`;
  }

  #check(): TemplateResult {
    const { view } = this.place;
    const next = this.place.index(view.resume);
    const checked: Checked = {
      kind: this.kind,
      stream: this.#devices.stream,
      heard: this.heard,
      unmeasured: this.unmeasured,
      dark: this.dark,
      network: this.network,
      rehearsal: this.#rehearsal,
    };
    return html`<section class="narrow" aria-labelledby="check-title">
      <header>
        <p class="eyebrow">Before the questions</p>
        <h1 id="check-title">
          ${this.kind === "video" ? "Let’s see if we can see you" : "Let’s hear if we can hear you"}
        </h1>
        <p class="lead">Nothing is recorded or sent until you say so.</p>
      </header>
      <div class="checkup">
        ${this.#mirror()}
        <div class="setup">
          ${this.kind === "video" ? this.#picker("cam", "Camera", "video", this.cameras, "video") : nothing}
          ${this.#picker("mic", "Microphone", "mic", this.microphones, "audio")}
          <ul class="card verdicts" aria-label="Check results">
            ${pictureAndSound(checked)} ${networkLine(checked, () => this.#go("audio"))}
            ${canCopy() ? hearYourself(checked, () => void this.#listen()) : nothing}
          </ul>
          <div class="dock flat">
            <a
              class="button primary tall block"
              href="${this.place.base}/record?way=${this.kind}"
              @click=${() => session.set("way", this.kind)}
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
          <button type="button" class="card" @click=${() => this.#go(this.kind === "video" ? "audio" : "video")}>
            <span class="round">${icon(this.kind === "video" ? "wave" : "video")}</span>
            ${
              this.kind === "video"
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
          : this.kind === "video"
            ? html`<video class="self" autoplay muted playsinline .muted=${true} aria-label="Your own picture"></video>`
            : html`<div class="voice" aria-hidden="true">${icon("wave")}</div>`
      }
      <div class="top">
        ${
          stage === "recording"
            ? html`<span class="glass red" role="status">Test, ${seconds}</span>`
            : testing
              ? html`<span class="glass" role="status">${icon("play")}This is how you sound</span>`
              : html`<span class="glass">${icon("eye")}Only you ${this.kind === "video" ? "see" : "hear"} this</span>`
        }
      </div>
      <div class="low">
        <span class="glass" role="status"><gr-meter .stream=${testing ? null : this.#devices.stream}></gr-meter></span>
        ${this.kind === "video" && !testing ? html`<span class="glass only-wide">Mirrored, the recording is not</span>` : nothing}
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
