/**
 * The board by keyboard and menu: arrows walk, Alt and arrows move, Space looks in passing, M asks where to, I who looks
 * after it, Q shows mine alone, Z takes the last thing back. What is not loaded yet is loaded on the way.
 */
import type { Card, StageView } from "../live/protocol.gen.ts";
import { plain, typing } from "../lib/keys.ts";
import { may, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import type { BoardPanels } from "./board-panels.ts";
import type { BoardSelection } from "./board-selection.ts";
import { besides, stepFrom, type Target } from "../lib/moves.ts";

/** What keys work on. */
export interface Walked {
  readonly stages: readonly StageView[];
  readonly shown: ReadonlyMap<string, readonly Card[]>;
  readonly count: ReadonlyMap<string, number>;
  readonly updateComplete: Promise<unknown>;
  allStages(): readonly StageView[];
  card(id: string): Card | undefined;
  /** The stage where a card is shown, which may not be answered yet. */
  stageOf(card: Card): string;
  more(stage: string, cards?: number): Promise<void>;
  move(id: string, target: Target): void;
  undo(): void;
  readonly selection: BoardSelection;
  readonly panels: BoardPanels;
  focusCard(id: string): void;
  focusSearch(): void;
  /** Who looks after a card: choose. */
  chooseTeam(card: Card, anchor: HTMLElement): void;
  /** Only mine, or everybody's again. */
  toggleMine(): void;
}

export class BoardKeys {
  private readonly board: Walked;

  constructor(board: Walked) {
    this.board = board;
  }

  /** Anywhere on the page. */
  anywhere = (event: KeyboardEvent): void => {
    if (!plain(event) || typing(event)) return;
    if (event.key === "/") {
      event.preventDefault();
      this.board.focusSearch();
    } else if (event.key.toLowerCase() === "q") {
      event.preventDefault();
      this.board.toggleMine();
    } else if (event.key.toLowerCase() === "z" && may.move) {
      event.preventDefault();
      this.board.undo();
    } else if (event.key === "Escape" && !document.querySelector(":popover-open")) {
      this.board.selection.clear();
    }
  };

  /** On a card. */
  pressed(event: KeyboardEvent): void {
    const element = (event.target as Element).closest<HTMLElement>("[data-card]");
    const card = element && this.board.card(element.dataset["card"]!);
    if (!card || !element) return;
    if (event.altKey && event.key.startsWith("Arrow")) {
      event.preventDefault();
      void this.load(card, event.key, 2).then(() => this.moveBy(card, event.key));
    } else if (plain(event) && /^(Arrow|Home$|End$)/.test(event.key)) {
      event.preventDefault();
      void this.next(card, event.key).then((next) => next && this.board.focusCard(next));
    } else if (plain(event) && event.key.toLowerCase() === "m" && may.move) {
      event.preventDefault();
      if (this.board.selection.size) this.board.selection.chooseStage(element);
      else this.chooseStage(card, element);
    } else if (plain(event) && event.key.toLowerCase() === "x" && may.move) {
      event.preventDefault();
      this.board.selection.toggle(card.id);
    } else if (plain(event) && event.key === " " && !(event.target as Element).closest("button")) {
      event.preventDefault();
      void this.board.panels.peek(card.id);
    } else if (plain(event) && event.key.toLowerCase() === "i" && may.move) {
      event.preventDefault();
      this.board.chooseTeam(card, element.querySelector<HTMLElement>(".mover") ?? element);
    }
  }

  /** The menu of stages for a card. */
  chooseStage(card: Card, element: HTMLElement): void {
    const { board } = this;
    const anchor = element.querySelector<HTMLElement>(".mover") ?? element;
    const now = board.stageOf(card);
    const choices = board.allStages().map((stage) => ({
      label: stage.name,
      colour: stage.colour,
      checked: stage.id === now,
      apart: stage.kind === "declined",
      run: () => board.move(card.id, { stage: stage.id, before: board.shown.get(stage.id)?.[0]?.id ?? null }),
    }));
    const chosen = board.selection.has(card.id);
    const select = { label: chosen ? "Unselect" : "Select", apart: true, icon: "check" };
    void openMenu(anchor, `Move ${shortName(card.name)} to`, [
      ...choices,
      { ...select, run: () => board.selection.toggle(card.id) },
      { label: "Peek", icon: "eye", run: () => void board.panels.peek(card.id) },
    ]);
  }

  private moveBy(card: Card, key: string): void {
    const { stages, shown, count } = this.board;
    const target = besides(stages, shown, count, card.id, key);
    if (target) this.board.move(card.id, target);
  }

  /** The card that a key goes to from this one, loaded where need be. */
  async next(card: Card, key: string): Promise<string | null> {
    await this.load(card, key, 1);
    return stepFrom(this.board.stages, this.board.shown, card.id, key);
  }

  /** Loads what a key goes to, where that is further down than the column is loaded. At once when it is there. */
  private async load(card: Card, key: string, steps: number): Promise<void> {
    if (key !== "ArrowDown" && key !== "End") return;
    const { board } = this;
    const stage = board.stageOf(card);
    for (;;) {
      const list = board.shown.get(stage) ?? [];
      const missing = (board.count.get(stage) ?? 0) - list.length;
      const at = key === "End" ? list.length : list.findIndex((other) => other.id === card.id);
      if (missing <= 0 || at + steps < list.length) return;
      await board.more(stage, key === "End" ? missing : undefined);
      await board.updateComplete;
      if ((board.shown.get(stage) ?? []).length <= list.length) return; // could not be had
    }
  }
}
