/**
 * Which cards are chosen, to be moved or declined together: X, Shift and click, or "Select" in a card's menu; and the bar
 * that says what can be done with them.
 */
import { html, nothing, type TemplateResult } from "lit";
import type { Card, StageView } from "../live/protocol.gen.ts";
import { icon } from "../lib/icons.ts";
import { openMenu } from "../lib/menu.ts";
import type { BoardPanels, Together } from "./board-panels.ts";
import type { Target } from "../lib/moves.ts";
import { many } from "../lib/time.ts";

export const MOST = 500; // cards of one action, as the server has it

interface Board {
  readonly shown: ReadonlyMap<string, readonly Card[]>;
  requestUpdate(): void;
  allStages(): readonly StageView[];
  moveAll(ids: readonly string[], target: Target): void;
  say(words: string): void;
  readonly panels: BoardPanels;
}

export class BoardSelection {
  private readonly board: Board;
  private chosen: ReadonlySet<string> = new Set();
  private last: string | null = null;

  constructor(board: Board) {
    this.board = board;
  }

  get size(): number {
    return this.chosen.size;
  }

  has(id: string): boolean {
    return this.chosen.has(id);
  }

  /** The chosen cards from left to right and top to bottom. */
  get ids(): string[] {
    return [...this.board.shown.values()].flat().flatMap((card) => (this.chosen.has(card.id) ? [card.id] : []));
  }

  toggle(id: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.last = id;
    this.set(chosen);
  }

  /** From the card that was chosen last to this one, where both stand in one stage; else this one. */
  extend(id: string): void {
    const list = [...this.board.shown.values()].find((cards) => cards.some((card) => card.id === id)) ?? [];
    const from = list.findIndex((card) => card.id === this.last);
    const to = list.findIndex((card) => card.id === id);
    if (from < 0 || to < 0) return this.toggle(id);
    const between = list.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.last = id;
    this.set(new Set([...this.chosen, ...between.map((card) => card.id)]));
  }

  clear(): void {
    if (this.size) this.set(new Set());
  }

  /** Who is not shown any more is not chosen any more: nobody acts on what they do not see. Called before drawing. */
  keepShown(): void {
    if (!this.size) return;
    const ids = this.ids;
    if (ids.length < this.size) this.chosen = new Set(ids);
  }

  /** Asks where to. */
  chooseStage(anchor: HTMLElement): void {
    const choices = this.board.allStages().map((stage) => ({
      label: stage.name,
      colour: stage.colour,
      apart: stage.kind === "declined",
      run: () => this.bring(stage),
    }));
    void openMenu(anchor, `Move ${many(this.size, "candidate")} to`, choices);
  }

  /** Everybody to the top of a stage. */
  private bring(stage: StageView): void {
    this.board.moveAll(this.ids, { stage: stage.id, before: this.board.shown.get(stage.id)?.[0]?.id ?? null });
  }

  /** The button that says so goes with the bar: the focus goes on from who was chosen last. */
  private leave(): void {
    this.clear();
    const words = `[data-card="${this.last}"] a, [data-row="${this.last}"] th`;
    document.querySelector<HTMLElement>(words)?.focus({ preventScroll: true });
  }

  /** These and nobody else. */
  choose(ids: readonly string[]): void {
    this.set(new Set(ids));
  }

  private set(chosen: ReadonlySet<string>): void {
    if (chosen.size > MOST) return this.board.say(`At most ${MOST} candidates can be chosen at once.`);
    this.chosen = chosen;
    this.board.say(chosen.size ? `${chosen.size} selected` : "Nothing selected");
    this.board.requestUpdate();
  }

  private tool(what: Together, sign: string, label: string): TemplateResult {
    const open = (event: Event) => void this.board.panels.together(what, event.currentTarget as HTMLElement);
    return html`<button type="button" aria-haspopup=${what === "assign" ? "menu" : "dialog"} @click=${open}>
      ${icon(sign)}${label}
    </button>`;
  }

  bar(): TemplateResult | typeof nothing {
    document.body.classList.toggle("choosing", this.size > 0); // the bar stands where messages would
    if (!this.size) return nothing;
    const declined = this.board.allStages().find((stage) => stage.kind === "declined");
    return html`<div class="bulkbar" role="toolbar" aria-label="Selected candidates">
      <span class="num">${this.size} selected</span>
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded="false"
        @click=${(event: Event) => this.chooseStage(event.currentTarget as HTMLElement)}
      >
        ${icon("arrow")}Move<kbd aria-hidden="true">M</kbd>
      </button>
      ${this.tool("message", "chat", "Message")}${this.tool("tag", "flag", "Tag")}${this.tool("assign", "user", "Assign")}
      ${
        declined
          ? html`<button type="button" class="danger" @click=${() => this.bring(declined)}>
              ${icon("close")}Decline
            </button>`
          : nothing
      }
      <button type="button" class="end" @click=${() => this.leave()}>Clear<kbd aria-hidden="true">Esc</kbd></button>
    </div>`;
  }
}
