/** The picture of the recorder in each phase: oneself, or the take to watch, and what stands on it. Pure templates. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { properties } from "../lib/style.ts";
import { clock } from "../lib/time.ts";
import { isLive, remainingMs, GRACE_MS, type State } from "../recording/machine.ts";
import "../recording/haze.ts";
import "../recording/meter.ts";
import "../recording/playback.ts";
import { WARNED } from "../recording/senses.ts";
import type { Studio } from "../recording/studio.ts";
import { deciding, number, thinks, type Scene } from "./scene.ts";

export function booth(scene: Scene, studio: Studio): TemplateResult {
  const { state, take } = studio;
  if (deciding(state) && take?.url) {
    const own = take.url.startsWith("blob:");
    return html`<gr-playback
      class="booth-size"
      .src=${take.url}
      .mime=${own ? "" : (take.film?.mime ?? "")}
      .mp4=${own ? "" : (take.film?.mp4 ?? "")}
      .movie=${take.film?.movie ?? ""}
      .percent=${take.film?.movie_percent ?? 0}
      .ms=${take.ms}
      .sound=${studio.kind === "audio"}
      .badge=${`Take ${number(scene, studio)} · ${clock(take.ms / 1000)}`}
      label="Your take"
    ></gr-playback>`;
  }
  const now = performance.now();
  const thinking = thinks(state);
  const silent = studio.warnings.includes("silent");
  const look = thinking ? "soft-focus" : state.phase === "grace" ? "ending" : isLive(state) ? "" : "dim";
  return html`<div class="booth booth-size ${look}">
    ${
      scene.way === "video"
        ? html`<video class="self" autoplay muted playsinline .muted=${true} aria-label="Your own picture"></video
            >${thinking ? html`<gr-haze></gr-haze>` : nothing}`
        : html`<div class="voice" aria-hidden="true">${icon("wave")}</div>`
    }
    <div class="top">
      ${
        isLive(state)
          ? html`<span class="glass red">Recording</span
              >${studio.warnings.includes("black") ? html`<span class="glass" role="status">${icon("alert")}${WARNED.black.now}</span>` : nothing}`
          : state.phase === "countdown"
            ? nothing
            : html`<span class="glass"
                >${icon("eye")}${thinking && scene.way === "video" ? "Not recording, picture blurred" : "Not recording"}</span
              >`
      }
    </div>
    ${middle(scene, studio, now)}
    ${
      isLive(state)
        ? html`<div class="under ${state.phase === "grace" ? "mid" : ""}">
            ${state.phase === "grace" ? softStop(state, now) : html`<span class="glass">${silent ? icon("alert") : nothing}<gr-meter .stream=${studio.stream}></gr-meter>${silent ? html`<span class="sr" role="status">${WARNED.silent.now}</span>` : nothing}</span>`}
          </div>`
        : nothing
    }
    ${
      state.phase === "countdown"
        ? html`<div class="under mid"><span class="glass">Take a breath. Begin at the red dot.</span></div>`
        : nothing
    }
  </div>`;
}

function middle(scene: Scene, studio: Studio, now: number): TemplateResult | typeof nothing {
  const { state } = studio;
  if (scene.saving && thinks(state)) {
    return html`<div class="middle" role="status">
      <p class="big">
        ${
          scene.saving === "saving"
            ? "We are saving what you recorded"
            : scene.saving === "sending"
              ? "We send what you recorded before"
              : "Recording on another tab or device"
        }
      </p>
    </div>`;
  }
  switch (state.phase) {
    case "think": {
      if (!studio.stream)
        return html`<div class="middle">
          <p>Opening your ${studio.kind === "video" ? "camera" : "microphone"}…</p>
        </div>`;
      if (state.until === 0) return html`<div class="middle"><p>Take the time you need. Notes are welcome.</p></div>`;
      const left = remainingMs(state, now);
      const share = Math.min(100, (left / (state.until - state.since)) * 100);
      return html`<div class="middle">
        <div
          class="ring large"
          role="timer"
          aria-label="Time to think"
          ${properties({ "--left": `${share.toFixed(1)}%` })}
        >
          ${clock(Math.ceil(left / 1000))}
        </div>
        <p>to think, if you want it.<br />Notes are welcome.</p>
      </div>`;
    }
    case "ready":
      return html`<div class="middle">
        <p class="big">${state.takesLeft < state.limits.takesLeft ? "Ready when you are." : "Are you ready?"}</p>
      </div>`;
    case "countdown":
      return html`<div class="middle high" aria-hidden="true">
        <span class="counting">${Math.max(1, Math.ceil(remainingMs(state, now) / 1000))}</span>
      </div>`;
    case "hold":
      return html`<div class="middle"><p class="big">One moment, connecting</p></div>`;
    case "finishing":
      return html`<div class="middle"><p class="big">Got it. Sending the last seconds</p></div>`;
    case "review":
    case "keeping":
      return html`<div class="middle">
        <p class="big">${studio.safety === "gone" ? "This take did not arrive" : "Getting your take ready to watch"}</p>
      </div>`;
    default:
      return nothing;
  }
}

function softStop(state: State, now: number): TemplateResult {
  const left = remainingMs(state, now);
  return html`<div class="glass soft" role="status">
    <span class="ring amber" aria-hidden="true" ${properties({ "--left": `${((left / GRACE_MS) * 100).toFixed(0)}%` })}
      >${Math.ceil(left / 1000)}</span
    >
    <span><b>Finish your sentence</b>Time is up. We stop gently in ${Math.ceil(left / 1000)} s.</span>
  </div>`;
}
