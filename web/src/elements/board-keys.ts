/**
 * The board by keyboard and menu: arrows walk, Alt and arrows move, Space looks in passing, M asks where to, I who looks
 * after it, Q shows mine alone, Z takes the last thing back. What is not loaded yet is loaded on the way.
 */
import type { Card, StageView } from "../live/protocol.gen.ts";
import { may, shortName } from "../lib/me.ts";
import { openMenu } from "../lib/menu.ts";
import type { Shortcut } from "../lib/shortcuts.ts";
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

const STEPS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"];
const MOVES = ["Alt+ArrowUp", "Alt+ArrowDown", "Alt+ArrowLeft", "Alt+ArrowRight"];

export class BoardKeys {
  private readonly board: Walked;

  constructor(board: Walked) {
    this.board = board;
  }

  /** What keys do on the page and on a card, as they are offered and listed. */
  shortcuts(): readonly Shortcut[] {
    const { board } = this;
    const here = { group: "Here" } as const;
    const onCard = { group: "Candidates", on: "gr-board [data-card]" } as const;
    const moving: readonly Shortcut[] = [
      { ...here, keys: "Z", label: "Take the last change back", run: () => board.undo() },
      { ...onCard, keys: MOVES, label: "Move the card", run: this.card((card, { key }) => this.moveOn(card, key)) },
      { ...onCard, keys: "M", label: "Move to a stage", run: this.card((card, _, at) => this.whereTo(card, at)) },
      {
        ...onCard,
        keys: "X",
        label: "Choose, for many at once",
        run: this.card((card) => board.selection.toggle(card.id)),
      },
      {
        ...onCard,
        keys: "I",
        label: "Who looks after them",
        run: this.card((card, _, at) => board.chooseTeam(card, at.querySelector<HTMLElement>(".mover") ?? at)),
      },
    ];
    return [
      { ...here, keys: "/", label: "Find a candidate", run: () => board.focusSearch() },
      { ...here, keys: "Q", label: "Mine alone, or everybody", run: () => board.toggleMine() },
      {
        ...here,
        keys: "Escape",
        label: "Choose nobody",
        run: () => board.selection.size > 0 && !document.querySelector(":popover-open") && board.selection.clear(),
      },
      {
        ...onCard,
        keys: STEPS,
        label: "Go from card to card",
        run: this.card((card, { key }) => this.walk(card, key)),
      },
      { ...onCard, keys: "Space", label: "Look in passing", run: this.card((card, event) => this.peek(card, event)) },
      ...(may.move ? moving : []),
    ];
  }

  /** With the card that has the focus; without one the key goes its way. */
  private card(does: (card: Card, event: KeyboardEvent, element: HTMLElement) => unknown) {
    return (event: KeyboardEvent) => {
      const element = (event.target as Element).closest<HTMLElement>("[data-card]");
      const card = element && this.board.card(element.dataset["card"]!);
      return card && element ? does(card, event, element) : false;
    };
  }

  private moveOn(card: Card, key: string): void {
    void this.load(card, key, 2).then(() => this.moveBy(card, key));
  }

  private walk(card: Card, key: string): void {
    void this.next(card, key).then((next) => next && this.board.focusCard(next));
  }

  private whereTo(card: Card, element: HTMLElement): void {
    if (this.board.selection.size) this.board.selection.chooseStage(element);
    else this.chooseStage(card, element);
  }

  private peek(card: Card, event: KeyboardEvent): unknown {
    return !(event.target as Element).closest("button") && void this.board.panels.peek(card.id);
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
