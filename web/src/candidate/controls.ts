/** The buttons below the picture in each phase, and the line that says how safe the take is. Pure templates. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { clock } from "../lib/time.ts";
import { isAmber, isLive, remainingMs, type State } from "../recording/machine.ts";
import type { Studio } from "../recording/studio.ts";
import { SAFETY_WORDS } from "../recording/words.ts";
import { arrived, onItsWay, sent, where } from "./safety.ts";
import { number, type Scene } from "./scene.ts";

/** How long a wait may be without a word. */
const LATE_MS = 4000;

export function controls(scene: Scene, studio: Studio): TemplateResult {
  switch (studio.state.phase) {
    case "think":
    case "ready":
      return whileThinking(scene, studio);
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
      return whileRecording(scene, studio);
    default:
      return whileDeciding(scene, studio);
  }
}

function whileThinking(scene: Scene, studio: Studio): TemplateResult {
  const { state, take } = studio;
  if (scene.saving) {
    return html`<div class="desk">
      ${scene.saving === "sending" && scene.sending ? onItsWay(scene.sending) : nothing}
      <p class="hint">
        ${scene.saving === "saving" ? "A few seconds, then you can watch it, keep it or try again. " : ""}
        ${scene.saving === "sending" ? "Then you can watch it, keep it or try again. " : ""}
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
    ${scene.sending ? onItsWay(scene.sending, `Question ${scene.place.index(scene.sending.question) + 1}`) : nothing}
  </div>`;
}

function whileRecording(scene: Scene, studio: Studio): TemplateResult {
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
      <span class="only-wide">${safety(scene, studio)}</span>
      <span class="remaining only-narrow"
        >${number(scene, studio)}<small>take of ${scene.answer.question.takes}</small></span
      >
    </div>
    <div class="only-narrow">${safety(scene, studio)}</div>
  </div>`;
}

function whileDeciding(scene: Scene, studio: Studio): TemplateResult {
  const { state } = studio;
  const busy = state.phase !== "review";
  const ours = scene.sending?.question === scene.answer.question.id ? scene.sending : null;
  const here = [studio.take, ...studio.earlier].map((take) => take?.ticket?.take);
  const others = scene.answer.takes.filter((take) => take.state === "ready" && take.url && !here.includes(take.id));
  return html`<div class="desk">
    ${
      others.length + studio.earlier.length > 0
        ? html`<div class="row wrap others" role="group" aria-label="Your other takes">
            ${others.map((take) => another(`take ${take.number}`, busy, () => scene.choose(take)))}
            ${studio.earlier.map((take) =>
              another(earlierName(take.ticket?.number, number(scene, studio)), busy, () => studio.watch(take)),
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
    ${ours && !studio.take?.copy ? onItsWay(ours) : safety(scene, studio)}
    ${
      state.phase === "keeping" &&
      studio.safety === "waiting" &&
      studio.copied === "device" &&
      (studio.uploaded < 0 || late(state))
        ? html`<p class="hint">You may close this page. Open your personal link again later: it is sent by itself.</p>`
        : nothing
    }
    ${keptLate(studio) ? html`<p class="hint" role="status">This takes longer than usual. Leave this page open: it goes on by itself.</p>` : nothing}
    ${state.takesLeft === 0 ? html`<p class="hint">That was the last take. <button type="button" class="textlink" @click=${() => scene.go("text")}>Answer in writing instead</button></p>` : nothing}
  </div>`;
}

const late = (state: State): boolean => performance.now() - state.since > LATE_MS;

/** The server has been asked to keep it, and has not said anything for a while. */
function keptLate({ state, uploaded, safety }: Studio): boolean {
  const asked = state.phase === "keeping" && uploaded < 0 && safety !== "waiting";
  return asked && late(state);
}

/** What never arrived did not count, so that two takes can have the same number. */
function earlierName(number: number | undefined, shown: number): string {
  return number && number !== shown ? `take ${number}` : "the take before";
}

function another(name: string, busy: boolean, watch: () => void): TemplateResult {
  return html`<button type="button" class="button quiet" ?disabled=${busy} @click=${watch}>
    ${icon("play")}Watch ${name}
  </button>`;
}

/** The line that always tells what is true. */
function safety(scene: Scene, studio: Studio): TemplateResult {
  const state = studio.safety;
  const saved = where(studio.copied);
  if (studio.uploaded >= 0) return html`<p class="safety" role="status">${saved}${sent(studio.uploaded)}</p>`;
  if (studio.uncopied) {
    return html`<p class="safety" role="status">
      <span class="wait"
        >${icon("alert")}${studio.uncopied === "busy" ? "This device is too busy to keep a copy as well" : "This device keeps no copy"}</span
      >
      ${state === "here" ? html`<span>${icon("cloud")}${SAFETY_WORDS.here}</span>` : nothing}
    </p>`;
  }
  switch (state) {
    case "safe":
      if (studio.state.phase !== "keeping") return arrived();
      return html`<p class="safety" role="status">
        <span class="yes">${icon("safe")}${SAFETY_WORDS.safe}</span>
      </p>`; // the take is; that it was chosen is still to be told
    case "sending":
      return html`<p class="safety" role="status">${saved}<span>${icon("cloud")}${SAFETY_WORDS.sending}</span></p>`;
    case "here":
      return html`<p class="safety" role="status"><span>${icon("cloud")}${SAFETY_WORDS.here}</span></p>`;
    case "waiting":
      return html`<p class="safety" role="status">
        ${saved}${
          studio.state.phase === "review" || (isLive(studio.state) && scene.networked)
            ? html`<span>${icon("cloud")}Sent when you keep it</span>`
            : html`<span class="wait">${icon("offline")}${SAFETY_WORDS.waiting}</span>`
        }
      </p>`;
    case "partly":
    case "gone":
      return html`<p class="safety" role="status"><span class="wait">${icon("alert")}${SAFETY_WORDS[state]}</span></p>`;
    default:
      return html`<p class="safety" role="status"></p>`;
  }
}
