/** The heading of a job's editor: its name and state, whether all is saved, who else edits, and the way to open it. */
import { html, nothing, type TemplateResult } from "lit";
import type { JobState, JobView, Present } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { me, path } from "../lib/me.ts";
import { presenceStack } from "../lib/presence-stack.ts";
import type { Saving } from "../lib/saving.ts";
import { removeDraft } from "./job-removal.ts";

export interface Heading {
  job: JobView;
  /** As it is written just now. */
  title: string;
  saving: Saving;
  people: readonly Present[];
  /** It is being opened or closed. */
  switching: boolean;
  setState: (wanted: JobState) => void;
  copyLink: () => void;
}

export function jobHeading({ job, title, saving, people, switching, setState, copyLink }: Heading): TemplateResult {
  const state = { open: ["good", "Open"], draft: ["", "Draft"], closed: ["warn", "Closed"] }[job.state];
  const editors = people.filter((person) => (person.state as { view?: string } | null)?.view === "edit");
  return html`<header class="head">
    <div class="row title">
      <a class="button quiet icon" href=${path(job.state === "draft" ? "jobs" : `jobs/${job.id}`)} aria-label="Back"
        >${icon("left")}</a
      >
      <h1><bdi>${title.trim() || job.title}</bdi></h1>
      <span class="badge ${state[0]}">${state[1]}</span>
      ${saved(saving)}
      <span class="grow"></span>
      ${editors.some((person) => person.id !== me.id) ? presenceStack(editors, "Editing this job now") : nothing}
      ${
        job.state === "open"
          ? html`<a class="button see" href=${job.public_url} target="_blank" rel="noopener"
                >${icon("eye")}<span>Open as candidate</span></a
              >
              <button type="button" class="button" aria-busy=${switching} @click=${() => setState("closed")}>
                ${icon("lock")}<span>Close job</span>
              </button>
              <button type="button" class="button primary" @click=${copyLink}>
                ${icon("link")}<span>Copy candidate link</span>
              </button>`
          : html`${job.state === "draft" ? removal(job) : nothing}<button
                type="button"
                class="button primary worded"
                aria-busy=${switching}
                @click=${() => setState("open")}
              >
                ${job.state === "draft" ? "Open job" : "Open again"}
              </button>`
      }
    </div>
  </header>`;
}

function removal(job: JobView) {
  return html`<button type="button" class="button quiet danger" @click=${() => removeDraft(job)}>
    ${icon("bin")}<span>Delete draft</span>
  </button>`;
}

function saved({ state }: Saving) {
  if (state.kind === "refused")
    return html`<span class="badge bad" role="status" title=${state.words}>${icon("alert")}Not saved</span>`;
  if (state.kind === "waiting")
    return html`<span class="badge warn" role="status">${icon("offline")}${state.words}</span>`;
  const words = { saved: "Saved", unsaved: "Editing", saving: "Saving" }[state.kind];
  return html`<span class="badge saved" role="status"
    >${icon(state.kind === "saved" ? "check" : "sync")}${words}</span
  >`;
}
