/**
 * The dialog in which a meeting is planned or changed. Times are on the clocks of whoever plans; who has something else
 * then is said while it is chosen. What is refused is said where it belongs, and what was written stays.
 */
import { html, nothing, render } from "lit";
import type { MeetingView, MemberRow } from "../live/protocol.gen.ts";
import { Failure, newKey, send, sentence } from "../lib/api.ts";
import { avatar } from "../lib/faces.ts";
import { dialogOf, shown } from "../lib/dialog.ts";
import { icon } from "../lib/icons.ts";
import {
  calendarDay,
  clockIn,
  dayName,
  ends,
  fromTo,
  instant,
  listed,
  long,
  ownZone,
  proposed,
  quoted,
  skipped,
  zoneWords,
} from "../lib/meetings.ts";
import { api, firstName, me, shortName } from "../lib/me.ts";
import { alarm } from "../lib/toast.ts";

/** With whom it is, and the meeting when one is changed. */
export interface About {
  application: string;
  name: string;
  meeting: MeetingView | null;
  /** The same as it is now, when somebody else may have changed it meanwhile. */
  latest?: () => MeetingView | undefined;
}

/** What is sent; `version` when one is changed. */
export interface Planned {
  title: string;
  starts_at: string;
  minutes: number;
  zone: string;
  place: string;
  members: string[];
  version?: number;
}

type Save = (planned: Planned, key: string) => Promise<void>;
type Faults = Readonly<Record<string, string>>;

const LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240, 480];
const SEARCHED = 8; // colleagues from which on they can be looked for
const MOST_WARNINGS = 3;
const ARRIVED = "What you sent first has arrived, and is planned. Close this, and change that meeting.";
const PAUSE_MS = 250; // after a change, before it is asked who has something else then

export class MeetingDialog {
  private readonly dialog = dialogOf("meeting-title", "meetingdialog");
  private readonly chosen: Set<string>;
  private readonly start: { day: string; time: string };
  private readonly key = newKey(); // of one plan, however often it is sent
  private faults: Faults = {};
  private general = "";
  private busy = false;
  private wanted = "";
  private clashes: readonly MeetingView[] = [];
  private timer = 0;
  private asked = "";
  private version: number | null; // the one that was seen

  constructor(
    private readonly about: About,
    private readonly members: readonly MemberRow[],
    private readonly save: Save,
  ) {
    const { meeting } = about;
    this.version = meeting?.version ?? null;
    const here = new Set(members.map(({ id }) => id)); // who left meanwhile could not be unticked
    this.chosen = new Set(meeting ? meeting.members.map(({ id }) => id).filter((id) => here.has(id)) : [me.id]);
    this.start = meeting
      ? { day: calendarDay(meeting.starts_at), time: clockIn(meeting.starts_at) }
      : proposed(Date.now());
  }

  async open(): Promise<void> {
    this.draw();
    const closed = shown(this.dialog, "#meeting-name");
    this.dialog.querySelector<HTMLInputElement>("#meeting-name")?.select();
    void this.look();
    await closed;
    clearTimeout(this.timer);
  }

  // What is chosen

  private value(name: string): string {
    return (
      this.dialog.querySelector<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(`[name=${name}]`)?.value ??
      ""
    );
  }

  /** A time that nobody touched stays what it was, on the clocks on which it was chosen. */
  private planned(): Planned {
    const { start } = this;
    const { meeting } = this.about;
    const [day, time] = [this.value("day"), this.value("time")];
    const kept = meeting && day === start.day && time === start.time ? meeting : null;
    return {
      title: this.value("title"),
      starts_at: kept?.starts_at ?? instant(day, time) ?? "",
      minutes: Number(this.value("minutes")),
      zone: kept?.zone ?? ownZone(),
      place: this.value("place"),
      members: [...this.chosen],
      ...(this.version === null ? {} : { version: this.version }),
    };
  }

  private choose(id: string, on: boolean): void {
    if (on) this.chosen.add(id);
    else this.chosen.delete(id);
    this.changed();
  }

  private changed(): void {
    this.draw();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE_MS);
  }

  /** Who has something else then. That it cannot be known just now stops nobody. */
  private async look(): Promise<void> {
    const planned = this.planned();
    const asked = (this.asked = JSON.stringify(planned));
    let found: readonly MeetingView[] = [];
    try {
      if (planned.starts_at) found = await send<MeetingView[]>("GET", api(this.question(planned)));
    } catch {
      return;
    }
    if (asked !== this.asked) return;
    this.clashes = found;
    this.draw();
  }

  private question(planned: Planned): string {
    const { application, meeting } = this.about;
    const until = new Date(ends(planned)).toISOString();
    const words = new URLSearchParams({ from: planned.starts_at, until });
    for (const id of planned.members) words.append("members", id);
    if (meeting) words.set("besides", meeting.id);
    return `applications/${application}/meetings/clashes?${words}`;
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    const planned = this.planned();
    this.faults = lacks(planned);
    if (skipped(this.value("day"), this.value("time"))) {
      this.faults = { starts_at: "Clocks are put forward then and never show this time. Choose another one." };
    }
    this.general = "";
    if (!Object.keys(this.faults).length) {
      this.busy = true;
      this.draw();
      try {
        await this.save(planned, this.key);
        this.dialog.close();
        return;
      } catch (error) {
        this.refused(error);
      }
      this.busy = false;
    }
    this.draw();
    const people = this.faults["members"] ? this.dialog.querySelector<HTMLElement>(".whos input") : null;
    (this.dialog.querySelector<HTMLElement>('[aria-invalid="true"]') ?? people)?.focus();
  }

  /** Whoever saves again after somebody else's change was told of it: then theirs counts no more. */
  private refused(error: unknown): void {
    this.faults = error instanceof Failure ? error.fields : {};
    this.general = Object.keys(this.faults).length ? (this.faults["zone"] ?? "") : sentence(error);
    if (!this.dialog.open) alarm(sentence(error), { name: "meeting" });
    if (error instanceof Failure && error.code === "key_reused") this.general = ARRIVED;
    if (error instanceof Failure && error.code === "meeting_changed") {
      this.version = this.about.latest?.()?.version ?? this.version;
    }
  }

  // Drawing

  private draw(): void {
    const { about, faults, general } = this;
    const { meeting } = about;
    render(
      html`<form class="asked" novalidate @submit=${(event: SubmitEvent) => void this.submit(event)}>
        <h2 id="meeting-title">
          ${meeting ? "Change the meeting" : html`Plan a meeting with <bdi>${shortName(about.name)}</bdi>`}
        </h2>
        <div class="labelled">
          <label for="meeting-name">What is it?</label>
          <span class="field"
            ><input
              id="meeting-name"
              name="title"
              dir="auto"
              maxlength="120"
              autocomplete="off"
              .defaultValue=${meeting?.title ?? "Interview"}
              aria-invalid=${faults["title"] ? "true" : "false"}
              aria-describedby=${faults["title"] ? "meeting-fault-title" : nothing}
          /></span>
          ${this.fault("title")}
        </div>
        ${this.time()} ${this.whos()}
        <div class="labelled">
          <label for="meeting-place">Where? <span class="muted">(optional)</span></label>
          <textarea
            class="box"
            id="meeting-place"
            name="place"
            rows="1"
            dir="auto"
            maxlength="500"
            autocomplete="off"
            placeholder="A link, a phone number or an address"
            .defaultValue=${meeting?.place ?? ""}
            aria-invalid=${faults["place"] ? "true" : "false"}
            aria-describedby=${faults["place"] ? "meeting-fault-place" : nothing}
            @keydown=${sendsOnEnter}
          ></textarea>
          ${this.fault("place")}
        </div>
        ${this.warning()} ${general ? html`<p class="fault" role="alert">${icon("alert")}${general}</p>` : nothing}
        <footer>
          <span class="grow muted told">${icon("mail")}<span>${firstName(about.name)} is told at once.</span></span>
          <button type="button" class="button" @click=${() => this.dialog.close()}>Cancel</button>
          <button class="button primary" aria-busy=${this.busy}>${meeting ? "Change" : "Plan it"}</button>
        </footer>
      </form>`,
      this.dialog,
    );
  }

  private fault(name: string) {
    const words = this.faults[name];
    return words
      ? html`<p class="fault" id="meeting-fault-${name}" role="alert">${icon("alert")}${words}</p>`
      : nothing;
  }

  private time() {
    const { faults, start } = this;
    const minutes = this.about.meeting?.minutes ?? 30;
    const lengths = [...new Set([...LENGTHS, minutes])].sort((one, other) => one - other);
    const at = instant(this.value("day") || start.day, this.value("time") || start.time) ?? new Date().toISOString();
    const changed = () => this.changed();
    const invalid = faults["starts_at"] ? "true" : "false";
    return html`<div class="labelled">
      <div class="whenrow">
        <div class="labelled">
          <label for="meeting-day">Day</label
          ><input
            class="box"
            type="date"
            id="meeting-day"
            name="day"
            min=${calendarDay(Date.now())}
            .defaultValue=${start.day}
            aria-invalid=${invalid}
            aria-describedby="meeting-zone meeting-fault-starts_at"
            @input=${changed}
          />
        </div>
        <div class="labelled">
          <label for="meeting-time">Time</label
          ><input
            class="box"
            type="time"
            id="meeting-time"
            name="time"
            .defaultValue=${start.time}
            aria-invalid=${invalid}
            aria-describedby="meeting-zone meeting-fault-starts_at"
            @input=${changed}
          />
        </div>
        <div class="labelled">
          <label for="meeting-minutes">Length</label>
          <select class="box" id="meeting-minutes" name="minutes" @change=${changed}>
            ${lengths.map((one) => html`<option value=${one} ?selected=${one === minutes}>${long(one)}</option>`)}
          </select>
        </div>
      </div>
      ${this.fault("starts_at")} ${this.fault("minutes")}
      <p class="help" id="meeting-zone">
        ${zoneWords(ownZone(), at)}, on your clock. ${firstName(this.about.name)} reads it in their own.
      </p>
    </div>`;
  }

  /** Me first, then those who were chosen when it opened. */
  private whos() {
    const looked = this.wanted.trim().toLocaleLowerCase();
    const before = new Set(this.about.meeting?.members.map(({ id }) => id));
    const rank = ({ id }: MemberRow) => (id === me.id ? 0 : before.has(id) ? 1 : 2);
    const found = this.members
      .filter(({ name }) => name.toLocaleLowerCase().includes(looked))
      .sort((one, other) => rank(one) - rank(other));
    const busy = new Set(this.clashes.flatMap(({ members }) => members.map(({ id }) => id)));
    return html`<fieldset class="whos" aria-describedby=${this.faults["members"] ? "meeting-fault-members" : nothing}>
      <legend>Who takes part? <span class="muted num">${this.chosen.size}</span></legend>
      ${
        this.members.length >= SEARCHED
          ? html`<label class="field"
              >${icon("find")}<input
                type="search"
                aria-label="Find a colleague"
                autocomplete="off"
                @input=${(event: Event) => {
                  this.wanted = (event.target as HTMLInputElement).value;
                  this.draw();
                }}
            /></label>`
          : nothing
      }
      <ul>
        ${found.map(
          (member) =>
            html`<li>
              <label class="tick"
                ><input
                  type="checkbox"
                  .checked=${this.chosen.has(member.id)}
                  @change=${(event: Event) => this.choose(member.id, (event.target as HTMLInputElement).checked)}
                />${avatar(member.id, member.colour, "small")}<span class="grow cut"
                  ><bdi>${member.id === me.id ? "Me" : member.name}</bdi></span
                >${busy.has(member.id) && this.chosen.has(member.id) ? html`<span class="badge warn">Busy then</span>` : nothing}</label
              >
            </li>`,
        )}
      </ul>
      ${found.length ? nothing : html`<p class="muted" role="status">Nobody is called that.</p>`}
      ${this.fault("members")}
    </fieldset>`;
  }

  private warning() {
    const more = this.clashes.length - MOST_WARNINGS;
    const lines = this.clashes.slice(0, MOST_WARNINGS).map((clash) => this.clash(clash));
    if (more > 0) lines.push(`And ${more} more meeting${more > 1 ? "s" : ""} then.`);
    return html`<div role="status">
      ${lines.length ? html`<p class="notice warn">${icon("alert")}<span>${lines.map((line) => html`${line}<br />`)}</span></p>` : nothing}
    </div>`;
  }

  /** "You and Ben have “Interview” with Cleo, today, 10:00 to 10:30." */
  private clash(other: MeetingView): string {
    const taking = other.members.filter(({ id }) => this.chosen.has(id));
    const names = taking.map(({ id, name }) => (id === me.id ? "you" : firstName(name)));
    const theirs = other.application === this.about.application || !names.length;
    const who = listed(theirs ? [...names, firstName(this.about.name)] : names);
    const has = names.length + Number(theirs) > 1 || who === "you" ? "have" : "has";
    const whom = theirs ? "" : ` with ${firstName(other.candidate.name)}`;
    const day = dayName(other.starts_at, Date.now()).replace(/^To/u, "to");
    return `${who.replace(/^you/u, "You")} ${has} ${quoted(other.title)}${whom} ${day}, ${fromTo(other)}.`;
  }
}

/** An address has lines, and Shift+Enter begins one; Enter alone sends, as in every other field. */
function sendsOnEnter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  (event.currentTarget as HTMLTextAreaElement).form?.requestSubmit();
}

/** What cannot be sent at all. */
function lacks({ title, starts_at, members }: Planned): Faults {
  return {
    ...(title.trim() ? {} : { title: "Say what it is, for example “Interview”." }),
    ...(starts_at ? {} : { starts_at: "Choose a day and a time." }),
    ...(members.length ? {} : { members: "Choose who takes part." }),
  };
}
