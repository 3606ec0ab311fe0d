/** Some of somebody's tags, and how many more there are; their names are in the title. */
import { html, nothing, type TemplateResult } from "lit";
import type { CardTag } from "../live/protocol.gen.ts";

export function tagRow(tags: readonly CardTag[], most: number): TemplateResult {
  const rest = tags.slice(most).map((tag) => tag.name);
  return html`${tags
    .slice(0, most)
    .map((tag) => html`<span class="tag c${tag.colour}" title=${tag.name}><bdi>${tag.name}</bdi></span>`)}
  ${
    rest.length
      ? html`<span class="muted num" title=${rest.join(", ")}
          ><span aria-hidden="true">+${rest.length}</span><span class="sr">and ${rest.join(", ")}</span></span
        >`
      : nothing
  }`;
}
