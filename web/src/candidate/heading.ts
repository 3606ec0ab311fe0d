/** The words above the picture: which question, what is asked, and what the person must know just now. Pure templates. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { properties } from "../lib/style.ts";
import { many } from "../lib/time.ts";
import { isLive, type State } from "../recording/machine.ts";
import { WARNED } from "../recording/senses.ts";
import type { Studio } from "../recording/studio.ts";
import {
  NOTHING_KEPT,
  RECORDERS_BUSY,
  RECORDER_AWAY,
  RECORDER_GONE,
  REFUSED,
  VOICE_ONLY,
  spoken,
} from "../recording/words.ts";
import { deciding, number, thinks, type Scene } from "./scene.ts";

/** Where it is recorded when no recorder is in reach. */
const DEVICE = matchMedia("(pointer: coarse)").matches ? "phone" : "laptop";

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
        asked && studio
          ? html`${verdict(scene, studio)}
              <p class="sr">The question was: ${answer.question.text}</p>`
          : html`<h1>${answer.question.text}</h1>
              <p>${studio ? subtitle(scene, studio) : "Take the time you need."}</p>`
      }
    </div>
    ${studio ? notices(scene, studio) : nothing}`;
}

/** A take to decide on; what is said of its safety is what is known. */
function verdict(scene: Scene, studio: Studio): TemplateResult {
  if (studio.safety === "gone")
    return html`<h1>This take did not arrive</h1>
      <p>${REFUSED["gone"]}</p>`;
  const again = scene.answer.takes.length > 1 || studio.state.takesLeft > 0;
  const safe = studio.safety === "safe" || studio.copied === "device";
  return html`<h1>Happy with this one?</h1>
    <p>Nobody has seen it yet. ${again && safe ? "It stays safe, even while you try again." : ""}</p>`;
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
  if (isLive(state) && state.link === "lost" && studio.uncopied) {
    return html`<div class="notice warn" role="alert">
      ${icon("alert")}<b>${NOTHING_KEPT.title}</b>
      <p>What you said until now is with us. Press Finish, and record the answer again when the connection is back.</p>
    </div>`;
  }
  if (isLive(state) && state.link === "lost") {
    return html`<div class="notice info" role="status">
      ${icon(scene.networked ? DEVICE : "offline")}<b>${alone(scene, studio)}</b>
      <p>
        Your answer ${studio.reached ? "goes on being" : "is"} recorded on this device. We send it
        ${scene.networked ? "when you keep it" : "when the network is back"}.
      </p>
    </div>`;
  }
  if (studio.voiceOnly) return voiceOnly(studio, studio.voiceOnly);
  if (state.phase === "review" && studio.safety === "partly" && scene.sending?.question === scene.answer.question.id) {
    return html`<div class="notice info" role="status">
      ${icon("cloud")}<b>The rest of it is on its way</b>
      <p>This recording broke off, and this device has all of it. It is sent now, and is then what you see here.</p>
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
  if (state.phase === "review" && studio.warnings.length > 0) {
    const [first, ...others] = studio.warnings.map((one) => WARNED[one]);
    return html`<div class="notice warn" role="alert">
      ${icon("alert")}<b>${[first!.title, ...others.map((one) => one.title.toLowerCase())].join(", and ")}</b>
      ${[first!, ...others].map((one) => html`<p>${one.what}</p>`)}
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
  if (!state.trouble) return scene.narrow && scene.way === "video" && thinks(state) ? slowly(scene) : nothing;
  return html`<div class="notice warn" role="alert">
    ${icon("alert")}<b>${notWell(state)}</b>
    <p>${studio.refusal || REFUSED[state.trouble] || REFUSED["unavailable"]}</p>
    <p>
      <button type="button" class="textlink" @click=${() => scene.go("text")}>Answer in writing</button> or
      <button type="button" class="textlink" @click=${scene.more}>see other ways</button>
    </p>
  </div>`;
}

function notWell({ phase, trouble }: State): string {
  if (phase !== "review") return "We could not start";
  return trouble?.endsWith("_gone") ? "The recording ended early" : "That did not work yet";
}

/** Why only this device records. */
function alone(scene: Scene, studio: Studio): string {
  if (!scene.networked) return "Network lost. Keep talking.";
  if (studio.reached) return RECORDER_GONE.title;
  return studio.busy ? RECORDERS_BUSY.title : RECORDER_AWAY.title;
}

/** The picture does not fit the link for now: it comes later, or the voice is enough. */
function voiceOnly(studio: Studio, how: "narrow" | "offered"): TemplateResult {
  return html`<div class="notice info" role="status">
    ${icon("wave")}<b>${VOICE_ONLY[how].title}</b>
    <p>
      ${studio.copied ? "The picture is recorded on this device, and sent afterwards." : "Your voice is enough for an answer."}
      <button type="button" class="textlink" @click=${() => studio.picture()}>Send the picture again</button>
    </p>
  </div>`;
}

/** Before the red dot, where the way up is known to be slow. */
function slowly(scene: Scene): TemplateResult {
  return html`<div class="notice info" role="status">
    ${icon("alert")}<b>Your network is very slow</b>
    <p>
      Recording works all the same, and what stutters on the way is sent again afterwards.
      <button type="button" class="textlink" @click=${() => scene.go("audio")}>Sound only</button> is quicker.
    </p>
  </div>`;
}
