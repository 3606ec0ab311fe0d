/**
 * What a question looks like in each phase: the words above, the picture, and the buttons below. Pure templates; the
 * studio decides what is true.
 */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { properties } from "../lib/style.ts";
import { clock, many } from "../lib/time.ts";
import type { OwnAnswer, TakeView } from "../live/protocol.gen.ts";
import { isAmber, isLive, remainingMs, GRACE_MS, type State } from "../recording/machine.ts";
import "../recording/meter.ts";
import "../recording/playback.ts";
import type { Studio } from "../recording/studio.ts";
import { RECORDER_GONE, REFUSED, SAFETY_WORDS, spoken } from "../recording/words.ts";
import type { Place, Way } from "./place.ts";

/** A recording goes on that this page does not make: what was recorded before a reload, or another tab or device. */
export type Saving = "" | "saving" | "elsewhere";

export interface Scene {
  place: Place;
  answer: OwnAnswer;
  way: Way;
  saving: Saving;
  /** Our server is in reach. */
  networked: boolean;
  /** All other questions are answered. */
  last: boolean;
  go: (way: Way) => void;
  choose: (take: TakeView) => void;
  /** Opens "other ways". */
  more: () => void;
}

const deciding = (state: State): boolean =>
  state.phase === "review" || state.phase === "keeping" || state.phase === "kept";

const thinks = (state: State): boolean => state.phase === "think" || state.phase === "ready";

/** The number of the take that is being recorded or watched. */
function number(scene: Scene, studio: Studio): number {
  const { state } = studio;
  if (deciding(state) && studio.take?.ticket) return studio.take.ticket.number;
  // `takesLeft` counts the take down when it ends, not when it begins.
  const begun = deciding(state) ? 0 : 1;
  return Math.max(1, scene.answer.question.takes - state.takesLeft + begun);
}

export function heading(scene: Scene, studio: Studio | null): TemplateResult {
  const { place, answer } = scene;
  const at = place.index(answer.question.id);
  const state = studio?.state;
  const now = performance.now();
  const asked = state !== undefined && deciding(state);
  const lens = state && scene.way === "video" && (state.phase === "countdown" || isLive(state));
  return html`<div class="path">
      <span class="eyebrow">Question ${at + 1} of ${place.view.answers.length}</span>
      <ol class="steps" aria-hidden="true">
        ${place.view.answers.map((other, index) => {
          const here = index === at;
          return html`<li
            class=${here ? "now" : other.kind !== null ? "done" : ""}
            ${properties(here ? { "--at": `${progress(state, now)}%` } : {})}
          ></li>`;
        })}
      </ol>
    </div>
    <div class="ask">
      ${lens ? html`<span class="lens">${icon("arrow-up")}Look up here, at the lens</span>` : nothing}
      ${
        asked
          ? html`<h1>Happy with this one?</h1>
              <p>
                Nobody has seen it yet.
                ${scene.answer.takes.length > 1 || state.takesLeft > 0 ? "It stays safe, even while you try again." : ""}
              </p>
              <p class="sr">The question was: ${answer.question.text}</p>`
          : html`<h1>${answer.question.text}</h1>
              <p>${studio ? subtitle(scene, studio) : "Take the time you need."}</p>`
      }
    </div>
    ${studio ? notices(scene, studio) : nothing}`;
}

function subtitle(scene: Scene, studio: Studio): string {
  const { state } = studio;
  const { question } = scene.answer;
  if (isLive(state) || state.phase === "finishing") return `Take ${number(scene, studio)} of ${question.takes}`;
  if (scene.saving) return `Up to ${spoken(question.longest)}.`;
  const left =
    state.takesLeft === question.takes
      ? `You have ${many(question.takes, "take")}.`
      : `${many(state.takesLeft, "take")} left.`;
  return `Up to ${spoken(question.longest)}. ${left}`;
}

function progress(state: State | undefined, now: number): number {
  if (!state) return 30;
  if (state.phase === "recording") return 10 + 80 * Math.min(1, (now - state.rolledAt) / (state.limits.longest * 1000));
  if (state.phase === "grace" || state.phase === "finishing") return 92;
  return deciding(state) ? 95 : 8;
}

function notices(scene: Scene, studio: Studio): TemplateResult | typeof nothing {
  const { state } = studio;
  if (isLive(state) && state.link === "lost") {
    return html`<div class="notice info" role="status">
      ${icon("offline")}<b>${scene.networked ? RECORDER_GONE.title : "Network lost. Keep talking."}</b>
      <p>
        Your answer goes on being recorded on this device. We send it
        ${scene.networked ? "when you keep it" : "when the network is back"}.
      </p>
    </div>`;
  }
  if (state.phase === "review" && studio.safety === "partly") {
    return html`<div class="notice warn" role="alert">
      ${icon("alert")}<b>This recording broke off</b>
      <p>
        What arrived until then is kept and can be watched here. You can keep it as it is, or record the answer again.
      </p>
    </div>`;
  }
  if (scene.saving === "elsewhere" && thinks(state)) {
    return html`<div class="notice info" role="status">
      ${icon("video")}<b>A recording runs elsewhere</b>
      <p>
        Another tab or device is recording an answer of yours. Finish there, or close it: what it recorded then shows up
        here.
      </p>
    </div>`;
  }
  if (!state.trouble) return nothing;
  return html`<div class="notice warn" role="alert">
    ${icon("alert")}<b>${state.phase === "review" ? "That did not work yet" : "We could not start"}</b>
    <p>${studio.refusal || REFUSED[state.trouble] || REFUSED["unavailable"]}</p>
    <p>
      <button type="button" class="textlink" @click=${() => scene.go("text")}>Answer in writing</button> or
      <button type="button" class="textlink" @click=${scene.more}>see other ways</button>
    </p>
  </div>`;
}

export function booth(scene: Scene, studio: Studio): TemplateResult {
  const { state, take } = studio;
  if (deciding(state) && take?.url) {
    return html`<gr-playback
      class="booth-size"
      .src=${take.url}
      .ms=${take.ms}
      .sound=${studio.kind === "audio"}
      .badge=${`Take ${number(scene, studio)} · ${clock(take.ms / 1000)}`}
      label="Your take"
    ></gr-playback>`;
  }
  const now = performance.now();
  const thinking = thinks(state);
  const look = thinking ? "soft-focus" : state.phase === "grace" ? "ending" : isLive(state) ? "" : "dim";
  return html`<div class="booth booth-size ${look}">
    ${
      scene.way === "video"
        ? html`<video class="self" autoplay muted playsinline .muted=${true} aria-label="Your own picture"></video>`
        : html`<div class="voice" aria-hidden="true">${icon("wave")}</div>`
    }
    <div class="top">
      ${
        isLive(state)
          ? html`<span class="glass red">Recording</span>`
          : html`<span class="glass"
              >${icon("eye")}${thinking && scene.way === "video" ? "Not recording, picture blurred" : "Not recording"}</span
            >`
      }
    </div>
    ${middle(scene, studio, now)}
    ${
      isLive(state)
        ? html`<div class="under ${state.phase === "grace" ? "mid" : ""}">
            ${state.phase === "grace" ? softStop(state, now) : html`<span class="glass"><gr-meter .stream=${studio.stream}></gr-meter></span>`}
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
        ${scene.saving === "saving" ? "We are saving what you recorded" : "Recording on another tab or device"}
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

export function desk(scene: Scene, studio: Studio): TemplateResult {
  const { state, take } = studio;
  switch (state.phase) {
    case "think":
    case "ready":
      if (scene.saving) {
        return html`<div class="desk">
          <p class="hint">
            ${scene.saving === "saving" ? "A few seconds, then you can watch it, keep it or try again. " : ""}
            <button type="button" class="textlink" @click=${() => scene.go("text")}>Answer in writing instead</button>
          </p>
        </div>`;
      }
      return html`<div class="desk">
        <div class="row">
          ${
            state.extended || state.limits.think === 0
              ? nothing
              : html`<button type="button" class="button tall only-wide" @click=${() => studio.send({ type: "more" })}>
                  ${icon("plus")}One more minute
                </button>`
          }
          <button
            type="button"
            class="button primary tall"
            data-main
            ?disabled=${!studio.stream || state.takesLeft < 1}
            @click=${() => studio.send({ type: "begin" })}
          >
            Start now
          </button>
        </div>
        <p class="hint">
          ${
            state.extended || state.limits.think === 0
              ? nothing
              : html`<span class="only-narrow"
                  ><button type="button" class="textlink" @click=${() => studio.send({ type: "more" })}>
                    One more minute
                  </button>
                  or
                </span>`
          }
          ${state.phase === "think" && state.until > 0 ? html`<span class="only-wide">At 0:00 we ask if you are ready. </span>` : nothing}
          ${
            state.held && take
              ? html`<button type="button" class="textlink" @click=${() => studio.watch(take)}>
                    Go back to your last take
                  </button>
                  or `
              : nothing
          }
          <button type="button" class="textlink" @click=${() => scene.go("text")}>
            ${state.held && take ? "answer in writing" : "Answer in writing instead"}
          </button>
        </p>
      </div>`;
    case "countdown":
    case "hold":
      return html`<div class="desk">
        <div class="row">
          <button type="button" class="button tall" data-main @click=${() => studio.send({ type: "back" })}>
            Not yet
          </button>
        </div>
        <p class="hint">Going back costs no take.</p>
      </div>`;
    case "recording":
    case "grace":
    case "finishing":
      return recordingDesk(scene, studio);
    default:
      return reviewDesk(scene, studio);
  }
}

function recordingDesk(scene: Scene, studio: Studio): TemplateResult {
  const { state } = studio;
  const now = performance.now();
  const left = state.phase === "recording" ? Math.ceil(remainingMs(state, now) / 1000) : 0;
  return html`<div class="desk">
    <div class="pair-of">
      <span class="remaining ${isAmber(state, now) ? "amber" : ""}" role="timer">
        ${clock(left)}<small>left of ${clock(state.limits.longest)}</small>
      </span>
      <button
        type="button"
        class="finish"
        data-main
        ?disabled=${state.phase === "finishing"}
        @click=${() => studio.send({ type: "finish" })}
      >
        Finish
      </button>
      <span class="only-wide">${safety(studio)}</span>
      <span class="remaining only-narrow"
        >${number(scene, studio)}<small>take of ${scene.answer.question.takes}</small></span
      >
    </div>
    <div class="only-narrow">${safety(studio)}</div>
  </div>`;
}

function reviewDesk(scene: Scene, studio: Studio): TemplateResult {
  const { state } = studio;
  const busy = state.phase !== "review";
  const here = [studio.take, ...studio.earlier].map((take) => take?.ticket?.take);
  const others = scene.answer.takes.filter((take) => take.state === "ready" && !here.includes(take.id));
  return html`<div class="desk">
    ${
      others.length + studio.earlier.length > 0
        ? html`<div class="row wrap others" role="group" aria-label="Your other takes">
            ${others.map((take) => another(`take ${take.number}`, busy, () => scene.choose(take)))}
            ${studio.earlier.map((take) =>
              another(take.ticket ? `take ${take.ticket.number}` : "the take before", busy, () => studio.watch(take)),
            )}
          </div>`
        : nothing
    }
    <div class="row">
      ${
        state.takesLeft > 0
          ? html`<button
              type="button"
              class="button tall"
              ?disabled=${busy}
              @click=${() => studio.send({ type: "retake" })}
            >
              ${icon("again")}<span class="only-wide">Try again, ${state.takesLeft} left</span
              ><span class="only-narrow">Again, ${state.takesLeft} left</span>
            </button>`
          : nothing
      }
      <button
        type="button"
        class="button primary tall"
        data-main
        ?disabled=${studio.safety === "gone"}
        aria-busy=${busy ? "true" : "false"}
        @click=${() => studio.send({ type: "keep" })}
      >
        ${scene.last ? "Keep and send all" : "Keep this one"}
      </button>
    </div>
    ${safety(studio)}
    ${state.takesLeft === 0 ? html`<p class="hint">That was the last take. <button type="button" class="textlink" @click=${() => scene.go("text")}>Answer in writing instead</button></p>` : nothing}
  </div>`;
}

function another(name: string, busy: boolean, watch: () => void): TemplateResult {
  return html`<button type="button" class="button quiet" ?disabled=${busy} @click=${watch}>
    ${icon("play")}Watch ${name}
  </button>`;
}

/** The line that always tells what is true. */
function safety(studio: Studio): TemplateResult {
  const state = studio.safety;
  const saved = html`<span class="yes">${icon("check")}Saved on this device</span>`;
  if (studio.uploaded >= 0) {
    const part = Math.round(studio.uploaded * 100);
    return html`<p class="safety" role="status">
      ${saved}<span
        >${icon("cloud")}Sent ${part} %<i class="bar-line" ${properties({ "--sent": `${part}%` })}></i
      ></span>
    </p>`;
  }
  switch (state) {
    case "safe":
      return html`<p class="safety" role="status"><span class="yes">${icon("safe")}${SAFETY_WORDS.safe}</span></p>`;
    case "sending":
      return html`<p class="safety" role="status">${saved}<span>${icon("cloud")}${SAFETY_WORDS.sending}</span></p>`;
    case "here":
      return html`<p class="safety" role="status"><span>${icon("cloud")}${SAFETY_WORDS.here}</span></p>`;
    case "waiting":
      return html`<p class="safety" role="status">
        ${saved}<span class="wait"
          >${icon("offline")}${studio.state.phase === "review" ? "Sent when you keep it" : SAFETY_WORDS.waiting}</span
        >
      </p>`;
    case "partly":
    case "gone":
      return html`<p class="safety" role="status"><span class="wait">${icon("alert")}${SAFETY_WORDS[state]}</span></p>`;
    default:
      return html`<p class="safety" role="status"></p>`;
  }
}
