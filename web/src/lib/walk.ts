/**
 * The order in which somebody goes from one person to the next: that of the list they came from, as it was sorted and
 * narrowed. Kept for this tab; without one the order is that of the stage.
 */

import type { Card } from "../live/protocol.gen.ts";

const STORE = "greenroom.walk";

/** One person of the list, and the application that stands there. */
export interface Stop {
  application: string;
  candidate: string;
  name: string;
}

/** Goes along these cards from now on; with none, along stages. */
export function keepWalk(cards: readonly Card[]): void {
  const stops = cards.map((card): Stop => ({ application: card.id, candidate: card.candidate, name: card.name }));
  try {
    if (stops.length) sessionStorage.setItem(STORE, JSON.stringify(stops));
    else sessionStorage.removeItem(STORE);
  } catch {
    // Without a store the order is that of the stage.
  }
}

export interface Way {
  previous: Stop | null;
  next: Stop | null;
  place: number;
  places: number;
}

/** Whoever comes before and after an application in the list; null when nobody came from one that holds it. */
export function wayAt(application: string): Way | null {
  try {
    const stops = JSON.parse(sessionStorage.getItem(STORE) ?? "[]") as Stop[];
    const at = stops.findIndex((stop) => stop.application === application);
    if (at < 0) return null;
    return { previous: stops[at - 1] ?? null, next: stops[at + 1] ?? null, place: at + 1, places: stops.length };
  } catch {
    return null;
  }
}
