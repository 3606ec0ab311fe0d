/**
 * Lets a board's `[data-card]` elements be dragged between its `[data-column]` lists by mouse, pen or held finger.
 *
 * It moves nothing itself: the board draws the gap at `place` and gets told where the card was dropped. Near the edges
 * the list and the board scroll by themselves. Escape, a lost pointer, a removed card or other stages than those that the
 * drag began among end it without a drop. A second finger means that somebody zooms, and is no part of a drag.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { toast } from "../lib/toast.ts";

/** Before which card of which stage; null is the end of what is there: then behind which one. */
export interface Place {
  stage: string;
  before: string | null;
  after: string | null;
}

/** A card in the air: over which place, and its picture's corner and height in the window. */
export interface Hold {
  id: string;
  place: Place | null;
  left: number;
  top: number;
  height: number;
}

type Host = ReactiveControllerHost & HTMLElement;

const HOLD = 250; // milliseconds a finger rests before it drags instead of scrolling
const SLOP = 6; // pixels
const EDGE = 56; // pixels from an edge where scrolling starts
const SPEED = 14; // pixels per frame at the very edge

export class CardDrag implements ReactiveController {
  /** The card in the air. */
  id: string | null = null;
  place: Place | null = null;
  height = 0;
  private ghost: HTMLElement | null = null;
  private stop = new AbortController();
  private at = { x: 0, y: 0 };
  private corner = { left: 0, top: 0 };
  private frame = 0;
  private among = 0;

  constructor(
    private host: Host,
    private drop: (id: string, place: Place) => void,
    private allowed: () => boolean,
    /** Told in every frame where the card is, and null when it is down again. */
    private held: (hold: Hold | null) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener("pointerdown", this.press);
  }

  hostDisconnected(): void {
    this.host.removeEventListener("pointerdown", this.press);
    this.stop.abort();
  }

  hostUpdated(): void {
    const { host, id } = this;
    if (!id || (host.querySelector(`[data-card="${id}"]`) && this.stages() === this.among)) return;
    this.cancel();
    toast("The board changed under your hand. Nothing was moved.", { name: "moved" });
  }

  private stages(): number {
    return this.host.querySelectorAll("[data-column]").length;
  }

  cancel(): void {
    this.stop.abort();
  }

  private press = (down: PointerEvent): void => {
    const target = down.target as Element;
    const card = target.closest<HTMLElement>("[data-card]");
    if (!card || down.button !== 0 || down.shiftKey || target.closest("button") || this.id || !this.allowed()) return;
    this.cancel(); // of a press whose end was never heard
    if (!down.isPrimary) return;
    const touch = down.pointerType === "touch";
    this.stop = new AbortController();
    const { signal } = this.stop;
    const begin = { x: down.clientX, y: down.clientY };
    const lift = () => {
      if (!signal.aborted && !this.id) this.lift(card, begin);
    };
    const timer = touch ? window.setTimeout(lift, HOLD) : 0;
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      this.letGo();
    });
    const options = { signal };
    const follow = ({ type, pointerId, clientX: x, clientY: y }: PointerEvent) => {
      if (pointerId !== down.pointerId) return;
      if (type === "pointerup") return this.finish(x, y);
      this.at = { x, y };
      const far = Math.hypot(x - begin.x, y - begin.y) > SLOP;
      if (type === "pointercancel" || (!this.id && far && touch)) this.cancel();
      else if (!this.id && far) lift();
    };
    for (const name of ["pointermove", "pointerup", "pointercancel"] as const)
      window.addEventListener(name, follow, options);
    window.addEventListener("blur", () => this.cancel(), options);
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape") this.cancel();
      },
      options,
    );
    window.addEventListener("touchmove", (event) => this.id && event.preventDefault(), { signal, passive: false });
    window.addEventListener("contextmenu", (event) => touch && event.preventDefault(), options);
  };

  private lift(card: HTMLElement, begin: { x: number; y: number }): void {
    const box = card.getBoundingClientRect();
    this.id = card.dataset["card"]!;
    this.among = this.stages();
    this.height = box.height;
    this.corner = { left: box.left, top: box.top };
    this.at = begin;
    getSelection()?.removeAllRanges();
    const ghost = card.cloneNode(true) as HTMLElement;
    ghost.removeAttribute("data-card");
    ghost.classList.add("ghost");
    ghost.inert = true;
    for (const [name, value] of Object.entries({
      left: box.left,
      top: box.top,
      width: box.width,
      height: box.height,
    })) {
      ghost.style.setProperty(name, `${value}px`);
    }
    document.body.append(ghost);
    this.ghost = ghost;
    this.host.classList.add("dragging");
    this.frame = requestAnimationFrame(() => this.follow(begin));
  }

  /** Runs once per frame, so that scrolling goes on while the pointer rests at an edge. */
  private follow(begin: { x: number; y: number }): void {
    if (!this.id || !this.ghost) return;
    const { x, y } = this.at;
    this.ghost.style.setProperty("translate", `${x - begin.x}px ${y - begin.y}px`);
    const list = this.listAt(x, y);
    const place = list && placeIn(list, y, this.id);
    if (place?.stage !== this.place?.stage || place?.before !== this.place?.before) {
      this.place = place;
      this.host.requestUpdate();
    }
    const { left, top } = this.corner;
    this.held({ id: this.id, place, left: left + x - begin.x, top: top + y - begin.y, height: this.height });
    if (list) scrollBy(list, 0, push(y, list.getBoundingClientRect().top, list.getBoundingClientRect().bottom));
    const board = this.host.querySelector(".board");
    if (board) {
      const box = board.getBoundingClientRect();
      scrollBy(board, push(x, box.left, box.right), 0);
    }
    this.frame = requestAnimationFrame(() => this.follow(begin));
  }

  private listAt(x: number, y: number): HTMLElement | null {
    for (const element of document.elementsFromPoint(x, y)) {
      const column = element.closest<HTMLElement>("[data-stage]");
      if (column) return column.querySelector<HTMLElement>("[data-column]");
    }
    return null;
  }

  /** Where it is let go decides, not where it was in the last frame: a hand may be faster than a busy machine draws. */
  private finish(x: number, y: number): void {
    const { id } = this;
    const list = id && this.listAt(x, y);
    const place = list && placeIn(list, y, id);
    if (id) swallowClick();
    this.stop.abort();
    if (id && place) this.drop(id, place);
  }

  private letGo(): void {
    cancelAnimationFrame(this.frame);
    this.ghost?.remove();
    this.ghost = null;
    if (!this.id) return;
    this.id = this.place = null;
    this.held(null);
    this.host.classList.remove("dragging");
    this.host.requestUpdate();
  }
}

/** A drop is no click: the card's link must not open. */
function swallowClick(): void {
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener("click", swallow, { capture: true, once: true });
  window.setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 50);
}

function placeIn(list: HTMLElement, y: number, self: string): Place {
  const stage = list.dataset["column"]!;
  let after: string | null = null;
  for (const element of list.querySelectorAll<HTMLElement>("[data-card]")) {
    const card = element.dataset["card"]!;
    if (card === self) continue;
    const box = element.getBoundingClientRect();
    if (y < box.top + box.height / 2) return { stage, before: card, after };
    after = card;
  }
  return { stage, before: null, after };
}

/** How far to scroll in this frame: more, the nearer to the edge. */
function push(at: number, from: number, to: number): number {
  if (at < from + EDGE) return -SPEED * Math.min(1, (from + EDGE - at) / EDGE);
  if (at > to - EDGE) return SPEED * Math.min(1, (at - to + EDGE) / EDGE);
  return 0;
}

function scrollBy(element: Element, x: number, y: number): void {
  if (x) element.scrollLeft += x;
  if (y) element.scrollTop += y;
}
