/**
 * The scores of the cards that are drawn. They do not travel with the cards, since not everybody may see all of them yet:
 * whoever looks asks for those of theirs, for all cards at once that have changed.
 */
import type { ReactiveElement } from "lit";
import type { Scores } from "../live/protocol.gen.ts";
import { send } from "../lib/api.ts";
import { api } from "../lib/me.ts";
import type { Board } from "./board-panels.ts";

const MOST = 120; // cards of one request: as many as a large screen shows
const PATIENCE_MS = 3000;

const looked = new Map<string, number>(); // at which cards, by their version
let under = false;

/** Brings `scores` up to date for what is drawn, and draws the board again if that made a difference. */
export async function score(board: Board, scores: Map<string, number>, host: ReactiveElement): Promise<void> {
  if (under) return;
  const drawn = [...host.querySelectorAll<HTMLElement>("li.person")].flatMap(
    (one) => board.card(one.dataset["card"]!) ?? [],
  );
  const cards = drawn
    .filter(({ id, version, scored }) => (scored || scores.has(id)) && looked.get(id) !== version)
    .slice(0, MOST);
  if (!cards.length) return;
  under = true;
  const query = new URLSearchParams(cards.map(({ id }) => ["cards", id]));
  try {
    const found = (await send<Scores>("GET", `${api(`jobs/${board.job().id}/scores`)}?${query}`)).scores;
    for (const { id, version } of cards) {
      looked.set(id, version);
      if (found[id]) scores.set(id, found[id]);
      else scores.delete(id);
    }
  } catch {
    await new Promise((rest) => setTimeout(rest, PATIENCE_MS)); // an outage: a board without them is as good as before
  }
  under = false;
  host.requestUpdate(); // which comes back here, for those that were drawn meanwhile
}
