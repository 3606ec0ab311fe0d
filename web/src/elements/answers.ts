/** The answers of an application as a strip of cards, and what can be said of each. Pure templates. */
import { html, nothing, type TemplateResult } from "lit";
import type { AnswerView, Card } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { path } from "../lib/me.ts";
import { candidateFace, latePicture } from "../lib/picture.ts";
import { clock } from "../lib/time.ts";
import "./captions.ts";

export interface Status {
  tone: "ready" | "busy" | "bad" | "none";
  words: string;
  more: string;
}

/** Whether an answer can be watched or read, and else why not. */
export function statusOf(answer: AnswerView): Status {
  if (answer.kind === "text" && answer.text) return { tone: "ready", words: "Written answer", more: "" };
  const { take } = answer;
  if (!take)
    return { tone: "none", words: "Not answered yet", more: "The answer appears here as soon as it is saved." };
  if (take.url && take.state !== "failed") return { tone: "ready", words: "", more: "" };
  if (take.state === "failed") {
    return { tone: "bad", words: "This recording failed", more: "The candidate was asked to answer again." };
  }
  if (take.state === "interrupted") {
    return { tone: "busy", words: "The recording was cut off", more: "What arrived until then is being prepared." };
  }
  return { tone: "busy", words: "Almost there", more: "The recording is being prepared; it plays in a moment." };
}

/** An answer in words, in the place of the player. */
export function writtenAnswer(answer: AnswerView): TemplateResult {
  return html`<blockquote class="card written" dir="auto" tabindex="0" aria-label="Written answer">
    <span class="badge">${icon("text")}Written answer</span>
    <p .textContent=${answer.text}></p>
  </blockquote>`;
}

/** Why there is nothing to play. */
export function blankAnswer(card: Card, status: Status): TemplateResult {
  return html`<div class="player blank">
    ${candidateFace(card.candidate, card.name, card.poster, "large")}<strong>${status.words}</strong
    ><span>${status.more}</span>
  </div>`;
}

const HINTS = {
  silent: "Nobody is heard in this recording.",
  black: "Nothing is seen in this recording.",
};

/** What is worth knowing of a recording before it is watched; quiet, for it decides nothing. */
export function hints(answer: AnswerView): TemplateResult | typeof nothing {
  const { take } = answer;
  if (!take?.url) return nothing;
  const words = take.warnings.map((one) => HINTS[one]);
  if (take.movie === "failed") words.push("There is no copy of it for browsers that play MP4 only.");
  return words.length ? html`<p class="muted small-note hint-line">${icon("alert")}${words.join(" ")}</p>` : nothing;
}

/** What is said in it, below the player. */
export function captionsOf({ take }: AnswerView): TemplateResult | typeof nothing {
  if (!take?.url) return nothing;
  return html`<gr-captions .recording=${take.recording} .file=${take.captions}></gr-captions>`;
}

export function answerStrip(
  answers: readonly AnswerView[],
  current: number,
  card: Card,
  choose: (index: number) => void,
): TemplateResult {
  return html`<ol class="answers" aria-label="Questions">
    ${answers.map((answer, index) => {
      const recording = card.progress === "recording" && card.answering === answer.question.position;
      return html`<li>
        <button
          type="button"
          class="card answer"
          aria-current=${index === current ? "true" : nothing}
          @click=${() => choose(index)}
        >
          ${thumb(answer)}
          <span class="grow">
            <small class="row muted"><span>Question ${answer.question.position}</span>${note(answer, recording)}</small>
            <b dir="auto">${answer.question.text}</b>
          </span>
        </button>
      </li>`;
    })}
  </ol>`;
}

function note(answer: AnswerView, recording: boolean) {
  if (recording) return html`<span class="badge bad pulsing">Recording</span>`;
  const status = statusOf(answer);
  if (status.tone === "busy") return html`<span class="badge info">Preparing</span>`;
  if (status.tone === "bad") return html`<span class="badge bad">Failed</span>`;
  if (answer.take?.movie === "waiting")
    return html`<span class="num">Preparing video ${answer.take.movie_percent} %</span>`;
  return nothing;
}

function thumb(answer: AnswerView) {
  const status = statusOf(answer);
  const { take } = answer;
  if (answer.kind === "text") return html`<span class="thumb blank">${icon("text")}</span>`;
  if (!take || status.tone !== "ready") return html`<span class="thumb blank">${icon("video")}</span>`;
  const picture = answer.kind === "audio" ? icon("wave") : latePicture(path(`recordings/${take.recording}/poster`));
  return html`<span class="thumb ${answer.kind === "audio" ? "blank" : ""}">
    ${picture}<span class="glass num">${clock(take.duration_ms / 1000)}</span>
  </span>`;
}
