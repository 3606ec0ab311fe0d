/**
 * What opens beside or over a board: a candidate in passing (Space), what happened (Activity), and what is done to many
 * at once. Their code comes when somebody wants them, so that a board is quick to open.
 */
import type { ReactiveElement, TemplateResult } from "lit";
import type { AnyPayload, Card, Doing, JobRow, Person, StageView } from "../live/protocol.gen.ts";
import type { BoardMoves } from "./board-moves.ts";
import type { BoardSelection } from "./board-selection.ts";

/** A panel that is open, and wants to hear what happens. */
export interface Panel {
  readonly open: boolean;
  heard(payload: AnyPayload): void;
}

/** What the panels need of a board. */
export interface Board {
  readonly selection: BoardSelection;
  readonly moves: BoardMoves;
  job(): Pick<JobRow, "id" | "title">;
  people(): readonly Person[];
  card(id: string): Card | undefined;
  stage(id: string): StageView | undefined;
  /** The card that a key goes to from another, loaded where need be. */
  next(card: Card, key: string): Promise<string | null>;
  /** Makes a card the current one and brings it into sight. */
  show(id: string, focus: boolean): void;
  /** The server's word about cards that a request of ours changed. */
  changed(cards: readonly Card[], key: string): void;
  /** What colleagues see that I do. */
  tell(doing: Doing): void;
  say(words: string): void;
}

export type Together = "message" | "tag" | "assign";

export class BoardPanels {
  private panel: Panel | null = null;

  /** On cards: where the words stand that the board is searched for. */
  readonly found = new Map<string, TemplateResult>();

  /** Their scores, of those that I may see. */
  readonly scores = new Map<string, number>();

  constructor(private readonly board: Board) {}

  heard(payload: AnyPayload | null): void {
    if (payload && this.panel?.open) this.panel.heard(payload);
  }

  /** Looks into the cards that are drawn. */
  async find(host: ReactiveElement, words: string): Promise<void> {
    if (!words && !this.found.size) return;
    const { find } = await import("./board-found.ts");
    await find(this.board, this.found, host, words);
  }

  /** Asks for the scores of the cards that are drawn. */
  async score(host: ReactiveElement, cards: readonly Card[]): Promise<void> {
    if (!cards.some((card) => card.scored) && !this.scores.size) return;
    const { score } = await import("./board-scores.ts");
    await score(this.board, this.scores, host);
  }

  async peek(id: string): Promise<void> {
    const { Peek } = await import("./board-peek.ts");
    this.panel = new Peek(this.board, id);
  }

  async activity(): Promise<void> {
    const { ActivityPanel } = await import("./board-activity.ts");
    this.panel = new ActivityPanel(this.board);
  }

  /** Does something to everybody who is selected. */
  async together(what: Together, anchor: HTMLElement): Promise<void> {
    const { message, tag, assign } = await import("./board-together.ts");
    ({ message, tag, assign })[what](this.board, anchor);
  }
}
