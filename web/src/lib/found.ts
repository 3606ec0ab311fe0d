/** Where the words that were looked for stand, in a line. Pure. */
import { html, type TemplateResult } from "lit";
import type { Found, FoundIn } from "../live/protocol.gen.ts";

export const WHERE: Readonly<Record<FoundIn, string>> = {
  note: "In a note",
  answer: "In an answer",
  captions: "Said in a video",
  file: "In a file",
};

/** `near`: characters before a hit; more would push it out of sight. */
export function foundIn(found: Found, where = html`<b>${WHERE[found.where]}</b>`, near = 24): TemplateResult {
  const before = found.before.length > near ? `…${found.before.slice(-near)}` : found.before;
  return html`<span class="muted cut foundin" title="${WHERE[found.where]}: ${found.before}${found.hit}${found.after}"
    >${where} <bdi>${before}<mark>${found.hit}</mark>${found.after}</bdi></span
  >`;
}
