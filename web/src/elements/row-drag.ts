/** Puts a row of a list elsewhere while its grip is held, by mouse, pen or finger. */

export interface Rows {
  /** Where the held row is now. */
  at: () => number;
  /** It belongs there. */
  shift: (to: number) => void;
  end: () => void;
}

/** The list with the row of this key at another place; null when that is where it is, or no place of it. */
export function reordered<R extends { key: string }>(list: readonly R[], key: string, to: number): R[] | null {
  const from = list.findIndex((row) => row.key === key);
  if (from < 0 || to < 0 || to >= list.length || from === to) return null;
  return list.toSpliced(from, 1).toSpliced(to, 0, list[from]!);
}

/** Follows the pointer until it is let go; a row gives way once the pointer is past its middle. */
export function grabRow(down: PointerEvent, list: HTMLElement, selector: string, rows: Rows): void {
  const stop = new AbortController();
  down.preventDefault();
  const move = (event: PointerEvent) => {
    const elements = [...list.querySelectorAll<HTMLElement>(selector)];
    const over = elements.findIndex((row) => {
      const box = row.getBoundingClientRect();
      return event.clientY >= box.top && event.clientY < box.bottom;
    });
    const now = rows.at();
    if (over < 0 || over === now) return;
    const box = elements[over]!.getBoundingClientRect();
    const past = over > now ? event.clientY > box.top + box.height / 2 : event.clientY < box.top + box.height / 2;
    if (past) rows.shift(over);
  };
  const end = () => {
    stop.abort();
    rows.end();
  };
  window.addEventListener("pointermove", move, { signal: stop.signal });
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, { signal: stop.signal });
  (down.currentTarget as HTMLElement).focus();
}
