/** The signed-in member and workspace, as the team layout writes them on `<body>`. */
import type { Role } from "../live/protocol.gen.ts";

export interface Self {
  id: string;
  name: string;
  colour: number;
  role: Role;
  workspace: string;
  slug: string;
  unread: number;
}

const words = document.body.dataset;

export const me: Readonly<Self> = {
  id: words["me"] ?? "",
  name: words["name"] ?? "",
  colour: Number(words["colour"] ?? 1),
  role: (words["role"] ?? "reviewer") as Role,
  workspace: words["workspace"] ?? "",
  slug: words["slug"] ?? "",
  unread: Number(words["unread"] ?? 0),
};

/** The path of a member page or, with `api("jobs")`, of a member request. */
export const path = (rest: string): string => `/w/${me.slug}/${rest}`;
export const api = (rest: string): string => path(`api/${rest}`);

/** What roles may do, so that pages offer only what the server will accept; the server decides. */
export const may = {
  edit: me.role !== "reviewer",
  move: me.role !== "reviewer",
  /** Messages to candidates; everybody writes notes. */
  write: me.role !== "reviewer",
  manage: me.role === "owner" || me.role === "admin",
};

/** The first word of a name, cut where a line is short. */
export function firstName(name: string): string {
  const first = name.trim().split(/\s+/u)[0] ?? name;
  return first.length > 24 ? `${first.slice(0, 23)}…` : first;
}

/** A name as a sentence can hold it. */
export function shortName(name: string): string {
  return name.length > 48 ? `${name.slice(0, 47)}…` : name;
}
