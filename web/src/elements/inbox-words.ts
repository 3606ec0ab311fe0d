/** How the bell speaks: sentences in parts, days and ages. Pure. */
import type { NoticeKind, Notification } from "../live/protocol.gen.ts";
import { shortName } from "../lib/me.ts";
import { age, date, many, timeOfDay } from "../lib/time.ts";
import type { Part } from "../lib/toast.ts";
import { DAY, daysBetween } from "./inbox-muting.ts";

export const ICONS: Readonly<Record<NoticeKind, string>> = {
  submitted: "play",
  message: "chat",
  applied: "user",
  interrupted: "alert",
  lost: "alert",
  joined: "people",
  moved: "check",
  made_owner: "user",
  made_reviewer: "eye",
  mentioned: "at",
  noted: "note",
  overdue: "clock",
  imported: "people",
  brought: "clip",
  scored: "star",
  meeting_planned: "cal",
  meeting_changed: "cal",
  meeting_called_off: "cal",
  meeting_without_you: "cal",
  meeting_deserted: "alert",
};

const ROLES: Readonly<Record<string, string>> = {
  owner: "Owner",
  admin: "Admin",
  recruiter: "Recruiter",
  reviewer: "Reviewer",
};

const strong = (text: string): Part => ({ text: shortName(text), strong: true });

/** Who did what, without the job. */
export function sentenceOf(line: Notification): readonly Part[] {
  const name = line.candidate ? strong(line.name) : { text: many(line.answers, "candidate"), strong: true };
  const colleague = strong(line.by?.name ?? "Somebody");
  switch (line.kind) {
    case "submitted":
      return [name, { text: ` sent ${many(line.answers, "answer")}` }];
    case "message":
      return [name, { text: " wrote to you" }];
    case "applied":
      return [name, { text: " applied" }];
    case "interrupted":
      return [{ text: "A recording of " }, name, { text: " was cut off on our side" }];
    case "lost":
      return [{ text: "A recording of " }, name, { text: " was lost on our side" }];
    case "joined":
      return [colleague, { text: " joined the team" }];
    case "mentioned":
      return [colleague, { text: " mentioned you on " }, name];
    case "noted":
      return [colleague, { text: " wrote a note on " }, name];
    case "made_owner":
      return line.by
        ? [colleague, { text: " made you the owner of " }, name]
        : [{ text: "You own " }, name, { text: " now" }];
    case "made_reviewer":
      return line.by ? [colleague, { text: " asked you to review " }, name] : [name, { text: " is yours to review" }];
    case "moved":
      return [colleague, { text: " moved " }, name, { text: ` to ${line.stage}` }];
    case "overdue":
      return [{ text: "The answer promised to " }, name, { text: " is late" }];
    case "scored":
      return [colleague, { text: " submitted a scorecard for " }, name];
    case "meeting_planned":
      return [colleague, { text: " planned a meeting with " }, name, { text: ` and you${whenOf(line)}` }];
    case "meeting_changed":
      return [colleague, { text: " changed your meeting with " }, name, { text: whenOf(line) }];
    case "meeting_called_off":
      return [colleague, { text: " called off your meeting with " }, name, { text: whenOf(line) }];
    case "meeting_without_you":
      return [colleague, { text: " took you out of a meeting with " }, name, { text: whenOf(line) }];
    case "meeting_deserted":
      return [{ text: "Nobody takes part any more in the meeting with " }, name, { text: whenOf(line) }];
    case "brought":
      return [name, { text: " added a file" }];
    case "imported":
      return [{ text: many(line.answers, "candidate"), strong: true }, { text: " imported from a list" }];
  }
}

/** When a meeting is, on the reader's own clock. */
function whenOf({ starts_at }: Notification): string {
  return starts_at ? `: ${date(starts_at)}, ${timeOfDay(starts_at)}` : "";
}

/** The line below: the job, or what a colleague is here. */
export function aboutOf(line: Notification): string {
  if (line.kind === "joined") return ROLES[line.about] ?? line.about;
  return line.about;
}

/** Many of one kind in one sentence. */
export function sentenceOfMany(lines: readonly Notification[]): readonly Part[] {
  const first = lines[0]!;
  const whom = new Set(lines.map((line) => line.candidate ?? line.by?.id ?? line.id));
  if (lines.length === 1) return sentenceOf(first);
  if (whom.size === 1 && first.kind === "message") {
    return [strong(first.name), { text: ` sent ${many(lines.length, "message")}` }];
  }
  if (whom.size === 1) return sentenceOf(first);
  const candidates = { text: many(whom.size, "candidate"), strong: true };
  switch (first.kind) {
    case "submitted":
      return [candidates, { text: " submitted answers" }];
    case "message":
      return [candidates, { text: " wrote to you" }];
    case "applied":
      return [{ text: many(whom.size, "person", "people"), strong: true }, { text: " applied" }];
    case "interrupted":
    case "lost":
      return [{ text: "Recordings of " }, candidates, { text: " broke off on our side" }];
    case "joined":
      return [{ text: many(whom.size, "colleague"), strong: true }, { text: " joined the team" }];
    case "mentioned":
      return [{ text: "You were mentioned on " }, candidates];
    case "noted":
      return [{ text: "There are notes on " }, candidates];
    case "made_owner":
      return [{ text: "You own " }, candidates, { text: " more" }];
    case "made_reviewer":
      return [candidates, { text: " are yours to review" }];
    case "moved":
      return [candidates, { text: " were moved to an offer or hired" }];
    case "overdue":
      return [{ text: "Answers promised to " }, candidates, { text: " are late" }];
    case "scored":
      return [{ text: "Scorecards were submitted for " }, candidates];
    case "meeting_planned":
      return [{ text: "There are meetings with you and " }, candidates];
    case "meeting_changed":
      return [{ text: "Your meetings have changed with " }, candidates];
    case "meeting_called_off":
      return [{ text: "Your meetings are called off with " }, candidates];
    case "meeting_without_you":
      return [{ text: "You were taken out of meetings with " }, candidates];
    case "meeting_deserted":
      return [{ text: "Nobody takes part any more in meetings with " }, candidates];
    case "brought":
      return [candidates, { text: " added files" }];
    case "imported": {
      const sum = lines.reduce((total, line) => total + line.answers, 0);
      return [{ text: many(sum, "candidate"), strong: true }, { text: " imported from lists" }];
    }
  }
}

/** The same as plain words. */
export function plainWords(parts: readonly Part[]): string {
  return parts.map((part) => part.text).join("");
}

/** The heading of a day: "Today", "Yesterday", "Friday", then the date. */
export function dayOf(at: string, now = Date.now()): string {
  const days = daysBetween(new Date(at), new Date(now));
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return new Date(at).toLocaleDateString("en-GB", { weekday: "long" });
  return date(at, now);
}

/** "6m", "2h", then the time of day: the day stands above. */
export function ageOf(at: string, now = Date.now()): string {
  return now - Date.parse(at) < DAY ? age(at, now) : timeOfDay(at);
}
