/** What happened in a job, newest first, beside its board; what can still be taken back has a button. */
import { html, nothing, render, type TemplateResult } from "lit";
import type { Activity, ActivityEntry, ActivityKind, AnyPayload } from "../live/protocol.gen.ts";
import { send, sentence } from "../lib/api.ts";
import { avatar } from "../lib/faces.ts";
import { icon } from "../lib/icons.ts";
import { api, firstName, may, me, path, shortName } from "../lib/me.ts";
import { SidePanel } from "../lib/side-panel.ts";
import { takeBack } from "../lib/taking-back.ts";
import { day, exactly, many, timeOfDay } from "../lib/time.ts";
import type { Board, Panel } from "./board-panels.ts";

const LINES = [1, 2, 3, 4, 5, 6]; // drawn before the first ones are there
const AGAIN = 400; // milliseconds after something happened, and as much again at random
const ICONS: Readonly<Record<ActivityKind, string>> = {
  applied: "user",
  submitted: "check",
  moved: "move",
  assigned: "user",
  tagged: "flag",
  messaged: "chat",
  wrote: "chat",
  noted: "lock",
  scored: "star",
  meeting_planned: "cal",
  meeting_changed: "cal",
  meeting_called_off: "cal",
  flow: "board",
  edited: "write",
  state: "jobs",
};

export class ActivityPanel implements Panel {
  private readonly panel = new SidePanel("activity", () => {
    clearTimeout(this.timer);
    return null;
  });
  private entries: ActivityEntry[] = [];
  private more = false;
  private fault = "";
  private known = false;
  private timer = 0;
  private undoing = new Set<string>();

  constructor(private readonly board: Board) {
    this.panel.title = "Activity";
    this.draw();
    void this.fetch();
  }

  get open(): boolean {
    return this.panel.isOpen;
  }

  heard(_payload: AnyPayload): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(), AGAIN * (1 + Math.random()));
  }

  /** The newest page; what was loaded below it stays, as far as it joins. */
  private async fetch(before: string | null = null): Promise<void> {
    const query = before ? `?before=${before}` : "";
    try {
      const page = await send<Activity>("GET", `${api(`jobs/${this.board.job().id}/activity`)}${query}`);
      const last = page.entries.at(-1)?.id;
      const older = before ? this.entries : [];
      const joins = this.entries.findIndex((entry) => entry.id === last);
      const kept = !before && page.more && joins >= 0 ? this.entries.slice(joins + 1) : [];
      if (before || !kept.length) this.more = page.more;
      this.entries = [...older, ...page.entries, ...kept];
      this.fault = "";
    } catch (error) {
      this.fault = sentence(error);
    }
    this.known = true;
    this.draw();
  }

  private async undo(entry: ActivityEntry): Promise<void> {
    this.undoing.add(entry.id);
    this.draw();
    await takeBack(
      this.board.job().id,
      entry.id,
      (cards, key) => this.board.changed(cards, key),
      this.board.moves.key(),
    );
    this.undoing.delete(entry.id);
    await this.fetch();
    if (this.open) this.panel.element.focus({ preventScroll: true });
  }

  private draw(): void {
    let last = "";
    render(
      html`<ol class="happened">
          ${this.entries.map((entry) => {
            const today = day(entry.at);
            const heading = today === last ? nothing : html`<li class="day"><h3>${today}</h3></li>`;
            last = today;
            return html`${heading}${this.line(entry)}`;
          })}
        </ol>
        ${this.known && !this.entries.length && !this.fault ? html`<p class="muted">Nothing happened yet.</p>` : nothing}
        ${
          this.known
            ? nothing
            : html`<p class="sr" role="status">One moment</p>
                <div class="awaited" aria-hidden="true">${LINES.map(() => html`<div class="skeleton"></div>`)}</div>`
        }
        ${this.fault ? html`<p class="fault" role="alert">${icon("alert")}${this.fault}</p>` : nothing}
        ${
          this.more
            ? html`<button type="button" class="button" @click=${() => this.fetch(this.entries.at(-1)?.id)}>
                Show older
              </button>`
            : nothing
        }`,
      this.panel.body,
    );
  }

  private line(entry: ActivityEntry) {
    const { by } = entry;
    const who = by ? (by.id === me.id ? "You" : firstName(by.name)) : "";
    const button =
      entry.undo === "open" && may.move
        ? html`<button
            type="button"
            class="button small"
            aria-label="Undo: ${spoken(entry, who)}"
            ?disabled=${this.undoing.has(entry.id)}
            @click=${() => void this.undo(entry)}
          >
            Undo
          </button>`
        : nothing;
    const undone = entry.undo === "done" ? `Taken back by ${entry.undone_by?.name ?? "somebody"}` : "";
    return html`<li class=${entry.undo === "done" ? "undone" : ""}>
      ${by ? avatar(by.id, by.colour, "small") : html`<span class="sign">${icon(ICONS[entry.kind])}</span>`}
      <p class="grow">
        ${who ? html`<b>${who}</b> ` : nothing}${words(entry, Boolean(who))}
        <small class="muted"
          ><time datetime=${entry.at} title=${exactly(entry.at)}>${timeOfDay(entry.at)}</time>${
            undone ? ` · ${undone}` : ""
          }</small
        >
      </p>
      ${button}
    </li>`;
  }
}

/** "Cleo", or "Cleo, Noor and 10 more". */
function whom({ names, count, application }: ActivityEntry): TemplateResult {
  const shown = count > names.length ? names.slice(0, 2) : names;
  const rest = count - shown.length;
  const some = shown.map((name, at) => {
    const mark = at === 0 ? "" : at === shown.length - 1 && !rest ? " and " : ", ";
    const word = html`<bdi>${shortName(name)}</bdi>`;
    return html`${mark}${application ? html`<a href=${path(`applications/${application}`)}>${word}</a>` : html`<b>${word}</b>`}`;
  });
  if (!shown.length) return html`${many(count, "candidate")}`;
  return html`${some}${rest ? ` and ${rest} more` : ""}`;
}

/** That a move came with words. */
function told({ told, count }: ActivityEntry): string {
  if (!told) return "";
  return ` and wrote to ${told < count ? `${told} of them` : count === 1 ? "them" : "each"}`;
}

function meeting(entry: ActivityEntry): TemplateResult {
  return entry.words ? html`<b><bdi>${entry.words}</bdi></b>` : html`a meeting`;
}

function words(entry: ActivityEntry, byMember: boolean): TemplateResult {
  const tag = html`<span class="tag"><bdi>${entry.tag}</bdi></span>`;
  const to = entry.stage ? html` to ${entry.stage}` : nothing;
  const from = entry.stage_from ? html` from ${entry.stage_from}` : nothing;
  switch (entry.kind) {
    case "applied":
      return html`${whom(entry)} applied`;
    case "submitted":
      return html`${whom(entry)} sent their answers`;
    case "moved":
      return byMember
        ? html`${entry.takes_back ? "took back a move: " : "moved "}${whom(entry)}${from}${to}${told(entry)}`
        : html`${whom(entry)} went${from}${to} by their own progress`;
    case "assigned": {
      const member = entry.member?.id === me.id ? "you" : (entry.member?.name ?? "a colleague");
      if (entry.takes_back) return html`took back who looks after ${whom(entry)}`;
      if (!entry.part) return html`${byMember ? "took" : ""} ${member} off ${whom(entry)}`;
      return html`${byMember ? "made" : "A stage made"} ${member} ${entry.part} of ${whom(entry)}`;
    }
    case "tagged":
      return entry.put
        ? html`${entry.takes_back ? "put back on" : "tagged"} ${whom(entry)} ${tag}`
        : html`${entry.takes_back ? "took back" : "took"} ${tag} ${entry.takes_back ? "on" : "off"} ${whom(entry)}`;
    case "messaged":
      return html`wrote to ${whom(entry)}`;
    case "wrote":
      return html`${whom(entry)} wrote to the team`;
    case "noted":
      return html`wrote a note on ${whom(entry)}`;
    case "scored":
      return html`submitted a scorecard for ${whom(entry)}`;
    case "meeting_planned":
      return html`planned ${meeting(entry)} with ${whom(entry)}`;
    case "meeting_changed":
      return html`changed ${meeting(entry)} with ${whom(entry)}`;
    case "meeting_called_off":
      return html`called off ${meeting(entry)} with ${whom(entry)}`;
    case "flow":
      return html`changed the flow`;
    case "edited":
      return html`edited the job`;
    case "state":
      return html`${{ open: "opened the job", closed: "closed the job" }[entry.words] ?? "made the job a draft again"}`;
  }
}

/** For the button's name: what it takes back. */
function spoken(entry: ActivityEntry, who: string): string {
  const people = entry.count === 1 ? (entry.names[0] ?? "a candidate") : many(entry.count, "candidate");
  const what = { moved: `moved ${people}`, assigned: `assigned ${people}`, tagged: `tagged ${people}` } as const;
  return `${who} ${what[entry.kind as keyof typeof what] ?? people}${entry.stage ? ` to ${entry.stage}` : ""}`;
}
