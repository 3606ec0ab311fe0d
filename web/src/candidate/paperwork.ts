/** A question that is answered in writing or with a file, and the ways back to camera and microphone. */

import { html, type TemplateResult } from "lit";
import { icon } from "../lib/icons.ts";
import "./filing.ts";
import { heading } from "./heading.ts";
import type { Way } from "./place.ts";
import type { Scene } from "./scene.ts";
import "./writing.ts";

export function paperwork(scene: Scene, answered: () => void): TemplateResult {
  const { place, last } = scene;
  const question = scene.answer.question.id;
  const written = scene.way === "text";
  return html`<div class="session">
    ${heading(scene, null)}
    <div class="paperwork" @gr-answered=${answered}>
      ${
        written
          ? html`<gr-writing
              .place=${place}
              .question=${question}
              .label=${last ? "Save and send all answers" : "Save and go on"}
            ></gr-writing>`
          : html`<gr-filing
              .place=${place}
              .question=${question}
              .label=${last ? "Send this file and all answers" : "Send this file and go on"}
            ></gr-filing>`
      }
      <div class="row wrap center-row">
        ${other(scene, "video", "video", "On camera")} ${other(scene, "audio", "wave", "Sound only")}
        ${written ? other(scene, "file", "clip", "Upload a file") : other(scene, "text", "write", "In writing")}
      </div>
    </div>
  </div>`;
}

function other(scene: Scene, way: Way, glyph: string, label: string): TemplateResult {
  return html`<button type="button" class="button quiet" @click=${() => scene.go(way)}>${icon(glyph)}${label}</button>`;
}
