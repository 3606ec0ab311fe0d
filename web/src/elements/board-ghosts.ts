/**
 * Other people's drags, live: a ghost of their card with their name, where their hand is.
 *
 * Told and drawn relative to a stage and the card below, for windows differ. It goes out only while somebody else is
 * there, at most 20 times a second; it comes to nothing but pictures, which no pointer and no screen reader meets.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Card, Dragging, Present } from "../live/protocol.gen.ts";
import type { Hand } from "../live/presence.ts";
import { tellHand } from "../lib/live.ts";
import { firstName, me } from "../lib/me.ts";
import type { Hold } from "./card-drag.ts";

const PACE = 50; // milliseconds between two words about my hand
const AGAIN = 1000; // and while it rests
const FAR = 60; // columns or cards, as the server has it
const BETWEEN = 8; // pixels between cards, as in the styles
const still = matchMedia("(prefers-reduced-motion: reduce)");

interface Board extends ReactiveControllerHost, HTMLElement {
  readonly shown: ReadonlyMap<string, readonly Card[]>;
  job(): { id: string };
  card(id: string): Card | undefined;
}

interface Ghost {
  hand: Hand;
  box: HTMLElement;
  line: HTMLElement;
}

export class BoardGhosts implements ReactiveController {
  private told: { words: string; at: number } | null = null;
  private alone = true;
  private ghosts = new Map<string, Ghost>();
  private frame = 0;

  constructor(
    private board: Board,
    /** Where a card that is not drawn begins in its column, in pixels. */
    private offset: (stage: string, at: number) => number,
  ) {
    board.addController(this);
  }

  hostConnected(): void {
    this.board.addEventListener("scroll", this.moved, { capture: true, passive: true });
    window.addEventListener("resize", this.moved);
  }

  hostDisconnected(): void {
    this.board.removeEventListener("scroll", this.moved, { capture: true });
    window.removeEventListener("resize", this.moved);
    this.show([]);
  }

  hostUpdated(): void {
    this.moved();
  }

  // Mine

  present(people: readonly Present[]): void {
    this.alone = !people.some(({ id, state }) => id !== me.id && state.view !== "edit" && state.view !== "recording");
  }

  /** Called in every frame of a drag, and with null at its end. */
  held(hold: Hold | null): void {
    const topic = `job:${this.board.job().id}`;
    if (!hold?.place) {
      if (this.told) tellHand(topic, null);
      this.told = null;
      return;
    }
    const now = performance.now();
    if (this.alone || (this.told && now - this.told.at < PACE)) return;
    const gesture = this.relative(hold, hold.place);
    const words = JSON.stringify(gesture);
    if (!gesture || (words === this.told?.words && now - this.told.at < AGAIN)) return;
    this.told = { words, at: now };
    tellHand(topic, gesture);
  }

  private relative({ id, left, top, height }: Hold, { stage, before }: NonNullable<Hold["place"]>): Dragging | null {
    const column = this.column(stage)?.getBoundingClientRect();
    if (!column?.width) return null;
    const x = near((left - column.left) / column.width);
    return { card: id, stage, before, x, y: near((top - this.anchor(stage, before)) / height) };
  }

  // Theirs

  show(hands: readonly Hand[]): void {
    const now = new Set(hands.map((hand) => hand.person.id));
    for (const [id, ghost] of this.ghosts) if (!now.has(id)) this.drop(id, ghost);
    for (const hand of hands) {
      const known = this.ghosts.get(hand.person.id);
      if (known && known.hand.gesture.card !== hand.gesture.card) this.drop(hand.person.id, known);
      const ghost = this.ghosts.get(hand.person.id) ?? this.make(hand);
      ghost.hand = hand;
      this.put(ghost);
    }
  }

  private drop(id: string, { box, line }: Ghost): void {
    box.remove();
    line.remove();
    this.ghosts.delete(id);
  }

  private make(hand: Hand): Ghost {
    const { person, gesture } = hand;
    const drawn = this.board.querySelector<HTMLElement>(`[data-card="${gesture.card}"]`);
    const card = drawn ? (drawn.cloneNode(true) as HTMLElement) : plainCard(this.board.card(gesture.card));
    card.removeAttribute("data-card");
    card.classList.remove("selected", "lifted", "pending");
    const name = document.createElement("b");
    name.textContent = firstName(person.name);
    const box = layer(`hand c${person.colour}`);
    box.append(card, name);
    const line = layer(`hand-line c${person.colour}`);
    document.body.append(line, box);
    const ghost = { hand, box, line };
    this.ghosts.set(person.id, ghost);
    return ghost;
  }

  private moved = (): void => {
    if (!this.ghosts.size) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      for (const ghost of this.ghosts.values()) this.put(ghost);
    });
  };

  /** Draws a ghost where the hand is; over a stage that is not in sight it is not drawn. */
  private put({ hand, box, line }: Ghost): void {
    const { stage, before, x, y } = hand.gesture;
    const list = this.column(stage);
    const column = (list?.childElementCount ? list : list?.parentElement)?.getBoundingClientRect();
    const view = this.board.querySelector(".board")?.getBoundingClientRect();
    const left = column ? column.left + (still.matches ? 0 : x * column.width) : 0;
    const seen = column && view && column.width > 0 && left < view.right && left + column.width > view.left;
    box.hidden = line.hidden = !seen;
    if (!seen) return;
    box.style.setProperty("width", `${column.width}px`);
    const anchor = this.anchor(stage, before);
    const tall = box.offsetHeight;
    const top = Math.min(Math.max(anchor + (still.matches ? 0 : y * tall), view.top - tall / 2), view.bottom - 24);
    const place = `${Math.round(left)}px ${Math.round(top)}px`;
    const fresh = !box.style.translate;
    if (fresh) box.style.setProperty("transition", "none"); // it appears where it is, and flies from there
    box.style.setProperty("translate", place);
    if (fresh) box.getBoundingClientRect();
    if (fresh) box.style.removeProperty("transition");
    line.hidden = anchor < column.top || anchor > column.bottom + BETWEEN;
    line.style.setProperty("width", `${column.width}px`);
    line.style.setProperty("translate", `${Math.round(column.left)}px ${Math.round(anchor - BETWEEN / 2)}px`);
  }

  // Where things are

  private column(stage: string): HTMLElement | null {
    return this.board.querySelector<HTMLElement>(`[data-column="${stage}"]`);
  }

  /** The upper edge of a card, drawn or not; without one, the end of the column. */
  private anchor(stage: string, before: string | null): number {
    const list = this.column(stage);
    const drawn = before && list?.querySelector(`[data-card="${before}"]`);
    if (drawn) return drawn.getBoundingClientRect().top;
    const at = before ? (this.board.shown.get(stage) ?? []).findIndex((card) => card.id === before) : -1;
    const top = list ? list.getBoundingClientRect().top - list.scrollTop : 0;
    if (at >= 0) return top + this.offset(stage, at);
    const last = [...(list?.children ?? [])].findLast((one) => !one.matches(".slot, .lifted, .empty"));
    return last ? last.getBoundingClientRect().bottom + BETWEEN : top;
  }
}

function near(distance: number): number {
  return Math.min(FAR, Math.max(-FAR, Math.round(distance * 1000) / 1000));
}

function layer(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = name;
  element.inert = true;
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** A card of which this page knows the name alone, or not even that. */
function plainCard(card: Card | undefined): HTMLElement {
  const element = document.createElement("div");
  element.className = "card person";
  const name = document.createElement("bdi");
  name.textContent = card?.name ?? "A candidate";
  element.append(name);
  return element;
}
