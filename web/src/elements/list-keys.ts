/**
 * The list by keyboard: arrows walk from cell to cell, Enter opens or changes what stands there, X chooses a line, M asks
 * where to, I who looks after it, Space looks in passing. Elsewhere on the page: / searches, Q shows mine alone, Z takes the last move back.
 */
import { plain, typing } from "../lib/keys.ts";
import { may } from "../lib/me.ts";
import type { BoardPanels } from "./board-panels.ts";
import type { BoardSelection } from "./board-selection.ts";

export interface Place {
  row: string;
  /** 0 is the name. */
  column: number;
}

export interface Grid {
  readonly selection: BoardSelection;
  readonly panels: BoardPanels;
  /** How many columns there are, the name included. */
  readonly width: number;
  /** The ids of the lines that are loaded. */
  ids(): readonly string[];
  load(): Promise<void>;
  focusCell(place: Place): void;
  /** What Enter, M or I do; `what` empty: whatever the column is for. */
  act(place: Place, what: "" | "stage" | "owner"): void;
  undo(): void;
  focusSearch(): void;
  toggleMine(): void;
}

const PAGE = 10; // lines of PageUp and PageDown

/** Anywhere on the page. */
export function anywhere(grid: Grid, event: KeyboardEvent): void {
  if (!plain(event) || typing(event)) return;
  const key = event.key.toLowerCase();
  if (key === "/") grid.focusSearch();
  else if (key === "q") grid.toggleMine();
  else if (key === "z" && may.move) grid.undo();
  else if (key === "escape" && !document.querySelector(":popover-open")) return grid.selection.clear();
  else return;
  event.preventDefault();
}

/** The cell that an event happened in. */
export function placeOf(target: EventTarget | null): Place | null {
  const cell = (target as Element | null)?.closest<HTMLElement>("[data-column]");
  const row = cell?.closest<HTMLElement>("[data-row]")?.dataset["row"];
  return cell && row ? { row, column: Number(cell.dataset["column"]) } : null;
}

/** In a cell; what is typed into an editor is its own. */
export async function pressed(grid: Grid, event: KeyboardEvent): Promise<void> {
  if (event.key === "Escape" && (event.target as Element).matches("[data-pick]")) return grid.selection.clear();
  const place = placeOf(event.target);
  if (!place || !plain(event) || (event.target as Element).matches("input:not([type=checkbox]), select")) return;
  const ids = grid.ids();
  const at = ids.indexOf(place.row);
  const go = (row: number, column: number) => {
    const next = ids[Math.max(0, Math.min(ids.length - 1, row))];
    if (next) grid.focusCell({ row: next, column: Math.max(0, Math.min(grid.width - 1, column)) });
  };
  const rtl = getComputedStyle(event.target as Element).direction === "rtl";
  const steps: Record<string, () => void> = {
    ArrowUp: () => go(at - 1, place.column),
    ArrowDown: () => void down(grid, place, 1),
    ArrowLeft: () => go(at, place.column + (rtl ? 1 : -1)),
    ArrowRight: () => go(at, place.column + (rtl ? -1 : 1)),
    PageUp: () => go(at - PAGE, place.column),
    PageDown: () => void down(grid, place, PAGE),
    Home: () => go(at, 0),
    End: () => go(at, grid.width - 1),
    Enter: () => grid.act(place, ""),
    F2: () => grid.act(place, ""),
  };
  if (may.move) {
    steps["x"] = () => grid.selection.toggle(place.row);
    steps["m"] = () => grid.act(place, "stage");
  }
  steps["i"] = () => grid.act(place, "owner");
  if (!(event.target as Element).matches("input")) steps[" "] = () => void grid.panels.peek(place.row);
  const step = steps[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  step();
}

/** Down, and further than is loaded. */
async function down(grid: Grid, place: Place, by: number): Promise<void> {
  const wanted = grid.ids().indexOf(place.row) + by;
  if (wanted >= grid.ids().length) await grid.load();
  const ids = grid.ids();
  const next = ids[Math.min(wanted, ids.length - 1)];
  if (next) grid.focusCell({ row: next, column: place.column });
}

/** The line above or below another, loaded where need be. */
export async function besideOf(grid: Grid, row: string, key: string): Promise<string | null> {
  const wanted = grid.ids().indexOf(row) + (key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1);
  if (wanted >= grid.ids().length) await grid.load();
  return grid.ids()[wanted] ?? null;
}
