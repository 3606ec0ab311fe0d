/**
 * `<gr-player>`: a video or sound recording with our own controls. Space and K play, J and L jump ten seconds, F fills
 * the screen, S shows captions. It keeps speed and volume for the next answer, fires `ended`, and `watching`
 * with the second that plays (null when it stops), now and then.
 */
import { html, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { onControl } from "../lib/keys.ts";
import { whenPicture } from "../lib/picture.ts";
import { offer, type Shortcut } from "../lib/shortcuts.ts";
import { Choice, unplayable, type Extras, type Film } from "../lib/sources.ts";
import { properties } from "../lib/style.ts";
import { Subtitles } from "../lib/subtitles.ts";
import { clock } from "../lib/time.ts";

const SPEEDS = [1, 1.25, 1.5, 1.75, 2, 0.75] as const;
const JUMP = 10; // seconds
const NOTHING: Extras = { mime: "", mp4: "", captions: "" };
const TOLD = 5; // seconds of the film between two words about where we are

@customElement("gr-player")
export class Player extends LightElement {
  @property() src = "";
  /** What `src` is, the copy for browsers that cannot play that and how far it is, and the captions. */
  @property({ attribute: false }) film: Extras | null = null;
  @property() poster = "";
  /** What is played, for screen readers. */
  @property() label = "Recording";
  /** The length as the server knows it, in seconds: a file may not say. */
  @property({ type: Number }) length = 0;
  /** Sound only: the poster is a drawing. */
  @property({ type: Boolean }) sound = false;
  /** Listens to keys on the whole page. */
  @property({ type: Boolean }) keys = false;

  @state() private playing = false;
  @state() private at = 0;
  @state() private duration = 0;
  @state() private buffered = 0;
  @state() private speed = 1;
  @state() private muted = false;
  @state() private volume = 1;
  @state() private waiting = false;
  @state() private failed = false;
  /** Twenty tabs opened at once fetch twenty films only when they are looked at: a host has six connections. */
  @state() private looked = !document.hidden;
  @query("video") private video!: HTMLVideoElement;
  private readonly choice = new Choice();
  private readonly subtitles = new Subtitles(() => this.requestUpdate());
  private file = "";
  private frame = 0;
  private told: number | null = null;
  private giveUp: (() => void) | null = null;
  private unoffer: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.keys) this.unoffer = offer(this.shortcuts());
    document.addEventListener("visibilitychange", this.look);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unoffer?.();
    document.removeEventListener("visibilitychange", this.look);
    cancelAnimationFrame(this.frame);
    this.giveUp?.();
    this.tell(null);
  }

  private tell(at: number | null): void {
    if (at === this.told || (at !== null && this.told !== null && Math.abs(at - this.told) < TOLD)) return;
    this.told = at;
    this.dispatchEvent(new CustomEvent<number | null>("watching", { detail: at }));
  }

  private look = (): void => {
    this.looked ||= !document.hidden;
  };

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("poster")) this.showPoster();
    if (!this.video) return;
    if (changed.has("src")) {
      this.at = this.buffered = 0;
      this.failed = false;
      this.duration = this.length;
    }
    const file = this.choice.of(this.files);
    if (file !== this.file || changed.has("src")) this.load(file);
    this.subtitles.attach(this.video, this.extras.captions);
  }

  private get extras(): Extras {
    return this.film ?? NOTHING;
  }

  private get files(): Film {
    return { src: this.src, mime: this.extras.mime, mp4: this.extras.mp4 };
  }

  private load(file: string): void {
    this.file = file;
    if (file) this.video.src = file;
    else this.video.removeAttribute("src");
    this.video.load();
    this.video.playbackRate = this.speed;
  }

  private broken(): void {
    if (!this.file) return;
    if (this.choice.fails(this.files)) this.load(this.choice.of(this.files));
    else this.failed = true;
  }

  /** A poster that is not there yet would leave the browser's own broken ground. */
  private showPoster(): void {
    this.giveUp?.();
    this.video.removeAttribute("poster");
    const { poster } = this;
    this.giveUp = poster ? whenPicture(poster, () => (this.video.poster = poster)) : null;
  }

  async play(): Promise<void> {
    try {
      await this.video.play();
    } catch {
      // The browser wants a click first: the big button is there.
    }
  }

  toggle(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  /** Where the film is. */
  get seconds(): number {
    return this.video?.currentTime ?? 0;
  }

  seek(seconds: number): void {
    const to = Math.max(0, Math.min(seconds, this.total));
    this.video.currentTime = to;
    this.at = to;
  }

  private get total(): number {
    return this.duration || this.length || 0;
  }

  /** `false` leaves the key to whoever has a use for it. */
  private key(does: () => unknown): () => unknown {
    return () => (this.keys && this.file ? does() : false);
  }

  private shortcuts(): readonly Shortcut[] {
    const group = "Watching";
    return [
      {
        keys: ["Space", "K"],
        label: "Play or pause",
        group,
        run: (event) => (event.key !== " " || !onControl(event)) && this.key(() => this.toggle())(),
      },
      { keys: "J", label: `Back ${JUMP} s`, group, run: this.key(() => this.seek(this.at - JUMP)) },
      { keys: "L", label: `On ${JUMP} s`, group, run: this.key(() => this.seek(this.at + JUMP)) },
      { keys: "F", label: "Fill the screen", group, run: this.key(() => void this.fill()) },
      {
        keys: "S",
        label: "Subtitles",
        group,
        run: this.key(() => Boolean(this.extras.captions) && this.subtitles.toggle()),
      },
    ];
  }

  private sliderKey(event: KeyboardEvent): void {
    const steps: Record<string, number> = {
      ArrowLeft: -5,
      ArrowDown: -5,
      ArrowRight: 5,
      ArrowUp: 5,
      PageDown: -30,
      PageUp: 30,
    };
    if (event.key === "Home") this.seek(0);
    else if (event.key === "End") this.seek(this.total);
    else if (event.key in steps) this.seek(this.at + steps[event.key]!);
    else return;
    event.preventDefault();
  }

  private scrub(down: PointerEvent): void {
    const bar = down.currentTarget as HTMLElement;
    bar.setPointerCapture(down.pointerId);
    const to = (event: PointerEvent) => {
      const box = bar.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.total);
    };
    to(down);
    const stop = new AbortController();
    bar.addEventListener("pointermove", to, { signal: stop.signal });
    for (const name of ["pointerup", "pointercancel"]) {
      bar.addEventListener(name, () => stop.abort(), { signal: stop.signal });
    }
  }

  private faster(): void {
    const next = SPEEDS[(SPEEDS.indexOf(this.speed as 1) + 1) % SPEEDS.length]!;
    this.speed = next;
    this.video.playbackRate = next;
  }

  private loud(event: Event): void {
    this.volume = Number((event.target as HTMLInputElement).value);
    this.video.volume = this.volume;
    this.video.muted = this.volume === 0;
  }

  private mute(): void {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 0.6;
  }

  private async fill(): Promise<void> {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (this.find(".player")?.requestFullscreen) await this.find(".player")!.requestFullscreen();
    else (this.video as HTMLVideoElement & { webkitEnterFullscreen?: () => void }).webkitEnterFullscreen?.();
  }

  /** Moves the knob with the picture: `timeupdate` comes only four times a second. */
  private follow(): void {
    cancelAnimationFrame(this.frame);
    const step = () => {
      this.at = this.video.currentTime;
      if (!this.video.paused) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  private moved(): void {
    this.at = this.video.currentTime;
    if (this.playing) this.tell(this.at);
    this.dispatchEvent(new CustomEvent("gr-at", { detail: this.at, bubbles: true }));
  }

  private progress(): void {
    const { buffered, currentTime } = this.video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= currentTime + 0.5) this.buffered = Math.max(this.buffered, buffered.end(index));
    }
  }

  private measured(): void {
    // Without a poster the first picture is better than a black ground; browsers draw it only after a seek.
    if (!this.video.poster && this.video.paused && this.video.currentTime === 0) this.video.currentTime = 0.01;
    if (Number.isFinite(this.video.duration)) this.duration = this.video.duration;
  }

  private heard(): void {
    this.muted = this.video.muted;
    this.volume = this.video.volume;
  }

  protected override render() {
    return html`<div class="player ${this.playing ? "playing" : ""}">
      <video
        class="picture"
        playsinline
        preload=${this.looked ? "metadata" : "none"}
        aria-label=${this.label}
        @click=${this.toggle}
        @play=${() => (this.playing = true)}
        @playing=${() => ((this.waiting = false), this.follow())}
        @pause=${() => ((this.playing = false), this.tell(null))}
        @waiting=${() => (this.waiting = true)}
        @timeupdate=${this.moved}
        @progress=${this.progress}
        @loadedmetadata=${this.measured}
        @durationchange=${this.measured}
        @volumechange=${this.heard}
        @ended=${() => this.dispatchEvent(new Event("ended"))}
        @error=${this.broken}
      ></video>
      ${this.sound ? html`<div class="soundonly">${icon("wave")}<span>Sound only</span></div>` : nothing}
      ${
        this.subtitles.line ? html`<div class="subtitle"><span dir="auto">${this.subtitles.line}</span></div>` : nothing
      }
      ${this.trouble()} ${this.controls()}
    </div>`;
  }

  private trouble() {
    if (this.failed) {
      return html`<div class="broken" role="alert">
        ${icon("alert")}<span>This recording does not load just now.</span>
        <button type="button" class="button" @click=${this.again}>Try again</button>
      </div>`;
    }
    if (!this.src || this.choice.of(this.files)) return nothing;
    return html`<div class="broken" role="status">
      ${icon("video-off")}<span>${unplayable(this.extras.movie ?? "", this.extras.movie_percent ?? 0)}</span>
    </div>`;
  }

  private again(): void {
    this.failed = false;
    this.choice.forgive();
    this.load(this.choice.of(this.files));
  }

  private controls() {
    const total = this.total;
    const share = (seconds: number) => (total ? `${Math.min(100, (seconds / total) * 100)}%` : "0%");
    return html`<div class="controls">
      <div
        class="timeline"
        role="slider"
        tabindex="0"
        aria-label="Position"
        aria-valuemin="0"
        aria-valuemax=${Math.round(total)}
        aria-valuenow=${Math.round(this.at)}
        aria-valuetext="${clock(this.at)} of ${clock(total)}"
        @keydown=${this.sliderKey}
        @pointerdown=${this.scrub}
        ${properties({ "--at": share(this.at), "--buffered": share(this.buffered) })}
      >
        <span class="knob"></span>
      </div>
      <div class="buttons">
        <button type="button" aria-label=${this.playing ? "Pause" : "Play"} @click=${this.toggle}>
          ${this.waiting && this.playing ? html`<i class="spinner"></i>` : icon(this.playing ? "pause" : "play")}
        </button>
        <span class="num">${clock(this.at)} <span class="of">/ ${clock(total)}</span></span>
        <span class="grow"></span>
        <button type="button" class="num" aria-label="Speed ${this.speed} times" @click=${this.faster}>
          ${this.speed}×
        </button>
        ${
          this.extras.captions
            ? html`<button
                type="button"
                aria-label="Captions"
                aria-pressed=${this.subtitles.on ? "true" : "false"}
                @click=${() => this.subtitles.toggle()}
              >
                ${icon("cc")}
              </button>`
            : nothing
        }
        <span class="loudness">
          <button type="button" aria-label=${this.muted ? "Sound on" : "Mute"} @click=${this.mute}>
            ${icon(this.muted || this.volume === 0 ? "sound-off" : "sound")}
          </button>
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            aria-label="Volume"
            .value=${String(this.muted ? 0 : this.volume)}
            @input=${this.loud}
          />
        </span>
        <button type="button" aria-label="Full screen" @click=${this.fill}>${icon("full")}</button>
      </div>
    </div>`;
  }
}
