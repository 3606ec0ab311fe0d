/**
 * `<gr-check>`: the device check, its own step before the questions.
 *
 * Preview, choice of devices, level, a three-second test played back, and the network, each in plain words. Nothing is
 * recorded or sent until the candidate says so; the test stays in memory and is forgotten.
 */

import { LitElement, html, nothing, type TemplateResult } from "lit";
import { createRef } from "lit/directives/ref.js";
import { icon } from "../lib/icons.ts";
import { sample, canCopy } from "../recording/copy.ts";
import {
  DeviceError,
  closeStream,
  listDevices,
  openDevices,
  rememberChoice,
  rememberedChoice,
  whenDevicesMayWork,
  type DeviceName,
  type DeviceTrouble,
  type Kind,
} from "../recording/devices.ts";
import "../recording/meter.ts";
import { blocked } from "./blocked.ts";
import { NETWORK_WORDS, testNetwork, type NetworkResult } from "./network.ts";
import type { PhoneElement } from "./phone.ts";
import "./phone.ts";
import { Place, session, type Way } from "./place.ts";
import { ways } from "./ways.ts";

const TEST_MS = 3000;

export class CheckElement extends LitElement {
  static override properties = {
    _kind: { state: true },
    _stream: { state: true },
    _trouble: { state: true },
    _opening: { state: true },
    _heard: { state: true },
    _unmeasured: { state: true },
    _cameras: { state: true },
    _microphones: { state: true },
    _test: { state: true },
    _seconds: { state: true },
    _network: { state: true },
    _dark: { state: true },
  };
  declare _kind: Kind;
  declare _stream: MediaStream | null;
  declare _trouble: DeviceTrouble | null;
  declare _opening: boolean;
  declare _heard: boolean;
  declare _unmeasured: boolean;
  declare _cameras: DeviceName[];
  declare _microphones: DeviceName[];
  /** Where the test stands: "" not yet, recording, playing, done. */
  declare _test: "" | "recording" | "playing" | "done" | "failed";
  declare _seconds: number;
  declare _network: NetworkResult | null;
  declare _dark: boolean;
  readonly place = new Place();
  #dialog = createRef<HTMLDialogElement>();
  #unwatch: (() => void) | null = null;
  #testUrl = "";
  #retry = 0;
  #light = 0;

  constructor() {
    super();
    this._kind = session.get("way") === "audio" ? "audio" : "video";
    this._stream = null;
    this._trouble = null;
    this._opening = this._heard = this._unmeasured = this._dark = false;
    this._cameras = this._microphones = [];
    this._test = "";
    this._seconds = 0;
    this._network = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.getElementById("help")?.addEventListener("click", () => this.#dialog.value?.showModal());
    this.addEventListener("gr-heard", () => (this._heard = true));
    this.addEventListener("gr-unmeasured", () => (this._unmeasured = true));
    window.addEventListener("online", this.#testNetwork);
    void this.#open();
    this.#testNetwork();
    this.#light = window.setInterval(() => this.#lookAtLight(), 1500);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch?.();
    window.clearTimeout(this.#retry);
    window.clearInterval(this.#light);
    window.removeEventListener("online", this.#testNetwork);
    closeStream(this._stream);
  }

  async #open(): Promise<void> {
    if (this._opening) return;
    this._opening = true;
    try {
      closeStream(this._stream);
      this._stream = null;
      const stream = await openDevices(this._kind);
      this._stream = stream;
      this._trouble = null;
      this._heard = false;
      this.#unwatch?.();
      this.#unwatch = null;
      for (const track of stream.getTracks()) {
        track.addEventListener("ended", () => {
          if (this._stream === stream) void this.#open();
        });
      }
      const { cameras, microphones } = await listDevices();
      this._cameras = cameras;
      this._microphones = microphones;
    } catch (error) {
      this._trouble = error instanceof DeviceError ? error.code : "broken";
      this.#unwatch ??= whenDevicesMayWork(() => void this.#open());
    } finally {
      this._opening = false;
    }
  }

  #testNetwork = (): void => {
    window.clearTimeout(this.#retry);
    void testNetwork(this.place.api, `${this.place.base}/live`).then((result) => {
      this._network = result;
      session.set("uplink", result.up > 0 ? String(Math.round(result.up)) : "");
      if (result.verdict === "dead" && this.isConnected) this.#retry = window.setTimeout(this.#testNetwork, 4000);
    });
  };

  #pick(camera: string | null, microphone: string | null): void {
    const kept = rememberedChoice();
    rememberChoice({ camera: camera ?? kept.camera, microphone: microphone ?? kept.microphone });
    void this.#open();
  }

  /** The average brightness of the picture, on a stamp-sized copy: a dark face is the most common fault. */
  #lookAtLight(): void {
    const video = this.querySelector<HTMLVideoElement>("video.self");
    if (!video || video.videoWidth === 0) return;
    const canvas = document.createElement("canvas");
    canvas.width = 32;
    canvas.height = 18;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(video, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += 0.3 * data[at]! + 0.59 * data[at + 1]! + 0.11 * data[at + 2]!;
    this._dark = sum / (data.length / 4) < 38;
  }

  async #try(): Promise<void> {
    const stream = this._stream;
    if (!stream || this._test === "recording") return;
    this._test = "recording";
    this._seconds = 3;
    const counting = window.setInterval(() => (this._seconds = Math.max(1, this._seconds - 1)), 1000);
    const copy = await sample(stream, TEST_MS);
    window.clearInterval(counting);
    if (this.#testUrl) URL.revokeObjectURL(this.#testUrl);
    this.#testUrl = copy ? URL.createObjectURL(copy) : "";
    this._test = copy ? "playing" : "failed";
    await this.updateComplete;
    const playback = this.querySelector<HTMLVideoElement>("video.test");
    playback?.play().catch(() => this.#forget());
  }

  #forget(): void {
    if (this.#testUrl) URL.revokeObjectURL(this.#testUrl);
    this.#testUrl = "";
    this._test = "done";
  }

  #go(way: Way): void {
    session.set("way", way);
    if (way === "text" || way === "file") {
      location.assign(`${this.place.base}/record?way=${way}`);
      return;
    }
    this.#dialog.value?.close();
    if (way !== this._kind) {
      this._kind = way;
      void this.#open();
    }
  }

  #phone(): void {
    this.#dialog.value?.showModal();
    void this.querySelector<PhoneElement>("dialog gr-phone")?.show();
  }

  protected override updated(): void {
    const self = this.querySelector<HTMLVideoElement>("video.self");
    if (self && self.srcObject !== this._stream) self.srcObject = this._stream;
  }

  protected override render(): TemplateResult {
    const again = (): void => void this.#open();
    return html`${
      this._trouble && !this._stream
        ? blocked(
            this._trouble,
            this._kind,
            again,
            (way) => this.#go(way),
            () => this.#phone(),
          )
        : this.#check()
    }
    ${ways(this.#dialog, this.place, this._kind, (way) => this.#go(way))}`;
  }

  #check(): TemplateResult {
    const { view } = this.place;
    const next = this.place.index(view.resume);
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
            ${this.#pictureAndSound()} ${this.#networkLine()} ${canCopy() ? this.#hearYourself() : nothing}
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
    const testing = this._test === "playing";
    return html`<div class="mirror">
      ${
        testing
          ? html`<video
              class="test"
              playsinline
              src=${this.#testUrl}
              @ended=${() => this.#forget()}
              @error=${() => this.#forget()}
            ></video>`
          : this._kind === "video"
            ? html`<video class="self" autoplay muted playsinline .muted=${true} aria-label="Your own picture"></video>`
            : html`<div class="voice" aria-hidden="true">${icon("wave")}</div>`
      }
      <div class="top">
        ${
          this._test === "recording"
            ? html`<span class="glass red" role="status">Test, ${this._seconds}</span>`
            : testing
              ? html`<span class="glass" role="status">${icon("play")}This is how you sound</span>`
              : html`<span class="glass">${icon("eye")}Only you ${this._kind === "video" ? "see" : "hear"} this</span>`
        }
      </div>
      <div class="low">
        <span class="glass" role="status"><gr-meter .stream=${testing ? null : this._stream}></gr-meter></span>
        ${this._kind === "video" && !testing ? html`<span class="glass only-wide">Mirrored, the recording is not</span>` : nothing}
      </div>
    </div>`;
  }

  #picker(id: string, label: string, glyph: string, devices: DeviceName[], kind: "audio" | "video"): TemplateResult {
    const track = kind === "video" ? this._stream?.getVideoTracks()[0] : this._stream?.getAudioTracks()[0];
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
              ? html`<option>${this._opening ? "Waiting for your permission" : "None found"}</option>`
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

  #line(
    mark: "ok" | "wait" | "no",
    glyph: string,
    title: string,
    what: string,
    act: TemplateResult | typeof nothing = nothing,
  ): TemplateResult {
    return html`<li>
      <span class="mark ${mark}">${icon(glyph)}</span>
      <div role="status"><b>${title}</b><small>${what}</small></div>
      ${act}
    </li>`;
  }

  #pictureAndSound(): TemplateResult {
    const picture = this._kind === "video";
    if (!this._stream)
      return this.#line(
        "wait",
        picture ? "video" : "mic",
        picture ? "Camera and microphone" : "Microphone",
        "Allow them when your browser asks.",
      );
    if (!this._heard && this._unmeasured && this._test !== "done") {
      return this.#line(
        "wait",
        "mic",
        picture ? "Camera and microphone are on" : "Your microphone is on",
        "This browser does not show how loud you are. Press “Try it” and listen.",
      );
    }
    if (!this._heard && this._test !== "done")
      return this.#line(
        "wait",
        "mic",
        picture ? "We see you. Say something" : "Say something",
        "A sentence is enough; the bars should move.",
      );
    if (picture && this._dark)
      return this.#line(
        "wait",
        "sun",
        "We hear you, but it is rather dark",
        "Turn towards a window or switch a lamp on.",
      );
    return this.#line(
      "ok",
      "check",
      picture ? "Picture and sound are good" : "Your sound is good",
      picture ? "We see you and your voice is clear." : "Your voice is clear.",
    );
  }

  #networkLine(): TemplateResult {
    const result = this._network;
    if (!result) return this.#line("wait", "sync", "Trying your network", "A few seconds.");
    const words = NETWORK_WORDS[result.verdict];
    const mark =
      result.verdict === "good" || result.verdict === "slow" || result.verdict === "no_live"
        ? "ok"
        : result.verdict === "dead"
          ? "no"
          : "wait";
    const glyph = mark === "ok" ? "check" : result.verdict === "dead" ? "offline" : "alert";
    return this.#line(mark, glyph, words.title, words.what);
  }

  #hearYourself(): TemplateResult {
    const label =
      this._test === "recording"
        ? "Listening"
        : this._test === "playing"
          ? "Playing"
          : this._test === ""
            ? "Try it"
            : "Once more";
    const what =
      this._test === "done"
        ? "Played and forgotten."
        : this._test === "failed"
          ? "This browser could not do it. Recording may still work."
          : "3 seconds, played back, then forgotten.";
    return this.#line(
      this._test === "done" ? "ok" : "wait",
      this._test === "done" ? "check" : "play",
      "Hear yourself",
      what,
      html`<button
        type="button"
        class="button"
        ?disabled=${!this._stream || this._test === "recording" || this._test === "playing"}
        @click=${() => void this.#try()}
      >
        ${label}
      </button>`,
    );
  }
}

customElements.define("gr-check", CheckElement);
