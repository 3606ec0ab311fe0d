/** Which rows of a long column are worth drawing: those near what is seen, and some that must stay. Pure. */

export interface Row {
  at: number;
}

/** Rows that are not drawn, as one empty space of so many pixels; `before` is the row it ends at. */
export interface Gap {
  gap: number;
  before: number;
}

export interface Look {
  /** How many rows there are to draw, and the height of one with its distance to the next. */
  rows: number;
  height: (at: number) => number;
  /** What is seen: from this pixel on, so many pixels. */
  top: number;
  view: number;
  /** Drawn wherever they are. */
  keep: readonly number[];
}

export const MARGIN = 400; // pixels drawn above and below what is seen

/** Rows and gaps from top to bottom. */
export function near({ rows, height, top, view, keep }: Look): (Row | Gap)[] {
  const kept = new Set(keep);
  const pieces: (Row | Gap)[] = [];
  let gap = 0;
  let y = 0;
  for (let at = 0; at < rows; at++) {
    const tall = height(at);
    const seen = y + tall >= top - MARGIN && y <= top + view + MARGIN;
    y += tall;
    if (!seen && !kept.has(at)) {
      gap += tall;
      continue;
    }
    if (gap) pieces.push({ gap, before: at });
    gap = 0;
    pieces.push({ at });
  }
  if (gap) pieces.push({ gap, before: rows });
  return pieces;
}

/** The first and the last of the rows near what is seen, as a word that changes only when something is to be drawn. */
export function extent(pieces: readonly (Row | Gap)[]): string {
  return pieces.map((piece) => ("at" in piece ? piece.at : "-")).join(" ");
}

/** What a column draws: numbers of rows, empty spaces, and null where a slot opens, which is before row `slot` (-1: last). */
export function itemsOf(
  pieces: readonly (Row | Gap)[],
  rest: number,
  slot: number | null,
): (number | { gap: number; key: string } | null)[] {
  const items: (number | { gap: number; key: string } | null)[] = [];
  let gaps = 0; // each keeps its element when rows come and go
  for (const piece of pieces) {
    if ("at" in piece && piece.at === slot) items.push(null);
    items.push("at" in piece ? piece.at : { gap: piece.gap, key: `gap ${gaps++}` });
  }
  if (slot !== null && slot < 0) items.push(null);
  if (rest) items.push({ gap: rest, key: "rest" });
  return items;
}
