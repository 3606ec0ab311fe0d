/** What can be done on a page, for the palette: pages offer it while they are there, asked anew whenever it opens. */

export interface Action {
  label: string;
  icon?: string;
  /** A coloured dot instead of an icon, 1 to 12. */
  colour?: number;
  /** More words by which it is found. */
  words?: string;
  run: () => void;
}

const offered = new Set<() => readonly Action[]>();

/** Offers actions; call the result to take them away. */
export function offerActions(actions: () => readonly Action[]): () => void {
  offered.add(actions);
  return () => offered.delete(actions);
}

/** Everything that the page offers now. */
export function pageActions(): readonly Action[] {
  return [...offered].flatMap((actions) => actions());
}
