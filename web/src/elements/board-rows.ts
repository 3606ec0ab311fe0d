/**
 * Keeps a board small in the document: of every column only the cards near what is seen are drawn, the others are empty
 * space of their height. Knows how tall cards are (it measures those that are drawn), draws again when somebody scrolls
 * to others, and asks for more of a column before its loaded part ends.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Card } from "../live/protocol.gen.ts";
import { extent, MARGIN, near, type Gap, type Row } from "../lib/rows.ts";

type Host = ReactiveControllerHost & HTMLElement;

const BETWEEN = 8; // pixels between cards, as in the styles
const GUESS = 88; // pixels, until the first card of its kind was measured
const AHEAD = 600; // pixels before the end of what is loaded where more is asked for
const TALL = "with a picture";
const PLAIN = "without";
const FIRST_VIEW = 160; // pixels of the window that are not the columns'

export interface ColumnRows {
  pieces: (Row | Gap)[];
  /** Pixels of the cards that are not loaded. */
  rest: number;
}

export class BoardRows implements ReactiveController {
  private heights = new Map<string, number>();
  private usual = new Map<string, number>();
  private tops = new Map<string, number>();
  private drawn = new Map<string, string>();
  private observed = new Set<HTMLElement>();
  private view = Math.max(0, innerHeight - FIRST_VIEW);
  /** Alive: cheaper after every change than to look for them anew. */
  private readonly columns: HTMLCollectionOf<HTMLElement>;
  private readonly sizes = new ResizeObserver((entries) => this.measured(entries));

  constructor(
    private host: Host,
    /** Whether a card shows a picture of its answers, on which its height depends. */
    private pictured: (card: Card) => boolean,
    private more: (stage: string, cards: number) => void,
    private lists: () => ReadonlyMap<string, { list: readonly Card[]; count: number; keep: readonly number[] }>,
  ) {
    this.columns = host.getElementsByTagName("ol");
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener("scroll", this.scrolled, { capture: true, passive: true });
  }

  hostDisconnected(): void {
    this.host.removeEventListener("scroll", this.scrolled, { capture: true });
    this.sizes.disconnect();
    this.observed.clear();
  }

  /** What to draw of a column now. */
  of(stage: string): ColumnRows {
    const { list, count, keep } = this.lists().get(stage) ?? { list: [], count: 0, keep: [] };
    const pieces = near({
      rows: list.length,
      height: (at) => this.height(list[at]!),
      top: this.tops.get(stage) ?? 0,
      view: this.view,
      keep,
    });
    this.drawn.set(stage, extent(pieces));
    return { pieces, rest: Math.max(0, count - list.length) * this.average(list) };
  }

  /** Where a card begins in its column, in pixels. */
  offset(stage: string, at: number): number {
    const list = this.lists().get(stage)?.list ?? [];
    return list.slice(0, at).reduce((sum, card) => sum + this.height(card), 0);
  }

  hostUpdated(): void {
    const now = new Set<HTMLElement>();
    for (const column of this.columns) {
      now.add(column);
      for (const item of column.children) if ((item as HTMLElement).dataset["card"]) now.add(item as HTMLElement);
    }
    for (const element of this.observed) if (!now.has(element)) this.sizes.unobserve(element);
    for (const element of now) if (!this.observed.has(element)) this.sizes.observe(element);
    this.observed = now;
    for (const stage of this.lists().keys()) this.fill(stage);
  }

  /** Asks for more of a column when what is seen of it comes near the end of what is loaded. */
  private fill(stage: string): void {
    const { list, count } = this.lists().get(stage)!;
    if (list.length >= count) return;
    const end = list.reduce((sum, card) => sum + this.height(card), 0);
    const wanted = (this.tops.get(stage) ?? 0) + this.view + AHEAD;
    if (end < wanted) this.more(stage, Math.ceil((wanted - end) / this.average(list)));
  }

  private height(card: Card): number {
    return (this.heights.get(card.id) ?? this.usual.get(this.pictured(card) ? TALL : PLAIN) ?? GUESS) + BETWEEN;
  }

  private average(list: readonly Card[]): number {
    const some = list.slice(-20);
    return some.length ? some.reduce((sum, card) => sum + this.height(card), 0) / some.length : GUESS + BETWEEN;
  }

  private measured(entries: ResizeObserverEntry[]): void {
    const before = this.view;
    for (const { target, borderBoxSize } of entries) {
      const tall = borderBoxSize[0]?.blockSize ?? 0;
      const { card } = (target as HTMLElement).dataset;
      if (card && tall) {
        this.heights.set(card, tall);
        this.usual.set(target.querySelector(".strip") ? TALL : PLAIN, tall);
      } else if (!card && tall) {
        this.view = Math.max(this.view, tall);
      }
    }
    if (this.view > before + MARGIN / 4) this.host.requestUpdate();
  }

  private scrolled = (event: Event): void => {
    const list = event.target as HTMLElement;
    const stage = list.dataset?.["column"];
    if (!stage) return;
    this.tops.set(stage, list.scrollTop);
    const before = this.drawn.get(stage);
    this.of(stage);
    if (this.drawn.get(stage) !== before) this.host.requestUpdate();
    else this.fill(stage);
  };
}
