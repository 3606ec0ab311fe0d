/** What the palette offers on the board and the list of a job. */
import type { Card, JobRow, JobView, StageView } from "../live/protocol.gen.ts";
import type { Action } from "../lib/actions.ts";
import { send, sentence } from "../lib/api.ts";
import { copyText } from "../lib/copy.ts";
import { api, may, path, shortName } from "../lib/me.ts";
import type { Target } from "../lib/moves.ts";
import { many } from "../lib/time.ts";
import { alarm } from "../lib/toast.ts";

/** Where cards can be moved by it. */
export interface Moving {
  readonly selection: { readonly ids: readonly string[] };
  allStages(): readonly StageView[];
  card(id: string): Card | undefined;
  stageOf(card: Card): string;
  move(id: string, target: Target): void;
  moveAll(ids: readonly string[], target: Target): void;
}

export function boardActions(job: Pick<JobRow, "id" | "state">, board?: Moving): readonly Action[] {
  const go = (rest: string) => () => location.assign(path(rest));
  if (!may.edit) return [];
  return [
    ...(board ? moves(board) : []),
    { label: "Add candidates from a file", icon: "people", words: "import csv list", run: go(`jobs/${job.id}/import`) },
    ...(job.state === "open"
      ? [{ label: "Copy candidate link", icon: "link", words: "add invite share", run: () => void copyLink(job.id) }]
      : []),
    { label: "Edit this job", icon: "write", words: "flow questions stages", run: go(`jobs/${job.id}/edit`) },
  ];
}

/** The chosen cards, or the one that has the focus, to any other stage. */
function moves(board: Moving): readonly Action[] {
  const { ids } = board.selection;
  const focused = document.activeElement?.closest<HTMLElement>("gr-board [data-card]")?.dataset["card"];
  const card = focused && !ids.length ? board.card(focused) : undefined;
  if (!card && !ids.length) return [];
  const who = card ? shortName(card.name) : many(ids.length, "chosen candidate");
  const stages = board.allStages().filter((stage) => !card || stage.id !== board.stageOf(card));
  return stages.map((stage) => {
    const target = { stage: stage.id, before: null };
    return {
      label: stage.kind === "declined" ? `Decline ${who}` : `Move ${who} to ${stage.name}`,
      colour: stage.colour,
      words: "stage",
      run: () => (card ? board.move(card.id, target) : board.moveAll(ids, target)),
    };
  });
}

/** Copies the candidates' link. */
export async function copyLink(job: string): Promise<void> {
  try {
    const { public_url } = await send<JobView>("GET", api(`jobs/${job}`));
    await copyText(public_url, "Link copied. Candidates need no account.");
  } catch (error) {
    alarm(sentence(error));
  }
}
