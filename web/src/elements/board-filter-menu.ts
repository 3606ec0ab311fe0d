/** The menus in which a board or a list is narrowed; their code comes when somebody opens one. */
import type { Choices } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import { FLAGS, isOn, ME, NOBODY, toggled, toggledMine, withWord } from "../lib/filters.ts";
import { me } from "../lib/me.ts";
import { openMenu, type Choice } from "../lib/menu.ts";
import { alarm, toast } from "../lib/toast.ts";
import { fetchChoices, type Tools } from "./board-filters.ts";

const SIGNS: Readonly<Record<string, string>> = { new: "video", waiting: "chat", unread: "inbox", overdue: "clock" };
const SCORES = ["3", "3.5", "4", "4.5"];

export function choose(anchor: HTMLElement, tools: Tools): void {
  const { query, stages, set } = tools;
  const choices: Choice[] = [
    {
      label: "Mine: I own or review",
      icon: "user",
      checked: isOn(query, "team", ME),
      run: () => set(toggledMine(query, ME)),
    },
    ...FLAGS.map(({ name, label, value }) => ({
      label,
      icon: SIGNS[name] ?? "filter",
      checked: isOn(query, name, value),
      run: () => set(toggled(query, name, value)),
    })),
    { label: "Owner…", icon: "user", apart: true, run: () => choosePerson(anchor, tools, "owner", "Owned by") },
    { label: "Reviewer…", icon: "eye", run: () => choosePerson(anchor, tools, "reviewer", "Reviewed by") },
    { label: "Score…", icon: "star", run: () => chooseScore(anchor, tools) },
    { label: "Tag…", icon: "flag", run: () => void chooseTag(anchor, tools) },
    { label: "Source…", icon: "globe", run: () => void chooseSource(anchor, tools) },
    ...stages.map((stage, index) => ({
      label: stage.name,
      colour: stage.colour,
      checked: isOn(query, "stage", stage.id),
      apart: index === 0,
      run: () => set(toggled(query, "stage", stage.id)),
    })),
  ];
  void openMenu(anchor, "Show only", choices);
}

/** One of a few values of a filter, each on or off. */
function value({ query, set }: Tools, name: string, word: string, label: string, colour = 0): Choice {
  return {
    label,
    ...(colour ? { colour } : {}),
    checked: isOn(query, name, word),
    run: () => set(toggled(query, name, word)),
  };
}

function choosePerson(anchor: HTMLElement, tools: Tools, name: string, heading: string): void {
  const others = tools.team.filter((person) => person.id !== me.id);
  void openMenu(anchor, heading, [
    value(tools, name, ME, "Me"),
    value(tools, name, NOBODY, "Nobody"),
    ...others.map((person, at) => ({ ...value(tools, name, person.id, person.name, person.colour), apart: at === 0 })),
  ]);
}

function chooseScore(anchor: HTMLElement, tools: Tools): void {
  const { query, set } = tools;
  void openMenu(anchor, "With a score of", [
    ...SCORES.map((least) => ({
      label: `${least} or more`,
      checked: isOn(query, "score", least),
      run: () => set(withWord(query, "score", isOn(query, "score", least) ? null : least)),
    })),
    { ...value(tools, "score", "none", "Not scored"), apart: true },
  ]);
}

async function chooseTag(anchor: HTMLElement, tools: Tools): Promise<void> {
  const found = await known(tools);
  if (!found) return;
  const tags = found.tags.map((tag) => value(tools, "tag", tag.id, tag.name, tag.colour));
  if (!tags.length) return void toast("This workspace has no tags yet. Add one on a profile or in the list.");
  void openMenu(anchor, "With all of these tags", tags);
}

async function chooseSource(anchor: HTMLElement, tools: Tools): Promise<void> {
  const found = await known(tools);
  if (!found) return;
  void openMenu(anchor, "Who came from", [
    value(tools, "source", "", "By themselves"),
    ...found.sources.map((source) => value(tools, "source", source, source)),
  ]);
}

async function known(tools: Tools): Promise<Choices | null> {
  try {
    return tools.choices ?? (await fetchChoices(tools));
  } catch (error) {
    alarm(sentence(error));
    return null;
  }
}
