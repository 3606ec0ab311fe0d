/** What is being written on a scorecard, and how it goes on after the same scorecard was changed in another tab. Pure. */
import type { ScorecardView } from "../live/protocol.gen.ts";

export type Draft = Pick<ScorecardView, "ratings" | "hire" | "why">;

export const BLANK: Draft = { ratings: {}, hire: "", why: "" };

export function draftOf(mine: ScorecardView | null): Draft {
  return mine ? { ratings: mine.ratings, hire: mine.hire, why: mine.why } : BLANK;
}

/**
 * `written` here on top of `latest`: each part as it was changed here, the others as they are there. Changed is what is
 * no longer as it was read (`base`), nor as it was `sent` in the save that is on its way: taking back what is being
 * saved is a change, too.
 */
export function rebased(written: Draft, base: Draft, latest: Draft, sent: Draft = base): Draft {
  const ratings = { ...latest.ratings };
  for (const id of new Set([
    ...Object.keys(written.ratings),
    ...Object.keys(base.ratings),
    ...Object.keys(sent.ratings),
  ])) {
    const value = written.ratings[id];
    if (value === base.ratings[id] && value === sent.ratings[id]) continue;
    if (value === undefined) delete ratings[id];
    else ratings[id] = value;
  }
  return {
    ratings,
    hire: written.hire === base.hire && written.hire === sent.hire ? latest.hire : written.hire,
    why: words(written.why, [base.why, sent.why], latest.why),
  };
}

/** Spaces at the end, which the server does not keep, stay while somebody writes. What both wrote stands there whole. */
function words(written: string, known: readonly string[], latest: string): string {
  const [mine, theirs] = [written.trim(), latest.trim()];
  const before = known.map((text) => text.trim());
  if (mine === theirs) return written;
  if (before.every((text) => text === mine)) return latest;
  if (before.includes(theirs)) return written;
  return mine.includes(theirs) ? written : `${theirs}\n\n${written}`;
}
