/** Who looks after a candidate: the faces on a card, and the way to the panel in which owner and reviewers are chosen. */
import { html, nothing, type TemplateResult } from "lit";
import type { Card, MemberRow, Person } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { avatar } from "../lib/faces.ts";
import { api } from "../lib/me.ts";
import { alarm } from "../lib/toast.ts";

/** Whether I follow, where that is known; `heard` is told what is so now. */
export interface Following {
  on: boolean;
  heard: (on: boolean) => void;
}

const SHOWN = 3; // faces on a card

/** The team of a card in words, the owner first; `nothing` when nobody looks after it. */
export function teamWords(card: Card, people: readonly Person[]): string {
  const name = (id: string) => people.find((person) => person.id === id)?.name ?? "a colleague";
  const reviewers = card.reviewers.map(name);
  return [card.owner ? `Owner: ${name(card.owner)}` : "", reviewers.length ? `Reviewers: ${reviewers.join(", ")}` : ""]
    .filter(Boolean)
    .join(". ");
}

/** Small faces, the owner ringed. */
export function teamStack(card: Card, people: readonly Person[]): TemplateResult | typeof nothing {
  const ids = [...(card.owner ? [card.owner] : []), ...card.reviewers];
  if (!ids.length) return nothing;
  const words = teamWords(card, people);
  return html`<span class="stack team" role="img" aria-label=${words} title=${words}>
    ${ids.slice(0, SHOWN).map((id) => {
      const colour = people.find((person) => person.id === id)?.colour ?? 0;
      return html`<span class="${id === card.owner ? `owns c${colour || 7}` : ""}"
        >${avatar(id, colour, "small")}</span
      >`;
    })}
    ${ids.length > SHOWN ? html`<span class="num muted">+${ids.length - SHOWN}</span>` : nothing}
  </span>`;
}

/** Opens the panel under a button; `changed` gets the card after every choice. */
export async function openTeam(
  anchor: HTMLElement,
  card: Card,
  changed: (card: Card) => void,
  following: Following | null = null,
): Promise<void> {
  try {
    const people = send<{ members: MemberRow[] }>("GET", api("people"));
    const [{ TeamPanel }, { members }] = await Promise.all([import("./team-panel.ts"), people]);
    if (anchor.isConnected) new TeamPanel(anchor, card, members, changed, following).open();
  } catch (error) {
    alarm(sentence(error));
  }
}
