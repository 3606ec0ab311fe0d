/** What keys and the palette do on the page of a candidate. */
import type { ApplicationView, StageView } from "../live/protocol.gen.ts";
import { offerActions, type Action } from "../lib/actions.ts";
import { may, path, shortName } from "../lib/me.ts";
import { offer, type Shortcut } from "../lib/shortcuts.ts";

/** What they work on, as it is now. */
export interface Reviewed {
  readonly view: ApplicationView;
  move(stage: StageView): void;
  chooseStage(): void;
  chooseTeam(): void;
  write(tab: "notes" | "messages"): void;
  /** Show an answer, counted from 0. */
  answer(at: number): void;
  /** Take the focus to my scorecard. */
  score(): void;
  /** Plan a meeting with them. */
  meet(): void;
}

/** Offers both; call the result to take them away. */
export function offerHere(now: () => Reviewed): () => void {
  const ends = [offer(shortcuts(now)), offerActions(() => actions(now()))];
  return () => {
    for (const end of ends) end();
  };
}

function shortcuts(now: () => Reviewed): readonly Shortcut[] {
  const group = "Here";
  /** An open menu has the keys. */
  const free = (run: () => unknown) => () => !document.querySelector(".menu:popover-open") && run();
  return [
    ...(may.move
      ? [{ keys: "M", label: "Move to a stage", group, run: free(() => now().chooseStage()) } as const]
      : []),
    { keys: "I", label: "Who looks after them", group, run: free(() => now().chooseTeam()) },
    { keys: "N", label: "Write a note", group, run: free(() => now().write("notes")) },
    { keys: "C", label: "Conversation", group, run: free(() => now().write("messages")) },
    { keys: "S", label: "Scorecard: then 1 to 5", group, run: free(() => now().score()) },
    {
      keys: "1",
      label: now().view.answers.length > 1 ? `First of ${now().view.answers.length} answers, and so on` : "",
      group: "Watching",
      run: free(() => shows(now(), 0)),
    },
    ...[..."23456789"].map((keys, at) => ({
      keys,
      label: "",
      group: "Watching" as const,
      run: free(() => shows(now(), at + 1)),
    })),
  ];
}

function shows({ view, answer }: Reviewed, at: number): boolean {
  if (view.answers[at]) answer(at);
  return Boolean(view.answers[at]);
}

function actions({ view, move, chooseTeam, write, score, meet }: Reviewed): readonly Action[] {
  const name = shortName(view.name);
  const stages = may.move ? view.stages.filter((stage) => stage.id !== view.card.stage) : [];
  const go = (rest: string) => () => location.assign(path(rest));
  return [
    ...stages.map((stage) => ({
      label: stage.kind === "declined" ? `Decline ${name}` : `Move ${name} to ${stage.name}`,
      colour: stage.colour,
      words: "stage",
      run: () => move(stage),
    })),
    { label: `Who looks after ${name}`, icon: "user", words: "assign owner reviewer follow", run: chooseTeam },
    ...(may.move ? [{ label: "Plan a meeting", icon: "cal", words: "interview call appointment", run: meet }] : []),
    { label: "Write a note", icon: "note", run: () => write("notes") },
    { label: `Score ${name}`, icon: "star", words: "scorecard rate review", run: score },
    {
      label: may.write ? `Write to ${name}` : "Read the conversation",
      icon: "chat",
      words: "message reply",
      run: () => write("messages"),
    },
    { label: `Profile of ${name}`, icon: "file", run: go(`candidates/${view.card.candidate}`) },
    { label: `Board of ${view.job.title}`, icon: "board", run: go(`jobs/${view.job.id}`) },
  ];
}
