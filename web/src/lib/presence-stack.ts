/** Who is here, as overlapping ringed faces. */
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Present } from "../live/protocol.gen.ts";
import { described } from "./doing.ts";
import { avatar } from "./faces.ts";
import { me } from "./me.ts";

const MOST = 4;

/** Faces of `people` (others first, then oneself); nothing when nobody is here. */
export function presenceStack(people: readonly Present[], label: string): TemplateResult | typeof nothing {
  const seen = new Map(people.map((person) => [person.id, person]));
  const all = [...seen.values()].sort((one, other) => Number(one.id === me.id) - Number(other.id === me.id));
  if (!all.length) return nothing;
  const rest = all.length - MOST;
  return html`<ul class="stack here" aria-label=${label}>
    ${repeat(
      all.slice(0, MOST),
      (person) => person.id,
      (person) =>
        html`<li class="presence c${person.colour} ${person.idle ? "idle" : ""}" title=${described(person)}>
          ${avatar(person.id, person.colour)}<span class="sr">${described(person)}</span>
        </li>`,
    )}
    ${rest > 0 ? html`<li class="more">+${rest}</li>` : nothing}
  </ul>`;
}
