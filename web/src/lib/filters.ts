/**
 * What a board is narrowed to, as its address says it. The server evaluates it over all candidates; the page offers what
 * it knows how to show and keeps whatever else stands in the address.
 */
import type { Person, StageView, TagView } from "../live/protocol.gen.ts";

/** A filter that is on or off: its word in the address, and what people read. */
export interface Flag {
  name: string;
  label: string;
  /** What its word is in the address; "1" when left out. */
  value?: string;
}

/** What is offered besides stages. Capabilities add theirs, together with the server's part. */
export const FLAGS: Flag[] = [
  { name: "new", label: "New answers" },
  { name: "waiting", label: "Waiting for us" },
  { name: "unread", label: "Unread by me", value: "me" },
  { name: "overdue", label: "Past their promise" },
];

/** Only what this member owns or reviews, or all of it when that is on. */
export function toggledMine(query: string, member: string): string {
  return toggled(query, "team", member);
}

/** One part of what is asked for, with the address that has it no more. */
export interface Chip {
  label: string;
  without: string;
}

/** The same words always give the same address. */
function spelled(query: URLSearchParams): string {
  query.sort();
  return query.toString();
}

/** What the page's address asks for. */
export function asked(): string {
  return spelled(new URLSearchParams(location.search));
}

/** The address's words with a search for this text, none if it is empty. */
export function withText(query: string, text: string): string {
  const changed = new URLSearchParams(query);
  if (text.trim()) changed.set("q", text.trim());
  else changed.delete("q");
  return spelled(changed);
}

export function textOf(query: string): string {
  return new URLSearchParams(query).get("q") ?? "";
}

/** Turns a filter of that value on, or off when it is on. */
export function toggled(query: string, name: string, value = "1"): string {
  const changed = new URLSearchParams(query);
  if (changed.has(name, value)) changed.delete(name, value);
  else changed.append(name, value);
  return spelled(changed);
}

export function isOn(query: string, name: string, value = "1"): boolean {
  return new URLSearchParams(query).has(name, value);
}

/** The stages that are shown; none named: all. */
export function stagesOf<S extends StageView>(query: string, stages: readonly S[]): S[] {
  const named = new Set(new URLSearchParams(query).getAll("stage"));
  const found = stages.filter((stage) => named.has(stage.id));
  return found.length ? found : [...stages];
}

/** In an address: whoever looks, and nobody at all. */
export const ME = "me";
export const NOBODY = "nobody";

/** Everything but the filters: how it is shown. */
const SHOWN = ["sort", "columns", "view"];

/** The address's words without any filter. */
export function unfiltered(query: string): string {
  const words = new URLSearchParams(query);
  return spelled(new URLSearchParams([...words].filter(([name]) => SHOWN.includes(name))));
}

/** The address's words with this one set to one value, or without it. */
export function withWord(query: string, name: string, value: string | null): string {
  const changed = new URLSearchParams(query);
  if (value === null) changed.delete(name);
  else changed.set(name, value);
  return spelled(changed);
}

/** Whose word it is, of those who may be asked for. */
interface Known {
  stages: readonly StageView[];
  team: readonly Person[];
  tags: readonly TagView[];
  mine: string;
}

/** What is asked for besides the text, to be taken away one by one. */
export function chips(query: string, { stages, team, tags, mine }: Known): Chip[] {
  const words = new URLSearchParams(query);
  const name = (id: string) =>
    id === mine || id === ME ? "me" : (team.find((person) => person.id === id)?.name ?? "a colleague");
  const labels: Record<string, (value: string) => string> = {
    team: (id) => (id === mine || id === ME ? "Mine" : name(id)),
    owner: (id) => (id === NOBODY ? "No owner" : `Owner: ${name(id)}`),
    reviewer: (id) => (id === NOBODY ? "No reviewer" : `Reviewer: ${name(id)}`),
    tag: (id) => `Tag: ${tags.find((tag) => tag.id === id || tag.was.includes(id))?.name ?? "…"}`,
    score: (least) => (least === "none" ? "Not scored" : `Score ${least} or more`),
    source: (source) => (source ? `From: ${source}` : "Came by themselves"),
    stage: (id) => stages.find((stage) => stage.id === id)?.name ?? "A removed stage",
  };
  return [
    ...Object.entries(labels).flatMap(([word, label]) =>
      words.getAll(word).map((value) => ({ label: label(value), without: toggled(query, word, value) })),
    ),
    ...FLAGS.filter((flag) => isOn(query, flag.name, flag.value)).map((flag) => ({
      label: flag.label,
      without: toggled(query, flag.name, flag.value),
    })),
  ];
}
