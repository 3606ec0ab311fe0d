/**
 * Toasts of what arrives while a page is looked at: one for each event, grouped when several of a kind come together,
 * and none for what the page itself shows.
 */
import type { NoticeKind, Notification } from "../live/protocol.gen.ts";
import { iconElement } from "../lib/icons.ts";
import { path } from "../lib/me.ts";
import { toast } from "../lib/toast.ts";
import { ICONS, sentenceOfMany } from "./inbox-words.ts";

const groups = new Map<NoticeKind, Notification[]>();
const closers = new Map<NoticeKind, () => void>();

/** Whether this page shows the event already: the candidate's own page, the bell's, and the board that a card moved on. */
export function isHere(line: Notification): boolean {
  const here = location.pathname;
  if (here === new URL(line.url, location.href).pathname || here === path("inbox")) return true;
  return line.kind === "moved" && here === path(`jobs/${line.job ?? ""}`);
}

/** Shows a line, or adds it to what is still on the screen of its kind. */
export function announce(line: Notification, open: () => void): void {
  const lines = [...(groups.get(line.kind) ?? []).filter((other) => other.id !== line.id), line];
  groups.set(line.kind, lines);
  const one = new Set(lines.map((other) => other.url)).size === 1;
  const close = toast(sentenceOfMany(lines), {
    before: iconElement(ICONS[line.kind]),
    name: `notices-${line.kind}`,
    action: one ? { label: "Open", url: line.url } : { label: "Show", run: open },
    closed: () => {
      groups.delete(line.kind);
      closers.delete(line.kind);
    },
  });
  closers.set(line.kind, close);
}

/** The bell shows them now. */
export function dismiss(): void {
  for (const close of [...closers.values()]) close();
}
