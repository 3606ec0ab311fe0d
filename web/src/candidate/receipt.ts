/** The end: handing in, what arrived, and what happens next. */

import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import { clock, many } from "../lib/time.ts";
import { WARNED } from "../recording/senses.ts";
import type { OwnAnswer } from "../live/protocol.gen.ts";
import type { Place } from "./place.ts";
import { onItsWay } from "./safety.ts";
import type { Sending } from "./unsent.ts";

/** Everything is answered, and nothing has been handed in. */
export function beforeHandingIn(place: Place, sending: Sending | null, send: () => void): TemplateResult {
  return html`<div class="receipt">
    <header>
      <span class="seal">${icon("flag")}</span>
      <h1>Everything is answered</h1>
      <p class="lead">You have not handed them in yet. You can still watch your answers, and give them again.</p>
    </header>
    ${sending ? onItsWay(sending) : nothing}
    <ul class="card got" aria-label="Your answers">
      ${place.view.answers.map((answer) => line(answer))}
    </ul>
    <button type="button" class="button primary tall block" data-main @click=${send}>Send all answers</button>
    <a class="button tall block" href="${place.base}#answers">Go to my page</a>
  </div>`;
}

/** While the answers are handed in, what is still on its way before that, and what went wrong with it. */
export function handingIn(
  place: Place,
  fault: string,
  { sending, late }: { sending: Sending | null; late: boolean },
  acts: { again: () => void; now: () => void },
): TemplateResult {
  const rest = fault ? null : sending;
  return html`<div class="receipt" role="status">
    <header>
      <span class="seal">${icon("cloud")}</span>
      <h1>${fault ? "Not quite there yet" : rest ? "Sending the best picture" : "One moment"}</h1>
      <p class="lead">
        ${
          fault ||
          (rest
            ? "On the way some of your answer was lost. This device has all of it and sends it now."
            : "All your answers are here. We tell the team.")
        }
      </p>
    </header>
    ${
      rest || (late && !fault)
        ? html`${rest ? onItsWay(rest) : nothing}
            <button type="button" class="button tall block" @click=${acts.now}>Hand in without waiting</button>
            <p class="hint center">The team then may see a picture that stutters.</p>`
        : nothing
    }
    ${
      fault
        ? html`<button type="button" class="button primary tall block" data-main @click=${acts.again}>Try again</button>
            <a class="button tall block" href=${place.base}>Go to my page</a>`
        : nothing
    }
  </div>`;
}

export function receipt(place: Place, sending: Sending | null): TemplateResult {
  const { view } = place;
  const first = view.name.trim().split(/\s+/)[0] ?? "";
  const count = view.answers.length;
  return html`<div class="receipt">
    <header>
      <span class="seal">${icon("check")}</span>
      <h1 id="done-title" tabindex="-1">Thank you${first ? `, ${first}` : ""}. That’s all.</h1>
      <p class="lead">
        ${count === 1 ? "Your answer" : count === 2 ? "Both answers" : `All ${count} answers`}
        ${sending ? "arrived. A better picture is on its way: leave this page open." : `arrived${view.answers.some(broken) ? "" : " whole"}. You may close this page.`}
      </p>
    </header>
    ${sending ? onItsWay(sending) : nothing}
    <div class="promise">
      ${icon("chat")}
      <div>
        <b>A person at ${view.job.workspace_name} watches every answer</b>
        <p>You hear from them on your own page and by e-mail to ${view.email}, whatever the answer is.</p>
      </div>
    </div>
    <ul class="card got" aria-label="Your receipt">
      ${view.answers.map((answer) => line(answer))}
    </ul>
    <a class="button primary tall block" data-main href=${place.base}>Go to my page</a>
    <p class="hint center">Your personal link, also in your e-mail, brings you back to your page at any time.</p>
  </div>`;
}

/** The recording that was chosen lacks something, and nothing of it is on its way any more. */
function broken(answer: OwnAnswer): boolean {
  const take = answer.takes.find((own) => own.id === answer.accepted);
  return take !== undefined && (take.state === "interrupted" || take.damaged);
}

function line(answer: OwnAnswer): TemplateResult {
  return html`<li>
    ${thumbnail(answer)}
    <span class="grow">${answer.question.text}<small>${summary(answer)}</small>${warned(answer)}</span>
    ${answer.kind ? html`<span class="row">${icon("check")}<span class="word">Safe</span></span>` : nothing}
  </li>`;
}

/** A file has a picture or only sound, like a recording. */
function isSound(answer: OwnAnswer): boolean {
  const take = answer.takes.find((own) => own.id === answer.accepted);
  return answer.kind === "audio" || (answer.kind === "file" && take !== undefined && !take.width);
}

export function thumbnail(answer: OwnAnswer): TemplateResult {
  const name = answer.kind === "text" ? "write" : isSound(answer) ? "wave" : answer.kind ? "video" : "clock";
  return html`<span class="thumbnail pen">${icon(name)}</span>`;
}

/** What nobody would hear or see of an answer; it may still be answered again. */
export function warned(answer: OwnAnswer): TemplateResult | typeof nothing {
  const take = answer.takes.find((own) => own.id === answer.accepted);
  const found = take?.warnings ?? [];
  return found.length
    ? html`<small class="warned">${icon("alert")}${found.map((one) => WARNED[one].title).join(". ")}</small>`
    : nothing;
}

/** "1:37", "In writing, 212 words", "Not answered yet". */
export function summary(answer: OwnAnswer): string {
  if (answer.kind === null) return "Not answered yet";
  if (answer.kind === "text") return `In writing, ${many(answer.text.trim().split(/\s+/).length, "word")}`;
  const take = answer.takes.find((own) => own.id === answer.accepted);
  const length = take && take.duration_ms > 0 ? clock(take.duration_ms / 1000) : "";
  const how = answer.kind === "audio" ? "Sound only" : answer.kind === "file" ? "Your file" : "";
  return [how, length].filter(Boolean).join(", ") || "Recorded";
}
