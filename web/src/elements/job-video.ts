/** `<gr-job-video>`: records, plays and removes the job video. The recorder is loaded when somebody wants to record. */
import { html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { JobView, RecordingTicket } from "../live/protocol.gen.ts";
import type { Desk, RecorderElement } from "../recording/recorder.ts";
import { send, sentence } from "../lib/api.ts";
import { chosen, confirmed } from "../lib/confirm.ts";
import { LightElement } from "../lib/element.ts";
import { icon } from "../lib/icons.ts";
import { api, path } from "../lib/me.ts";
import { change } from "../lib/outbox.ts";
import { alarm } from "../lib/toast.ts";
import "./captions.ts";
import "./player.ts";

const LONGEST = 180; // seconds

@customElement("gr-job-video")
export class JobVideo extends LightElement {
  @property({ attribute: false }) job!: JobView;
  @state() private recording = false;
  @state() private loading = false;
  private leaving = false; // decided

  private desk: Desk = {
    ticket: () => send<RecordingTicket>("POST", this.url(""), {}),
    look: ({ recording }) => send("GET", this.url(`/${recording}`)),
    accept: async ({ recording }) => {
      await this.change("POST", "/acceptance", { recording });
    },
    upload: null,
  };

  private url(rest: string): string {
    return api(`jobs/${this.job.id}/video${rest}`);
  }

  private async change(method: "POST" | "DELETE", rest: string, body?: unknown): Promise<void> {
    const { id, title } = this.job;
    const words = `The video of **${title}** was not changed.`;
    const job = await change<JobView>({ lane: `job:${id}`, method, path: this.url(rest), body, words });
    if (job) this.told(job);
  }

  private told(job: JobView): void {
    this.dispatchEvent(new CustomEvent<JobView>("job", { detail: job }));
  }

  private async record(): Promise<void> {
    this.loading = true;
    try {
      await import("../recording/recorder.ts");
      this.recording = true;
    } catch {
      alarm("The recorder could not be loaded. Check the connection and try again.");
    } finally {
      this.loading = false;
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("click", this.followed, { capture: true });
    window.addEventListener("beforeunload", this.closing);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("click", this.followed, { capture: true });
    window.removeEventListener("beforeunload", this.closing);
  }

  private get undecided(): RecorderElement | null {
    const recorder = this.find<RecorderElement>("gr-recorder");
    return recorder?.waiting ? recorder : null;
  }

  /** The tab is closed, or left by the address bar: the browser asks, in its own words. */
  private closing = (event: BeforeUnloadEvent): void => {
    if (this.undecided && !this.leaving) event.preventDefault();
  };

  /** A link of this page that leads away from it. */
  private followed = (event: MouseEvent): void => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
    if (!link || link.target || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!this.undecided) return;
    event.preventDefault();
    event.stopPropagation();
    void this.settled("leave").then((done) => {
      if (!done) return;
      this.leaving = true;
      location.assign(link.href);
    });
  };

  /** A recording that waits undecided is asked about, before the job opens or is left. False: stay, change nothing. */
  async settled(then: "open" | "leave" = "open"): Promise<boolean> {
    const recorder = this.undecided;
    if (!recorder) return true;
    const without = this.job.video ? "candidates see the current video" : "candidates see the job with no video";
    const said = await chosen({
      title: "Use the video you just recorded?",
      text: `It is not chosen yet. Without it, ${without}${then === "leave" ? ", and the recording is gone" : ""}.`,
      yes: `Use it and ${then}`,
      other: `${then === "open" ? "Open" : "Leave"} without it`,
    });
    return said === "yes" ? recorder.keep() : said === "other";
  }

  private async leaveOut(): Promise<void> {
    const agreed = await confirmed({
      title: "Remove the job video?",
      text: "Candidates see the job without it from now on. The recording is deleted.",
      yes: "Remove",
      danger: true,
    });
    if (!agreed) return;
    try {
      await this.change("DELETE", "");
    } catch (error) {
      alarm(sentence(error));
    }
  }

  protected override render() {
    const { video } = this.job;
    return html`<section class="card pane" aria-labelledby="video-title">
      <header class="row">
        <h2 class="grow" id="video-title">Job video</h2>
        ${video && !this.recording ? this.badge() : nothing}
      </header>
      ${this.recording ? this.recorder() : video ? this.playback(video) : this.none()}
    </section>`;
  }

  private recorder() {
    return html`<gr-recorder
        .desk=${this.desk}
        longest=${LONGEST}
        words="the job video"
        @gr-kept=${() => (this.recording = false)}
        @gr-cancelled=${() => (this.recording = false)}
      ></gr-recorder>
      ${this.job.video ? html`<p class="muted small">The current video stays until you accept a new one.</p>` : nothing}`;
  }

  private badge() {
    const { movie, movie_percent: percent } = this.job.film ?? {};
    if (movie !== "waiting") return html`<span class="badge good">${icon("check")}Ready</span>`;
    return html`<span class="badge info" title="For browsers that cannot play what was recorded"
      >Preparing a copy, ${percent} %</span
    >`;
  }

  private playback(video: string) {
    return html`<gr-player
        .src=${path(`recordings/${video}/video`)}
        .film=${this.job.film}
        .poster=${path(`recordings/${video}/poster`)}
        .length=${this.job.video_ms / 1000}
        label="Job video"
      ></gr-player>
      <gr-captions .recording=${video} .file=${this.job.film?.captions ?? ""}></gr-captions>
      <div class="row wrap">
        <button type="button" class="button" aria-busy=${this.loading} @click=${this.record}>
          ${icon("video")}Record again
        </button>
        <button type="button" class="button quiet danger" @click=${this.leaveOut}>${icon("bin")}Remove</button>
      </div>`;
  }

  private none() {
    return html`<div class="empty">
      ${icon("video")}<strong>Say hello</strong>
      <span>A minute about the work and the team, so that candidates know who is asking.</span>
      <button type="button" class="button" aria-busy=${this.loading} @click=${this.record}>
        ${icon("video")}Record job video
      </button>
    </div>`;
  }
}
