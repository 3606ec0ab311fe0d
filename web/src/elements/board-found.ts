/**
 * Where the words that a board is searched for stand, on the cards that are drawn: asked for once nobody types any more, so
 * that no keystroke waits for it, and instead of the line below a name, so that nothing moves when it comes.
 */
import { html, type ReactiveElement, type TemplateResult } from "lit";
import type { Card, Finds, FoundIn } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { foundIn, WHERE } from "../lib/found.ts";
import { icon } from "../lib/icons.ts";
import { api } from "../lib/me.ts";
import type { Board } from "./board-panels.ts";

const MOST = 120; // cards of one request: as many as a large screen shows
const NEAR = 12; // characters before a hit: a card is narrow
const REST_MS = 200; // after the last letter
const PATIENCE_MS = 3000;

/** There is room for a sign of where it stands; in words for who points at it, or hears it. */
const SIGNS: Readonly<Record<FoundIn, string>> = { note: "note", answer: "text", captions: "cc", file: "file" };

const looked = new Map<string, number>(); // into which cards, by their version
let words = "";
let typing = 0;
let under = false;

/** Looks into the cards that are drawn and were not looked into yet, and draws the board again: `found` is its own. */
export async function find(
  board: Board,
  found: Map<string, TemplateResult>,
  host: ReactiveElement,
  sought: string,
): Promise<void> {
  if (sought !== words) {
    words = sought;
    looked.clear(); // what stands on the cards stays until it is known anew
    clearTimeout(typing);
    typing = window.setTimeout(() => {
      typing = 0;
      host.requestUpdate();
    }, REST_MS);
  }
  if (!words) {
    found.clear();
    return host.requestUpdate();
  }
  if (typing || under) return;
  const drawn = [...host.querySelectorAll<HTMLElement>("li.person")].flatMap(
    (one) => board.card(one.dataset["card"]!) ?? [],
  );
  const cards = drawn.filter((card) => looked.get(card.id) !== card.version).slice(0, MOST);
  if (!cards.length) return;
  under = true;
  const query = new URLSearchParams([["q", words], ...cards.map((card) => ["card", card.id])]);
  try {
    const finds = await send<Finds>("GET", `${api(`jobs/${board.job().id}/finds`)}?${query}`);
    if (sought === words) take(cards, finds, found);
  } catch {
    await new Promise((rest) => setTimeout(rest, PATIENCE_MS)); // an outage: a board without it is as good as before
  }
  under = false;
  host.requestUpdate(); // which comes back here, for those that were drawn meanwhile
}

function take(cards: readonly Card[], finds: Finds, found: Map<string, TemplateResult>): void {
  for (const card of cards) {
    looked.set(card.id, card.version);
    const hit = finds.found[card.id];
    const sign = hit && html`${icon(SIGNS[hit.where])}<span class="sr">${WHERE[hit.where]}:</span>`;
    if (hit) found.set(card.id, foundIn(hit, sign, NEAR));
    else found.delete(card.id);
  }
}
