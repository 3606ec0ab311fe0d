/** What the candidate sees of a job, drawn in a phone beside its editor. */
import { html, nothing, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import type { JobView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { path } from "../lib/me.ts";
import { latePicture } from "../lib/picture.ts";
import { clock, many } from "../lib/time.ts";

/** What comes next for somebody who applies. */
function road(questions: number, minutes: number, days: number): TemplateResult {
  return html`<ol class="expect">
      <li><b>Apply</b><span>1 minute, no account</span></li>
      ${
        questions
          ? html`<li>
              <b>Answer ${many(questions, "question")}</b
              ><span>about ${many(minutes, "minute")}, when it suits you</span>
            </li>`
          : html`<li><b>Answer your questions</b><span>none are written yet</span></li>`
      }
      <li>
        <b>We watch and reply</b><span>${days ? `within ${many(days, "working day")}` : "in one conversation"}</span>
      </li>
    </ol>
    <span class="button primary fill">Apply and answer</span>`;
}

export type Details = Pick<JobView, "title" | "location" | "remote" | "description" | "promise_days">;

/** The public page in a phone, as saved. Its description is HTML that the server has sanitised. */
export function jobPreview(job: JobView, details: Details, questions: number, minutes: number): TemplateResult {
  const place = [details.remote ? "Remote" : "", details.location].filter(Boolean).join(", ");
  const workspace = document.body.dataset["workspaceName"] ?? "";
  return html`<aside class="preview" aria-label="What the candidate sees">
    <h2>What the candidate sees</h2>
    <div class="device" aria-hidden="true" inert>
      <div class="screen">
        <p class="org"><span class="logo">${[...workspace][0]}</span><span class="cut">${workspace}</span></p>
        <h3>${details.title}</h3>
        ${place ? html`<p class="muted">${place}</p>` : nothing}
        ${
          job.video
            ? html`<div class="strip">
                ${latePicture(path(`recordings/${job.video}/poster`))}<span class="glass"
                  >${icon("play")}${clock(job.video_ms / 1000)}</span
                >
              </div>`
            : nothing
        }
        <div class="prose about">${unsafeHTML(job.description_html)}</div>
        ${
          job.state === "closed"
            ? html`<p class="notice">
                ${icon("lock")}<span>Nobody new can apply. Those who started can finish.</span>
              </p>`
            : road(questions, minutes, details.promise_days)
        }
      </div>
    </div>
  </aside>`;
}
