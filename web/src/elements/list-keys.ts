/**
 * The list by keyboard: arrows walk from cell to cell, Enter opens or changes what stands there, X chooses a line, M asks
 * where to, I who looks after it, Space looks in passing. Elsewhere on the page: / searches, Q shows mine alone, Z takes the last move back.
 */
import { may } from "../lib/me.ts";
import type { Shortcut } from "../lib/shortcuts.ts";
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
const WALKS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"];

/** The cell that an event happened in. */
export function placeOf(target: EventTarget | null): Place | null {
  const cell = (target as Element | null)?.closest<HTMLElement>("[data-column]");
  const row = cell?.closest<HTMLElement>("[data-row]")?.dataset["row"];
  return cell && row ? { row, column: Number(cell.dataset["column"]) } : null;
}

/** What keys do on the page and in a cell, as they are offered and listed. */
export function shortcutsOf(grid: Grid): readonly Shortcut[] {
  const here = { group: "Here" } as const;
  const inCell = { group: "Candidates", on: "gr-list [data-row] [data-column]" } as const;
  return [
    { ...here, keys: "/", label: "Find a candidate", run: () => grid.focusSearch() },
    { ...here, keys: "Q", label: "Mine alone, or everybody", run: () => grid.toggleMine() },
    {
      ...here,
      keys: "Escape",
      label: "Choose nobody",
      run: () => grid.selection.size > 0 && !document.querySelector(":popover-open") && grid.selection.clear(),
    },
    { ...inCell, keys: WALKS, label: "Go from cell to cell", run: cell((place, event) => walk(grid, place, event)) },
    { ...inCell, keys: ["Enter", "F2"], label: "Open or change", run: cell((place) => grid.act(place, "")) },
    {
      ...inCell,
      keys: "Space",
      label: "Look in passing",
      run: cell(({ row }, event) => !(event.target as Element).matches("input") && void grid.panels.peek(row)),
    },
    { ...inCell, keys: "I", label: "Who looks after them", run: cell((place) => grid.act(place, "owner")) },
    ...(may.move ? moving(grid, here, inCell) : []),
  ];
}

function moving(
  grid: Grid,
  here: Pick<Shortcut, "group">,
  inCell: Pick<Shortcut, "group" | "on">,
): readonly Shortcut[] {
  return [
    { ...here, keys: "Z", label: "Take the last change back", run: () => grid.undo() },
    { ...inCell, keys: "X", label: "Choose, for many at once", run: cell(({ row }) => grid.selection.toggle(row)) },
    { ...inCell, keys: "M", label: "Move to a stage", run: cell((place) => grid.act(place, "stage")) },
  ];
}

/** With the cell that has the focus; without one the key goes its way. */
function cell(does: (place: Place, event: KeyboardEvent) => unknown) {
  return (event: KeyboardEvent) => {
    const place = placeOf(event.target);
    return place ? does(place, event) : false;
  };
}

function walk(grid: Grid, place: Place, event: KeyboardEvent): void {
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
  };
  steps[event.key]?.();
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
