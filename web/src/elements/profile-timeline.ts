/** The timeline of a person: every entry as a sentence, under the days. Pure: everything it shows is handed in. */
import { html, nothing, type TemplateResult } from "lit";
import type { EntryKind, ProfileView, TimelineEntry } from "../live/protocol.gen.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { firstName, me } from "../lib/me.ts";
import { candidateFace } from "../lib/picture.ts";
import { date, day, exactly, timeOfDay } from "../lib/time.ts";

export type Shown = "all" | "messages" | "notes" | "changes";

export const SHOWN: readonly { key: Shown; name: string }[] = [
  { key: "all", name: "All" },
  { key: "messages", name: "Messages" },
  { key: "notes", name: "Notes" },
  { key: "changes", name: "Changes" },
];

const ICONS: Readonly<Record<EntryKind, string>> = {
  applied: "file",
  imported: "people",
  application_moved: "move",
  application_opened: "eye",
  answered: "video",
  submitted: "check",
  note_written: "lock",
  message_written: "chat",
  profile_edited: "write",
  candidate_tagged: "flag",
  field_filled: "write",
  file_added: "clip",
  file_removed: "bin",
  candidates_merged: "people",
  merge_undone: "undo",
  promise_made: "clock",
  promise_broken: "alert",
  candidates_set_apart: "people",
  assigned: "user",
  assignment_taken_back: "undo",
  application_added: "plus",
  source_set: "globe",
  link_asked: "mail",
  consent_given: "check",
  scorecard_submitted: "star",
  meeting_planned: "cal",
  meeting_changed: "cal",
  meeting_called_off: "cal",
};

const PARTICULARS: Readonly<Record<string, string>> = {
  name: "the name",
  phone: "the phone number",
  location: "the place",
  headline: "the headline",
  links: "the links",
};

function fits(entry: TimelineEntry, shown: Shown): boolean {
  if (shown === "messages") return entry.kind === "message_written";
  if (shown === "notes") return entry.kind === "note_written";
  return shown === "all" || (entry.kind !== "message_written" && entry.kind !== "note_written");
}

/** "a", "a and b", "a, b and c". */
function list(words: readonly string[]): TemplateResult {
  return html`${words.map(
    (word, at) => html`${at === 0 ? "" : at === words.length - 1 ? " and " : ", "}<b><bdi>${word}</bdi></b>`,
  )}`;
}

/** What it is called, and when it is, or was to be. */
function meeting({ text, what: [at] }: TimelineEntry): TemplateResult {
  const name = text ? html`<b><bdi>${text}</bdi></b>` : html`a meeting`;
  return html`${name}${at ? ` (${date(at)}, ${timeOfDay(at)})` : ""}`;
}

/** What happened, in a sentence. */
function sentence(entry: TimelineEntry, name: string): TemplateResult {
  const who = html`<b>${entry.by ? (entry.by.id === me.id ? "You" : firstName(entry.by.name)) : firstName(name)}</b>`;
  const { what, was } = entry;
  const job = entry.title ? html`<b><bdi>${entry.title}</bdi></b>` : nothing;
  switch (entry.kind) {
    case "applied":
      return html`${who} applied to ${job}`;
    case "imported":
      return html`${who} added them to ${job}${what.length ? html` from ${list(what)}` : nothing}`;
    case "application_moved":
      return html`${entry.by ? html`${who} moved them` : "Moved by itself"}${was.length ? html` from ${list(was)}` : nothing}
      to ${what.length ? list(what) : "a stage that is gone"}`;
    case "application_opened":
      return html`${who} looked at the answers first`;
    case "answered":
      return html`${who} answered ${what.length ? list(what) : "a question"}`;
    case "submitted":
      return html`${who} handed the answers in`;
    case "promise_made":
      return html`${job}: they were promised an answer`;
    case "promise_broken":
      return html`${job}: the promised answer is late`;
    case "profile_edited":
      return html`${who} changed ${what.map((field) => PARTICULARS[field] ?? field).join(", ")}`;
    case "candidate_tagged":
      return html`${who}
      ${what.length ? html`added ${list(what)}` : nothing}${what.length && was.length ? " and " : ""}${
        was.length ? html`took off ${list(was)}` : nothing
      }${what.length || was.length ? "" : "changed the tags"}`;
    case "field_filled":
      return html`${who} filled in ${what.length ? list(what) : "a field that is gone"}`;
    case "file_added":
      return html`${who} added ${what.length ? list(what) : "a file that is gone"}`;
    case "candidates_merged":
      return html`${who} merged ${what.length ? list(what) : "another profile"} into this one`;
    case "merge_undone":
      return html`${who} undid the merge with ${what.length ? list(what) : "another profile"}`;
    case "file_removed":
      return html`${who} ${entry.by ? "deleted a file" : "took a file back"}`;
    case "candidates_set_apart":
      return html`${who} said that ${what.length ? list(what) : "somebody who looked alike"} is another person`;
    case "assigned": {
      const whom = what.length ? list(what) : "somebody";
      if (!entry.text) return entry.by ? html`${who} took ${whom} off the team` : html`${whom} left the team`;
      const part = entry.text === "owner" ? "the owner" : "a reviewer";
      return entry.by ? html`${who} made ${whom} ${part}` : html`${whom} became ${part} by itself`;
    }
    case "assignment_taken_back":
      return html`${who} took back who looks after them`;
    case "application_added":
      return html`${who} added them to ${job}`;
    case "source_set":
      return html`${who} said where they came from`;
    case "link_asked":
      return html`${html`<b>${firstName(name)}</b>`} asked for their link again`;
    case "scorecard_submitted":
      return html`${who} submitted a scorecard`;
    case "meeting_planned":
      return html`${who} planned ${meeting(entry)}`;
    case "meeting_changed":
      return html`${who} changed ${meeting(entry)}`;
    case "meeting_called_off":
      return html`${who} called off ${meeting(entry)}`;
    case "consent_given":
      return html`${who} agreed to being kept for ${job}`;
    default:
      return html`${who}`;
  }
}

/** What was written, with its face; a note can never be taken for a message. */
function written(entry: TimelineEntry, view: ProfileView): TemplateResult {
  const note = entry.kind === "note_written";
  const face = entry.by ? avatar(entry.by.id, entry.by.colour) : candidateFace(view.id, view.name, view.poster);
  return html`<li class="entry said ${note ? "note" : entry.by ? "mine" : ""}">
    ${face}
    <div class="grow">
      <header class="row">
        <b><bdi>${entry.by ? (entry.by.id === me.id ? "You" : entry.by.name) : view.name}</bdi></b>
        ${note ? html`<span class="badge warn">${icon("lock")}Team note</span>` : nothing}
        <span class="muted cut grow">${entry.title}</span>
        ${time(entry)}
      </header>
      <p class="words" dir="auto">${entry.text || html`<span class="muted">Erased</span>`}</p>
    </div>
  </li>`;
}

const time = (entry: TimelineEntry) =>
  html`<time class="muted num" datetime=${entry.at} title=${exactly(entry.at)}>${timeOfDay(entry.at)}</time>`;

function entryLine(entry: TimelineEntry, view: ProfileView): TemplateResult {
  if (entry.kind === "note_written" || entry.kind === "message_written") return written(entry, view);
  return html`<li class="entry">
    <span class="mark">${icon(ICONS[entry.kind])}</span>
    <p class="grow">
      ${sentence(entry, view.name)}${
        entry.title && entry.kind !== "applied" && entry.kind !== "imported" && entry.kind !== "application_added"
          ? html`<span class="muted"> · <bdi>${entry.title}</bdi></span>`
          : nothing
      }
    </p>
    ${time(entry)}
  </li>`;
}

/** Entries newest first, with the days between them. */
export function timeline(view: ProfileView, entries: readonly TimelineEntry[], shown: Shown): TemplateResult {
  const fitting = entries.filter((entry) => fits(entry, shown));
  if (!fitting.length) return html`<p class="muted nothingyet">Nothing yet.</p>`;
  let last = "";
  return html`<ol class="lifeline">
    ${fitting.map((entry) => {
      const heading = day(entry.at);
      const fresh = heading !== last;
      last = heading;
      return html`${fresh ? html`<li class="dayline muted"><h3>${heading}</h3></li>` : nothing}${entryLine(entry, view)}`;
    })}
  </ol>`;
}
