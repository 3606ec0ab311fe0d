/** The way from one profile to the next. */
import { html, nothing, type TemplateResult } from "lit";
import type { Around, Neighbour } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { path, shortName } from "../lib/me.ts";
import type { Way } from "../lib/walk.ts";

/** On to the next of the list, or of the stage, from which somebody came here. */
export function walk(around: Around | null, way: Way | null): TemplateResult | typeof nothing {
  if (!around) return nothing;
  const { previous, next, place, places } = way ?? around;
  const step = (to: Neighbour | null, label: string, name: string) =>
    to
      ? html`<a
          class="button icon"
          href=${path(`candidates/${to.candidate}?application=${to.application}`)}
          aria-label="${label}: ${to.name}"
          title="${label}: ${shortName(to.name)}"
          >${icon(name)}</a
        >`
      : html`<a class="button icon" role="link" aria-disabled="true" aria-label="No ${label.toLowerCase()}"
          >${icon(name)}</a
        >`;
  return html`<nav class="row pair" aria-label=${way ? "Candidates of the list" : "Candidates of this stage"}>
    <span class="muted num nowrap">${place} of ${places}</span>
    ${step(previous, "Previous person", "left")}${step(next, "Next person", "right")}
  </nav>`;
}
