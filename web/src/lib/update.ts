/** What the conversation tells of by itself: the first line says what, the others the rest. */
import { html, nothing, type TemplateResult } from "lit";
import { icon } from "./icons.ts";

/** `below`: who says so, and when. */
export function update(body: string, below: unknown): TemplateResult {
  const [head, ...rest] = body.split("\n");
  return html`${icon("cal")}<b>${head}</b>
    ${rest.length ? html`<span class="said">${rest.join("\n")}</span>` : nothing}
    <small>${below}</small>`;
}
