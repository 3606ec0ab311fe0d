/** What the palette offers for some words: pages and actions of this tab at once, people and jobs as the server finds. */
import type { Finding, FoundJob, FoundPerson } from "../live/protocol.gen.ts";
import { sentence } from "../lib/api.ts";
import type { Action } from "../lib/actions.ts";
import { may, path } from "../lib/me.ts";
import { plainName } from "../lib/moves.ts";
import { promiseWords } from "../lib/promise.ts";
import { recent } from "../lib/recent.ts";
import { signOut } from "../lib/sign-out.ts";
import { chooseTheme } from "../lib/theme.ts";
import { many } from "../lib/time.ts";
import { alarm } from "../lib/toast.ts";
import { bell } from "./inbox-state.ts";

export interface Hit {
  id: string;
  label: string;
  detail?: string;
  /** What stands on the right. */
  aside?: string;
  icon?: string;
  colour?: number;
  /** A candidate: their id and picture, for the face. */
  face?: { id: string; poster: string | null };
  /** Where it leads; an action has none. */
  url?: string;
  run?: () => void;
}

export interface Section {
  title: string;
  hits: readonly Hit[];
}

/** What to look for: everything, or what a sign before the words narrows it to. */
export interface Asked {
  kind: "all" | "actions" | "people" | "jobs";
  words: string;
}

const SIGNS: Readonly<Record<string, Asked["kind"]>> = { ">": "actions", "@": "people", "#": "jobs" };
const MOST = 7; // pages and actions at a time, so that people stay in sight

export function askedOf(text: string): Asked {
  const kind = SIGNS[text.trimStart()[0] ?? ""];
  return kind ? { kind, words: text.trimStart().slice(1).trim() } : { kind: "all", words: text.trim() };
}

/** Everything that fits, section by section; `found` is what the server has said, if it has, `offered` what the page does. */
export function sectionsOf(
  { kind, words }: Asked,
  found: Finding | null,
  offered: readonly Action[],
): readonly Section[] {
  const wanted = plainName(words).split(/\s+/).filter(Boolean);
  const fits = (label: string, more = "") =>
    wanted.every((word) =>
      plainName(`${label} ${more}`)
        .split(/[\s.,]+/)
        .some((one) => one.startsWith(word)),
    );
  const all = kind === "all";
  const sections: Section[] = [];
  if (all && !words) sections.push({ title: "Recent", hits: recent().map((one) => ({ ...one, id: `r${one.url}` })) });
  if ((all || kind === "people") && found) {
    sections.push({
      title: found.similar ? "Similar names" : "Candidates",
      hits: found.people.map(person),
    });
  }
  if ((all || kind === "jobs") && found) sections.push({ title: "Jobs", hits: found.jobs.map(job) });
  if (all || kind === "actions") {
    const here = offered.filter((one) => fits(one.label, one.words));
    const shown = kind === "actions" || !words ? here : here.slice(0, MOST);
    sections.push({ title: "On this page", hits: shown.map((one, at) => ({ ...one, id: `p${at}` })) });
    const known = everywhere().filter((one) => fits(one.label, one.words));
    sections.push({ title: "Go to", hits: known.filter((one) => one.url) });
    sections.push({ title: "Actions", hits: known.filter((one) => !one.url) });
  }
  return sections.filter(({ hits }) => hits.length);
}

function person(one: FoundPerson): Hit {
  const left = one.promised ? `, ${promiseWords(one.promised).spoken.toLowerCase()}` : "";
  return {
    id: `c${one.application}`,
    label: one.name,
    detail: `${one.title}, ${one.stage}${left}`,
    face: { id: one.candidate, poster: one.poster },
    icon: "user",
    url: path(`applications/${one.application}`),
  };
}

function job(one: FoundJob): Hit {
  return {
    id: `j${one.id}`,
    label: one.title,
    aside: one.state === "open" ? many(one.people, "candidate") : one.state,
    colour: one.colour,
    icon: "jobs",
    url: path(`jobs/${one.id}`),
  };
}

/** Pages, and what can be done from each of them. */
function everywhere(): readonly (Hit & { words?: string })[] {
  const page = (label: string, icon: string, rest: string, words = "") => ({
    id: `g${rest}`,
    label,
    icon,
    url: path(rest),
    words,
  });
  const act = (label: string, icon: string, run: () => void, words = "") => ({
    id: `a${label}`,
    label,
    icon,
    run,
    words,
  });
  return [
    page("Home", "home", "home", "start"),
    page("Waiting for us", "clock", "home?show=waiting", "promises overdue"),
    page("My reviews", "eye", "home?show=reviews", "mine"),
    page("Mentions", "at", "home?show=mentions"),
    page("Jobs", "jobs", "jobs", "boards"),
    page("All candidates", "user", "candidates", "people"),
    page("People", "people", "people", "team members colleagues"),
    ...(may.write ? [page("Message templates", "text", "templates", "canned saved replies words")] : []),
    ...(may.manage ? [page("Live monitor", "pulse", "monitor")] : []),
    page("Notifications", "bell", "inbox", "inbox"),
    ...(may.edit && !location.pathname.endsWith("/jobs") ? [page("New job", "plus", "jobs#new", "add create")] : []),
    ...(may.manage && !location.pathname.endsWith("/people")
      ? [page("Invite a colleague", "mail", "people#invite", "add member")]
      : []),
    ...(bell.unread ? [act("Mark all notifications read", "check", () => void readAll())] : []),
    act("Light theme", "sun", () => chooseTheme("light")),
    act("Dark theme", "moon", () => chooseTheme("dark")),
    act("Theme as the system has it", "laptop", () => chooseTheme("system"), "auto"),
    act("Keyboard shortcuts", "help", () => void import("./shortcut-list.ts").then((list) => list.open()), "keys"),
    act("Sign out", "leave", () => void signOut(), "log out"),
  ];
}

async function readAll(): Promise<void> {
  await bell.read().catch((error: unknown) => alarm(sentence(error)));
}

/** "Greenroom" in parts: those that were looked for are marked. Accents and case aside; a mark never splits a letter. */
export function markedParts(label: string, words: string): readonly { text: string; hit: boolean }[] {
  const letters = [...label];
  const plain = letters.map((letter) => plainName(letter));
  const hits = new Array<boolean>(letters.length).fill(false);
  for (const word of plainName(words).split(/\s+/).filter(Boolean)) {
    for (let at = 0; at < letters.length; at += 1) {
      let end = at;
      let text = "";
      while (end < letters.length && text.length < word.length) text += plain[end++];
      if (text === word) hits.fill(true, at, end);
    }
  }
  const parts: { text: string; hit: boolean }[] = [];
  for (const [at, letter] of letters.entries()) {
    const last = parts.at(-1);
    if (last && last.hit === hits[at]) last.text += letter;
    else parts.push({ text: letter, hit: hits[at]! });
  }
  return parts;
}
