/**
 * A job's flow as it is edited. Pure: no DOM, no requests. The server checks the same rules and has the last word; here
 * they keep what is half written from being sent.
 */
import type {
  DesignedStage,
  FlowTemplateView,
  HiredIn,
  Need,
  NeedOffer,
  StageAction,
  StageKind,
} from "../live/protocol.gen.ts";
import { newKey } from "./api.ts";
import { many } from "./time.ts";

/** A stage as it is edited; `key` is its own from the start, `id` comes with the first save. */
export interface Step {
  key: string;
  id: string | null;
  name: string;
  kind: StageKind;
  colour: number;
  hint: number;
  days: number;
  needs: readonly Need[];
  actions: readonly StageAction[];
}

export const KINDS: Readonly<Record<StageKind, string>> = {
  inbox: "Applicants",
  questions: "Video questions",
  review: "Review",
  task: "Test task",
  conversation: "Conversation",
  interview: "Interview",
  offer: "Offer",
  hired: "Hired",
  declined: "Declined",
};

/** Kinds of actions that need somebody to choose from. */
const ASSIGNS: ReadonlySet<string> = new Set(["assign", "own"]);

export const MOST_STAGES = 24;
const COLOURS: Readonly<Partial<Record<StageKind, number>>> = {
  questions: 8,
  review: 10,
  task: 4,
  conversation: 3,
  interview: 9,
  offer: 2,
};

/** Every flow has these once, at their places: applicants come in at the left, ways end at the right. */
export const fixed = (kind: StageKind): boolean => kind === "inbox" || kind === "hired" || kind === "declined";

export const CHOOSABLE = (Object.keys(KINDS) as StageKind[]).filter((kind) => !fixed(kind));

const localKey = (): string => Math.random().toString(36).slice(2);

export function stepOf({ people: _people, ...stage }: DesignedStage): Step {
  return { key: stage.id, ...stage };
}

export function newStep(among: readonly Step[], kind: StageKind = "review"): Step {
  const base = KINDS[kind];
  const taken = new Set(among.map((step) => step.name.trim().toLowerCase()));
  let name = base;
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base} ${number}`;
  return {
    key: localKey(),
    id: null,
    name,
    kind,
    colour: COLOURS[kind] ?? 7,
    hint: 0,
    days: 0,
    needs: [],
    actions: [],
  };
}

/** Changes the kind; a name and a colour that nobody chose follow it. */
export function withKind(step: Step, kind: StageKind, among: readonly Step[]): Step {
  const others = among.filter((other) => other.key !== step.key);
  const plain = new RegExp(`^${KINDS[step.kind]}( \\d+)?$`).test(step.name);
  const fresh = newStep(others, kind);
  const colour = step.colour === COLOURS[step.kind] ? fresh.colour : step.colour;
  return { ...step, kind, colour, name: plain ? fresh.name : step.name };
}

/** A stage as the server takes it. */
export type Sent = Omit<Step, "key" | "id"> & { id?: string };

/** The steps as the server takes them. */
export function bodyOf(steps: readonly Step[]): Sent[] {
  return steps.map(({ key: _key, id, name, ...rest }) => ({ ...(id ? { id } : {}), name: name.trim(), ...rest }));
}

/** Whether what is edited is what the server has. */
export function sameFlow(steps: readonly Step[], stages: readonly DesignedStage[]): boolean {
  return JSON.stringify(bodyOf(steps).map(sorted)) === JSON.stringify(bodyOf(stages.map(stepOf)).map(sorted));
}

function sorted(value: object): unknown {
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** What keeps a step from being saved, by field; nothing when it can be. */
export function faultOf(step: Step, steps: readonly Step[]): { name?: string; action?: string } {
  const name = step.name.trim().toLowerCase();
  if (!name) return { name: "A stage needs a name." };
  if (steps.some((other) => other.key !== step.key && other.name.trim().toLowerCase() === name)) {
    return { name: "Another stage has this name already." };
  }
  const empty = step.actions.find(
    (action) =>
      (action.kind === "message" && !action.text.trim()) || (ASSIGNS.has(action.kind) && !action.people.length),
  );
  return empty ? { action: empty.id } : {};
}

/** How many steps lie between the hello and the decision, and how many days the team means to take for them. */
export function lengthOf(steps: readonly Step[]): { steps: number; days: number; planned: boolean } {
  const between = steps.filter((step) => step.kind !== "hired" && step.kind !== "declined");
  return {
    steps: between.length - 1,
    days: between.reduce((sum, step) => sum + step.days, 0),
    planned: between.some((step) => step.days > 0),
  };
}

/** What the length of a flow means, from this flow and this workspace's own hires alone. */
export function verdictOf(
  steps: readonly Step[],
  hired: HiredIn | null,
): { tone: "good" | "warn" | ""; words: string } {
  const length = lengthOf(steps);
  const own = hired && `The ${hired.people} people hired here took ${many(hired.days, "day")} (median)`;
  const count = many(length.steps, "step");
  if (!length.planned) {
    const ask = "Plan days per stage to see how long it takes.";
    return {
      tone: "",
      words: own ? `${count} from hello to offer. ${own}. ${ask}` : `${count} from hello to offer. ${ask}`,
    };
  }
  const sum = `About ${many(length.days, "day")} and ${count} from hello to offer`;
  if (!hired || !own) return { tone: "", words: `${sum}, as planned here.` };
  if (length.days > hired.days)
    return { tone: "warn", words: `${sum}. That is longer than usual: ${own.toLowerCase()}.` };
  return { tone: "good", words: `${sum}. ${own}.` };
}

/** A rule in words. */
export function needWords(need: Need, offers: readonly NeedOffer[]): string {
  const offer = offers.find((one) => one.kind === need.kind);
  if (!offer) return need.kind;
  const words = offer.counted ? many(need.count, offer.one, offer.many) : offer.one;
  return need.least ? `${words}, ${need.least} or more` : words;
}

/** Moves a step, never past the ends that stay. */
export function shifted(steps: readonly Step[], key: string, to: number): Step[] | null {
  const from = steps.findIndex((step) => step.key === key);
  const step = steps[from];
  if (!step || fixed(step.kind) || from === to || to < 1 || to > steps.length - 3) return null;
  return steps.toSpliced(from, 1).toSpliced(to, 0, step);
}

/** A template over a flow: stages of the same kind stay the same stages, so that people stay where they are. */
export function fromTemplate(template: FlowTemplateView, steps: readonly Step[]): Step[] {
  const left = [...steps];
  return template.stages.map((stage) => {
    const named = left.findIndex((step) => step.kind === stage.kind && step.name === stage.name);
    const at = named >= 0 ? named : left.findIndex((step) => step.kind === stage.kind);
    const known = at >= 0 ? left.splice(at, 1)[0] : undefined;
    const actions = stage.actions.map((action) => ({ ...action, id: newKey() }));
    return { ...stage, key: known?.key ?? localKey(), id: known?.id ?? null, actions };
  });
}
